// Command cluster sets up a real one-node Kubernetes with a real Storm on this
// machine, and removes it again.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/registry"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
	"github.com/stormhooks/stormhooks/e2e/cluster/volumes"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root(run.NewProgress(os.Stdout)).ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func root(p *run.Progress) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "cluster",
		Short:         "A real Kubernetes and a real Storm on this machine",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(build(p), makeOnly(p), up(p), down(p), status(), demoVerb(p), demoDown(p), registryServer(), provisioner())
	return cmd
}

// registryServer and provisioner are programs of the cluster, started by `up`.
func registryServer() *cobra.Command {
	return &cobra.Command{
		Use: "registry ADDRESS BLOBS", Hidden: true, Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return registry.Serve(args[0], args[1], registry.Login{Private: images.Private, User: images.User, Password: images.Password})
		},
	}
}

func provisioner() *cobra.Command {
	return &cobra.Command{
		Use: "volumes KUBECONFIG CLASS FOLDER", Hidden: true, Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return volumes.Run(cmd.Context(), args[0], args[1], args[2])
		},
	}
}
