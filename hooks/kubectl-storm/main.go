// Command kubectl-storm is the command line for people who write StormTopologies. On the
// PATH it is kubectl storm.
//
// For validate it contains the libraries of the API server. So it is a program and a
// module of its own: the program that is copied into pods (hooks/stormhooks) stays small.
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

// version is set by the linker: see build in the Makefile.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand().ExecuteContext(ctx)
	stop()
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, "kubectl storm:", err)
	}
	os.Exit(cli.Code(err))
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "kubectl-storm",
		Short:         "Validate, preview and migrate StormTopologies",
		SilenceUsage:  true,
		SilenceErrors: true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl storm"},
	}
	command.SetFlagErrorFunc(cli.WrongFlag)
	command.AddCommand(
		newValidateCommand(),
		cli.NewRender(version, judge),
		cli.NewPlan(judge),
		cli.NewAdopt(),
		cli.NewExport(),
		cli.NewVersion("kubectl-storm", version),
	)
	return command
}
