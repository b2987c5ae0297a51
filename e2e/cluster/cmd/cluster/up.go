package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/install"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

func up(p *run.Progress) *cobra.Command {
	return &cobra.Command{
		Use: "up", Short: "Start the cluster, or bring the one that is up to the checkout's state", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return locked(func() error {
				driver, err := bringUp(cmd.Context(), p)
				if err != nil {
					return err
				}
				p.Say("The cluster is up. Storm is in namespace storm-system, and %s calls our hooks.", driver.What)
				fmt.Printf("\n  export KUBECONFIG=%s\n  %s get stormclusters,pods -A\n\n", place.Kubeconfig(), place.Bin("kubectl"))
				return nil
			})
		},
	}
}

// bringUp makes all that is missing: programs, images, the node, and in it
// Storm, the driver and Stormhooks as this checkout has them.
func bringUp(ctx context.Context, p *run.Progress) (install.Driver, error) {
	checkout, err := prepare(ctx, p)
	if err != nil {
		return install.Driver{}, err
	}
	set, err := buildAll(ctx, p, checkout)
	if err != nil {
		return install.Driver{}, err
	}
	if node.Running(ctx) {
		err = node.Push(ctx, set.all)
	} else {
		err = p.Do("Kubernetes starts", func() error { return node.Up(ctx, set.all) })
	}
	if err != nil {
		return install.Driver{}, err
	}
	if err := images.Prune(); err != nil {
		return install.Driver{}, err
	}
	return set.driver, installAll(ctx, p, checkout, set)
}

// buildAll builds the programs, and makes the images meanwhile: those wait for the network and
// the disk, and the build for the processors.
func buildAll(ctx context.Context, p *run.Progress, checkout string) (set imageSet, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	made := make(chan error, 1)
	go func() {
		var err error
		set, err = makeImages(ctx, p, checkout)
		made <- err
	}()
	built := parts.Build(ctx, checkout, p)
	if built != nil {
		cancel()
	}
	return set, cmp.Or(built, <-made)
}

// installAll begins with what takes longest to come up. The driver comes last: where Storm
// does not answer yet, Stormhooks asks it again only 10 s later.
func installAll(ctx context.Context, p *run.Progress, checkout string, set imageSet) error {
	k := node.Kube()
	return p.Do("Storm, "+set.driver.What+" and Stormhooks are installed", func() error {
		if err := node.WaitReady(ctx); err != nil {
			return err
		}
		if err := install.Definitions(ctx, k, checkout); err != nil {
			return err
		}
		if err := install.Storm(ctx, k, checkout, set.storm); err != nil {
			return err
		}
		if err := install.Stormhooks(ctx, k, checkout, set.own); err != nil {
			return err
		}
		if err := install.StormhooksReady(ctx, k); err != nil {
			return err
		}
		if err := install.StormReady(ctx, k, "storm-system"); err != nil {
			return err
		}
		if err := install.Drive(ctx, k, checkout, set.driver); err != nil {
			return err
		}
		return install.DriverReady(ctx, k)
	})
}

// imageSet is the images of a run and the names that manifests need.
type imageSet struct {
	all        []images.Image
	own, storm string
	driver     install.Driver
}

func makeImages(ctx context.Context, p *run.Progress, checkout string) (imageSet, error) {
	var set imageSet
	err := p.Do("container images are made", func() error {
		for _, make := range []func() (images.Image, error){
			func() (images.Image, error) { return images.PauseImage(ctx, checkout) },
			func() (images.Image, error) { return images.BusyBox(ctx) },
			func() (images.Image, error) {
				image, err := images.Storm(ctx)
				set.storm = image.Name
				return image, err
			},
			func() (images.Image, error) {
				image, err := images.Own(ctx, checkout)
				set.own = image.Name
				set.all = append(set.all, images.Next(image))
				return image, err
			},
			func() (images.Image, error) { return driverImage(ctx, checkout, &set.driver) },
		} {
			image, err := make()
			if err != nil {
				return err
			}
			set.all = append(set.all, image)
		}
		return nil
	})
	return set, err
}

func driverImage(ctx context.Context, checkout string, driver *install.Driver) (images.Image, error) {
	if program := os.Getenv("METACONTROLLER"); program != "" {
		image, err := images.MetacontrollerImage(ctx, program)
		*driver = install.RealMetacontroller(program, image.Name)
		return image, err
	}
	image, err := images.StandinImage(ctx, checkout)
	*driver = install.StandIn(image.Name)
	return image, err
}
