// Command stormhooks is Stormhooks in one static binary: the hook server (serve), the
// verbs for the pods of topologies (jar, submit), and previews for people (render, plan).
//
// Each verb has its own file; main.go only lists them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if command, err := newCommand().ExecuteContextC(ctx); err != nil {
		stop()
		os.Exit(cli.End("stormhooks", command, err, os.Stdout, os.Stderr))
	}
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "stormhooks",
		Short:         "Run Apache Storm topologies from container images, with Metacontroller",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.AddCommand(
		newServeCommand(),
		newJarCommand(),
		newSubmitCommand(),
		cli.NewRender(version, nil), // no judge: the libraries of the API server are large
		cli.NewPlan(nil),
		cli.NewVersion("stormhooks", version),
	)
	return command
}
