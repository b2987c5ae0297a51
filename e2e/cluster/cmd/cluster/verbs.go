package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

func build(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "build", Short: "Build what the cluster is made of, as far as it is missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error { return buildParts(cmd, p) })
		},
	}
}

func buildParts(cmd *cobra.Command, p *run.Progress) error {
	if err := parts.NeedRoot(); err != nil {
		return err
	}
	if err := parts.NeedTools("go", "java", "mvn", "apt-get"); err != nil {
		return err
	}
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	if parts.Missing(checkout) {
		p.Say("The first build of Kubernetes, containerd and CoreDNS takes about 20 minutes on 2 cores and a few GB of disk; it is kept in %s.", place.Cache())
	}
	if err := parts.Debian(cmd.Context(), p); err != nil {
		return err
	}
	return parts.Build(cmd.Context(), checkout, p)
}

func pull(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "images", Short: "Make the container images, as far as they are missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error {
				if _, err := images.Storm(cmd.Context()); err != nil {
					return err
				}
				p.Say("done")
				return nil
			})
		},
	}
}

func up(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "up", Short: "Start the cluster, or bring the one that is up to this checkout's state", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error { return node.Up(cmd.Context()) })
		},
	}
}

func down(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: "Take the cluster away; what was built stays", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error {
				return p.Do("the cluster is taken away", func() error { return node.Down(cmd.Context()) })
			})
		},
	}
}

func status() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say whether the cluster is up", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !node.Running(cmd.Context()) {
				return fmt.Errorf("no cluster is up. Start one: make cluster-up")
			}
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
