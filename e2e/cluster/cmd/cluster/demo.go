package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/e2e/cluster/demo"
	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/install"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// where is the cluster that the demo uses.
type where struct{ cluster, image, stormImage string }

func (w *where) flags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&w.cluster, "cluster", "own", "own: set one up on this machine; kind: create one in Docker; current: the one of kubectl's current context")
	cmd.Flags().StringVar(&w.image, "image", "", "with --cluster=current: our image")
	cmd.Flags().StringVar(&w.stormImage, "storm-image", "", "with --cluster=current: a Storm image that has storm-starter at the guide's path")
	return cmd
}

func (w *where) check() error {
	if !slices.Contains([]string{"own", "kind", "current"}, w.cluster) {
		return fmt.Errorf("CLUSTER=%s is not known. Leave it out, or use CLUSTER=kind for a cluster in Docker, or CLUSTER=current for the cluster of your kubectl context", w.cluster)
	}
	return nil
}

func demoVerb(p *run.Progress) *cobra.Command {
	var w where
	return w.flags(&cobra.Command{
		Use: "demo", Short: "Show the guide's first topology in a real Storm", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := w.check(); err != nil {
				return err
			}
			switch w.cluster {
			case "current":
				return demoCurrent(cmd.Context(), p, w)
			case "kind":
				return demoKind(cmd.Context(), p)
			}
			return demoOwn(cmd.Context(), p)
		},
	})
}

func demoOwn(ctx context.Context, p *run.Progress) error {
	return locked(func() error {
		driver, err := bringUp(ctx, p)
		if err != nil {
			return err
		}
		checkout, err := place.Checkout()
		if err != nil {
			return err
		}
		example, err := demo.Example(checkout, "")
		if err != nil {
			return err
		}
		if err := demo.Run(ctx, p, node.Kube(), example); err != nil {
			return err
		}
		err = demo.Show(ctx, node.Kube(), driver.What, []string{
			"export KUBECONFIG=" + place.Kubeconfig() + " PATH=" + place.In("bin") + ":$PATH",
		})
		fmt.Print("  make demo-down\n\n")
		p.Say("All of it took %s.", p.Elapsed())
		return err
	})
}

// demoCurrent builds nothing: images come from where the cluster pulls them.
func demoCurrent(ctx context.Context, p *run.Progress, w where) error {
	if err := parts.NeedTools("kubectl"); err != nil {
		return err
	}
	if w.stormImage == "" {
		return fmt.Errorf("STORM_IMAGE is missing. The stock apache/storm:2.8.1 has no storm-starter JAR: name an image that has it at the guide's path, see docs/images.md")
	}
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	k := kube.Current()
	if _, err := k.Run(ctx, "get", "crd", "compositecontrollers.metacontroller.k8s.io"); err != nil {
		if strings.Contains(err.Error(), "NotFound") {
			return fmt.Errorf("the cluster of the current kubectl context has no Metacontroller. Install Metacontroller 4.17 first")
		}
		return fmt.Errorf("the cluster of the current kubectl context does not answer: %w", err)
	}
	return demoIn(ctx, p, k, checkout, w)
}

// demoIn shows the demo in a cluster that has Metacontroller.
func demoIn(ctx context.Context, p *run.Progress, k kube.Kubectl, checkout string, w where) error {
	if err := installCurrent(ctx, p, k, checkout, w); err != nil {
		return err
	}
	example, err := demo.Example(checkout, w.stormImage)
	if err != nil {
		return err
	}
	if err := demo.Run(ctx, p, k, example); err != nil {
		return err
	}
	err = demo.Show(ctx, k, "the Metacontroller of the cluster", nil)
	fmt.Printf("  make demo-down CLUSTER=%s\n\n", w.cluster)
	return err
}

func installCurrent(ctx context.Context, p *run.Progress, k kube.Kubectl, checkout string, w where) error {
	return p.Do("Stormhooks and a Storm are installed", func() error {
		if err := install.OwnDefinitions(ctx, k, checkout); err != nil {
			return err
		}
		if err := install.Storm(ctx, k, checkout, w.stormImage); err != nil {
			return err
		}
		if err := install.StormReady(ctx, k, "storm-system"); err != nil { // see installAll
			return err
		}
		if err := install.Stormhooks(ctx, k, checkout, w.image); err != nil {
			return err
		}
		return install.StormhooksReady(ctx, k)
	})
}

func demoDown(p *run.Progress) *cobra.Command {
	var w where
	return w.flags(&cobra.Command{
		Use: "demo-down", Short: "Remove everything that the demo created", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := w.check(); err != nil {
				return err
			}
			switch w.cluster {
			case "own":
				return down(p).RunE(cmd, nil)
			case "kind":
				return p.Do("the cluster "+kindCluster+" is deleted", func() error { return kindDown(cmd.Context()) })
			}
			return p.Do("the demo is removed", func() error { return downCurrent(cmd.Context(), kube.Current()) })
		},
	})
}

// downCurrent removes the topology first, while Stormhooks still runs and can
// kill it in Storm, then Storm, then what calls Storm.
func downCurrent(ctx context.Context, k kube.Kubectl) error {
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	if _, err := k.Run(ctx, "delete", "stormtopologies", "--all", "-n", "storm-system", "--ignore-not-found", "--timeout=180s"); err != nil {
		return err
	}
	for _, what := range []string{"storm-dev", "install"} {
		overlay := kube.Overlay{Resources: []string{filepath.Join(checkout, "manifests", what)}, Images: map[string]string{images.OwnRepository: images.OwnRepository + ":any"}}
		if err := k.Delete(ctx, overlay, "--timeout=300s"); err != nil {
			return err
		}
	}
	return nil
}
