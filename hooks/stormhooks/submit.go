package main

import (
	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/inpod"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// newSubmitCommand runs in the pod that submits (see pkg/inpod).
func newSubmitCommand() *cobra.Command {
	var submit inpod.Submit
	var loopback bool
	command := &cobra.Command{
		Use:   "submit --submission JSON",
		Short: "In a pod: run main against a recorder and hand its topology over to Storm",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			submit.Log = command.OutOrStdout()
			if loopback {
				submit.ClientOptions = append(submit.ClientOptions, nimbus.AllowLoopback())
			}
			return submit.Run(command.Context())
		},
	}
	flags := command.Flags()
	flags.StringArrayVar(&submit.Chunks, "submission", nil, "the submission as JSON; several are joined")
	flags.StringVar(&submit.TerminationLog, "termination-log", inpod.TerminationLog, "termination message file; it must exist")
	flags.BoolVar(&loopback, "allow-loopback", false, "accept a Nimbus on this machine's loopback, for trials by hand")
	_ = flags.MarkHidden("allow-loopback") // fails only for a flag that does not exist
	return command
}
