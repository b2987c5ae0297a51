package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/inpod"
)

// newJarCommand has the verbs for JARs that run in pods (see pkg/inpod).
func newJarCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "jar",
		Short: "In a pod: get a topology's JAR out of its image",
	}
	command.AddCommand(newJarExtractCommand(), newJarInstallCommand())
	return command
}

func newJarExtractCommand() *cobra.Command {
	var extract inpod.Extract
	command := &cobra.Command{
		Use:   "extract --from PATH --to FILE --main-class CLASS [-- COMMAND ARG...]",
		Short: "Copy the JAR to the volume and check it",
		RunE: func(command *cobra.Command, args []string) error {
			extract.Command = args
			extract.Log = command.OutOrStdout()
			return extract.Run(command.Context())
		},
	}
	flags := command.Flags()
	flags.StringVar(&extract.From, "from", "", "path of the JAR in the image, or a glob that matches exactly one")
	flags.StringVar(&extract.To, "to", "", "file on the volume, named after the JAR revision")
	flags.StringVar(&extract.MainClass, "main-class", "", "class that must be in the JAR")
	flags.StringVar(&extract.SHA256, "sha256", "", "checksum that the JAR must have, in hexadecimal")
	flags.StringArrayVar(&extract.Dependencies, "dependency", nil, "path or glob of more JARs in the image; may be repeated")
	flags.StringArrayVar(&extract.Files, "file", nil, "path or glob of files in the image for main; may be repeated")
	flags.StringArrayVar(&extract.Keep, "keep", nil, "another file of the volume that is not removed; may be repeated")
	flags.DurationVar(&extract.Timeout, "timeout", 5*time.Minute, "limit of the whole extraction")
	flags.StringVar(&extract.Image, "image", "", "name of the image, for messages")
	flags.StringVar(&extract.Work, "work", "/extracted", "folder where COMMAND leaves the JAR")
	flags.StringArrayVar(&extract.Variables, "variable", nil, "variable of the environment that replaces $(NAME) in COMMAND; may be repeated")
	flags.StringVar(&extract.TerminationLog, "termination-log", inpod.TerminationLog, "termination message file; it must exist")
	return command
}

func newJarInstallCommand() *cobra.Command {
	var to string
	command := &cobra.Command{
		Use:   "install --to FOLDER",
		Short: "Copy this binary into a folder that other containers mount",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return inpod.Install(to, command.OutOrStdout())
		},
	}
	command.Flags().StringVar(&to, "to", "", "the folder")
	_ = command.MarkFlagRequired("to") // fails only for a flag that does not exist
	return command
}
