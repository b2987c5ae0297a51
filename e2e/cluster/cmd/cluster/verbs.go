package main

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

func build(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "build", Short: "Build what the cluster is made of, as far as it is missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error {
				checkout, err := prepare(cmd.Context(), p)
				if err != nil {
					return err
				}
				return parts.Build(cmd.Context(), checkout, p)
			})
		},
	}
}

// prepare installs the tools that are missing, and gives the checkout.
func prepare(ctx context.Context, p *run.Progress) (checkout string, err error) {
	if err := parts.NeedTools("go", "java", "mvn", "apt-get"); err != nil {
		return "", err
	}
	if err := parts.NeedRoot(); err != nil {
		return "", err
	}
	if checkout, err = place.Checkout(); err != nil {
		return "", err
	}
	if parts.Missing(checkout) {
		p.Say("The first build (Kubernetes, etcd, containerd, CoreDNS, from their Go modules) takes about ten minutes on 2 cores and some GB of disk. It is kept in %s; the next start takes a minute.", place.Cache())
	}
	return checkout, parts.Debian(ctx, p)
}

func makeOnly(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "images", Short: "Make the container images, as far as they are missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error {
				checkout, err := place.Checkout()
				if err != nil {
					return err
				}
				_, err = makeImages(cmd.Context(), p, checkout)
				return err
			})
		},
	}
}

func down(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: "Remove the cluster; the cache stays", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := parts.NeedRoot(); err != nil {
				return err
			}
			return locked(func() error {
				return p.Do("the cluster is removed", func() error { return node.Down(cmd.Context()) })
			})
		},
	}
}

func status() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say whether the cluster is up, and what runs in it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !node.Running(cmd.Context()) {
				return fmt.Errorf("no cluster is up. Start one: make cluster-up")
			}
			pods, err := node.Kube().Run(cmd.Context(), "get", "pods", "-A", "-o", "wide")
			if err != nil {
				return err
			}
			fmt.Printf("KUBECONFIG=%s\n%s", place.Kubeconfig(), pods)
			return nil
		},
	}
}

// locked keeps two runs from building or starting the same thing at once.
func locked(act func() error) error {
	if err := os.MkdirAll(place.Cache(), 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(place.In(".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		fmt.Fprintln(os.Stderr, "cluster: another run is at work, waiting for it")
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
			return err
		}
	}
	return act()
}
