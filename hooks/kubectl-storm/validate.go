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

func newValidateCommand() *cobra.Command {
	var files []string
	var namespace string
	var strict bool
	var output cli.Output
	command := &cobra.Command{
		Use:   "validate -f FILE...",
		Short: "Say what is wrong with StormTopologies and StormClusters, and in which line, without a cluster",
		Long: `Say what is wrong with StormTopologies and StormClusters, and in which line: what the
API server would refuse (unknown fields, the schema, the rules), what the hook would
call InvalidSpec, and, as warnings, what is taken and most likely not meant.

Ends with 0 where all is well, 1 where something is wrong, 2 where a file could not be
read or has nothing in it.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := output.Check("json"); err != nil {
				return err
			}
			documents, err := cli.Read(files, command.InOrStdin())
			if err != nil {
				return err
			}
			validator, err := validate.New()
			if err != nil {
				return err
			}
			validator.Namespace = namespace
			if command.Flags().Changed("namespace") {
				validator.Only = namespace
			}
			result := validator.Documents(command.Context(), documents)
			if result.Objects == 0 && result.Others == 0 && len(result.Problems) == 0 {
				return cli.Exit{Code: cli.Unread, Err: fmt.Errorf("nothing to validate in %s", strings.Join(files, ", "))}
			}
			return say(command.OutOrStdout(), result, strict, output)
		},
	}
	command.SetFlagErrorFunc(cli.WrongFlag)
	flags := command.Flags()
	flags.StringArrayVarP(&files, "filename", "f", nil, "file or folder; other kinds of objects are passed over; - is the standard input")
	flags.StringVarP(&namespace, "namespace", "n", "default", "namespace of objects that name none")
	flags.BoolVar(&strict, "strict", false, "end with 1 for warnings, too")
	output.Flag(command, "json")
	return command
}

func say(out io.Writer, result validate.Result, strict bool, output cli.Output) error {
	errors, warnings := result.Count(validate.Error), result.Count(validate.Warning)
	if output.JSON() {
		if err := cli.WriteJSON(out, result); err != nil {
			return err
		}
	} else {
		for _, problem := range result.Problems {
			fmt.Fprintln(out, problem)
		}
		fmt.Fprintf(out, "%s, %s, %s\n", plural(result.Objects, "object"), plural(errors, "error"), plural(warnings, "warning"))
	}
	if errors > 0 || strict && warnings > 0 {
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

// judge lets render and plan refuse what validate calls an error.
func judge(ctx context.Context, documents []cli.Document, namespace string, merged map[string]map[string]any) ([]cli.Refusal, error) {
	validator, err := validate.New()
	if err != nil {
		return nil, err
	}
	validator.Namespace = namespace
	return validator.Refusals(ctx, documents, merged), nil
}
