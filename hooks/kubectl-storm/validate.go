package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/validate"
)

// validation holds the flags of validate.
type validation struct {
	files     []string
	namespace string
	strict    bool
	storm     string
	output    cli.Output
}

func newValidateCommand() *cobra.Command {
	var v validation
	command := &cobra.Command{
		Use:   "validate -f FILE...",
		Short: "Validate StormTopologies and StormClusters offline, with file and line",
		Long: `Validate StormTopologies and StormClusters, with file and line. Errors are what the API
server would reject (unknown fields, the schema, the rules) and what the hook would
report as InvalidSpec. Warnings are what is accepted and most likely a mistake.

Exit codes: 0 if nothing is wrong, 1 if something is wrong, 2 if a file could not be read
or nothing was checked.`,
		Args: cobra.NoArgs,
		RunE: v.run,
	}
	command.SetFlagErrorFunc(cli.WrongFlag)
	flags := command.Flags()
	flags.StringArrayVarP(&v.files, "filename", "f", nil, "file or folder; other kinds of objects are skipped; - is stdin")
	flags.StringVarP(&v.namespace, "namespace", "n", "default", "namespace of objects without one")
	flags.BoolVar(&v.strict, "strict", false, "exit with code 1 for warnings too")
	flags.StringVar(&v.storm, "storm-version", "", "version of the Storm that runs the topologies, such as 2.8.1; the newest if it is not given")
	v.output.Flag(command, "json")
	return command
}

func (v *validation) run(command *cobra.Command, _ []string) error {
	if err := v.output.Check("json"); err != nil {
		return err
	}
	documents, err := cli.Read(v.files, command.InOrStdin())
	if err != nil {
		return err
	}
	validator, err := validate.New()
	if err != nil {
		return err
	}
	validator.Namespace, validator.StormVersion = v.namespace, v.storm
	if command.Flags().Changed("namespace") {
		validator.Only = v.namespace
	}
	result := validator.Documents(command.Context(), documents)
	if result.Objects == 0 && result.Others == 0 && len(result.Problems) == 0 {
		return cli.Exit{Code: cli.Unread, Err: fmt.Errorf("nothing to validate in %s", strings.Join(v.files, ", "))}
	}
	return v.write(command.OutOrStdout(), result)
}

func (v *validation) write(out io.Writer, result validate.Result) error {
	errors, warnings := result.Count(validate.Error), result.Count(validate.Warning)
	if v.output.JSON() {
		if err := cli.WriteJSON(out, result); err != nil {
			return err
		}
	} else {
		for _, problem := range result.Problems {
			fmt.Fprintln(out, problem)
		}
		fmt.Fprintf(out, "%s, %s, %s\n", plural(result.Objects, "object"), plural(errors, "error"), plural(warnings, "warning"))
	}
	if errors > 0 || v.strict && warnings > 0 {
		return cli.Exit{Code: cli.Invalid}
	}
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// judge lets render and plan refuse what is an error in validate.
func judge(ctx context.Context, documents []cli.Document, namespace string, known cli.Known) ([]cli.Refusal, error) {
	validator, err := validate.New()
	if err != nil {
		return nil, err
	}
	validator.Namespace = namespace
	return validator.Refusals(ctx, documents, known), nil
}
