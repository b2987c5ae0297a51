// Command kubectl-storm is the command line for people who write StormTopologies. On the
// PATH it is kubectl storm.
//
// For validate it contains the libraries of the API server. So it is a program and a
// module of its own: the program that is copied into pods (hooks/stormhooks) stays small.
package main

import (
	"context"
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
	command, err := newCommand().ExecuteContextC(ctx)
	stop()
	os.Exit(cli.End("kubectl storm", command, err, os.Stdout, os.Stderr))
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "kubectl-storm",
		Version:       version, // for --version
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
		cli.NewExport(judge),
		cli.NewVersion("kubectl-storm", version),
	)
	return command
}
