// Command stormhooks is all of Stormhooks in one static binary: the hook server
// (serve), what runs in the pods of topologies (jar, submit), and what shows a
// person beforehand what either would do (render, plan).
//
// A verb is a file of its own; main.go only lists them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		if text := err.Error(); text != "" {
			fmt.Fprintln(os.Stderr, "stormhooks:", text)
		}
		stop()
		os.Exit(cli.Code(err))
	}
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "stormhooks",
		Short:         "Apache Storm topologies from container images, by Metacontroller's hooks",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.AddCommand(
		newServeCommand(),
		newJarCommand(),
		newSubmitCommand(),
		cli.NewRender(version, nil), // no judge: the API server's libraries are heavy
		cli.NewPlan(nil),
		cli.NewVersion("stormhooks", version),
	)
	return command
}
