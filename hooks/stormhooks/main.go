// Command stormhooks is all of Stormhooks in one static binary: the hook server
// (serve), and what runs in the pods of topologies (jar, submit).
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "stormhooks:", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "stormhooks",
		Short:         "Apache Storm topologies from container images, by Metacontroller's hooks",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.CompletionOptions.DisableDefaultCmd = true
	command.AddCommand(
		newServeCommand(),
		newJarCommand(),
		newSubmitCommand(),
		newVersionCommand(),
	)
	return command
}
