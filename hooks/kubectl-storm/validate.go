package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/validate"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// validation holds the flags of validate.
type validation struct {
	files     cli.Files
	namespace string
	strict    bool
	none      bool
	storm     cli.StormVersion
	output    cli.Output
}

func newValidateCommand() *cobra.Command {
	var v validation
	command := &cobra.Command{
		Use:   "validate -f FILE...",
		Short: "Validate StormTopologies and StormClusters offline, with file and line",
		Long: `Validate StormTopologies and StormClusters, with file and line. Errors are what the API
server would reject (unknown fields, the schema, the rules), what the hook would report as
InvalidSpec, and what an apply would read only in part (a key that is there twice, a
missing ---). Warnings are what is accepted and most likely a mistake.

Exit codes: 0 if nothing is wrong, 1 if something is wrong, 2 if a file could not be read
or nothing was checked.`,
		RunE: v.run,
	}
	command.SetFlagErrorFunc(cli.WrongFlag)
	flags := command.Flags()
	v.files.Flags(command, "file or folder; other kinds of objects are skipped")
	flags.StringVarP(&v.namespace, "namespace", "n", "default", "namespace of objects without one")
	flags.BoolVar(&v.strict, "strict", false, "exit with code 1 for warnings too")
	flags.BoolVar(&v.none, "allow-none", false, "exit with code 0 also without a StormTopology or StormCluster")
	v.storm.Flag(command, "the newest if it is not given")
	v.output.Flag(command)
	return command
}

func (v *validation) run(command *cobra.Command, _ []string) error {
	if err := cmp.Or(v.output.Check(), v.storm.Check()); err != nil {
		return err
	}
	documents, err := v.files.Read(command.InOrStdin())
	if err != nil {
		return err
	}
	validator, err := validate.New()
	if err != nil {
		return err
	}
	validator.Namespace, validator.StormVersion = v.namespace, string(v.storm)
	if command.Flags().Changed("namespace") {
		validator.Only = v.namespace
	}
	result := validator.Documents(command.Context(), documents)
	if err := v.write(command.OutOrStdout(), result); err != nil {
		return err
	}
	if result.Objects == 0 && len(result.Problems) == 0 && !v.none {
		return v.nothing(result)
	}
	errors, warnings := result.Count(validate.Error), result.Count(validate.Warning)
	switch {
	case result.Unread():
		return cli.Exit{Code: cli.Unread}
	case errors > 0 || v.strict && warnings > 0:
		return cli.Exit{Code: cli.Invalid}
	}
	return nil
}

// nothing is the end of a validation that found no object: success would look as if
// something had been checked.
func (v *validation) nothing(result validate.Result) error {
	const more = "If that is meant, add --allow-none"
	files := strings.Join(v.files.Names, ", ")
	if v.output == "json" || v.output == "yaml" { // the result has it
		return cli.Exit{Code: cli.Unread}
	}
	if result.Others > 0 {
		return cli.Exit{Code: cli.Unread, Err: fmt.Errorf("%s has no StormTopology and no StormCluster of apiVersion %s. %s", files, v1beta1.GroupVersion, more)}
	}
	return cli.Exit{Code: cli.Unread, Err: fmt.Errorf("there is nothing to validate in %s. %s", files, more)}
}

func (v *validation) write(out io.Writer, result validate.Result) error {
	if done, err := v.output.Write(out, result, result.Wrong()); done {
		return err
	}
	for _, problem := range result.Problems {
		cli.Print(out, "", "%s", problem)
	}
	if result.Objects == 0 && result.Others == 0 && len(result.Problems) == 0 {
		return nil
	}
	skipped := ""
	if result.Others > 0 {
		skipped = ", " + plural(result.Others, "other object") + " skipped"
	}
	fmt.Fprintf(out, "%s, %s, %s%s\n", plural(result.Objects, "object"), plural(result.Count(validate.Error), "error"), plural(result.Count(validate.Warning), "warning"), skipped)
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
	validator.Namespace, validator.Only = namespace, known.Only
	return validator.Refusals(ctx, documents, known), nil
}
