package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// rendered is a topology's rendering for programs.
type rendered struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	preview.Rendering
}

// NewRender shows the children of StormTopologies at each stage, offline, if the judge
// accepts them.
func NewRender(version string, judge Judge) *cobra.Command {
	var files Files
	var namespace, helper, helperMount string
	var output Output
	command := &cobra.Command{
		Use:   "render -f FILE...",
		Short: "Show the children of StormTopologies at each stage, without a cluster",
		Long: `Show the children of StormTopologies at each stage, without a cluster.

Values that only a cluster knows (uids, the identity of Storm, a StormCluster that is not
in the files) are placeholders in round brackets.`,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := output.Check(); err != nil {
				return err
			}
			mount, err := topology.ParseHelperMount(helperMount)
			if err != nil {
				return unread(fmt.Errorf("--helper-mount: %w", err))
			}
			in, err := readObjects(command.Context(), &files, command.InOrStdin(), namespace, judge)
			if err == nil && command.Flags().Changed("namespace") {
				err = sameNamespace(command.Context(), in, namespace, judge)
			}
			if err == nil {
				err = judge.all(command.Context(), in)
			}
			if err != nil {
				return err
			}
			return render(command.OutOrStdout(), in.objects, topology.Config{HelperImage: helper, HelperMount: mount}, output)
		},
	}
	command.SetFlagErrorFunc(WrongFlag)
	flags := command.Flags()
	files.Flags(command, "file or folder with StormTopologies and their StormCluster")
	flags.StringVarP(&namespace, "namespace", "n", "default", "namespace of objects without one")
	flags.StringVar(&helper, "helper-image", "stormhooks/stormhooks:"+version, "image with the helper, as in stormhooks serve --helper-image")
	flags.StringVar(&helperMount, "helper-mount", string(topology.HelperMountAuto), "how pods get the helper, as in stormhooks serve --helper-mount")
	output.Flag(command)
	return command
}

// all is an error if anything of the input would be rejected.
func (judge Judge) all(ctx context.Context, in input) error {
	byObject, err := judge.refusals(ctx, in, Known{})
	var all []Refusal
	for _, object := range in.objects {
		all = append(all, slices.DeleteFunc(byObject[object.Key()], func(r Refusal) bool { return r.Twice })...)
		delete(byObject, object.Key()) // an object that is written twice has its refusals already
	}
	if err == nil {
		err = refused(all)
	}
	return err
}

func render(out io.Writer, objects []Object, config topology.Config, output Output) error {
	all := []rendered{}
	for _, object := range objects {
		if object.Kind != KindTopology {
			continue
		}
		parent, err := typed[v1beta1.StormTopology](object)
		if err != nil {
			return err
		}
		cluster, err := clusterOf(parent, objects)
		if err != nil {
			return err
		}
		rendering, err := preview.Render(parent, cluster, config)
		if err != nil {
			return err
		}
		all = append(all, rendered{Namespace: parent.Namespace, Name: parent.Name, Rendering: rendering})
	}
	var names []string
	for _, r := range all {
		names = append(names, r.children()...)
	}
	// yaml is what render writes anyway, with the stages as comments
	if output == "json" || output == "name" {
		if _, err := output.Write(out, all, names); err != nil {
			return err
		}
	} else {
		for _, r := range all {
			if err := r.write(out); err != nil {
				return err
			}
		}
	}
	for _, r := range all {
		switch last := r.Stages[len(r.Stages)-1]; {
		case r.Stuck && (output == "json" || output == "name"): // what is printed says why
			return Exit{Code: Invalid}
		case r.Stuck:
			return Exit{Code: Invalid, Err: fmt.Errorf("stormtopology/%s: %s: %s", r.Name, last.Reason, last.Message)}
		}
	}
	return nil
}

// children are the names of all children, as kubectl -o name writes them.
func (r rendered) children() (names []string) {
	for _, stage := range r.Stages {
		for _, child := range stage.Created {
			metadata, _ := child["metadata"].(map[string]any)
			names = append(names, fmt.Sprintf("%s/%v", strings.ToLower(fmt.Sprint(child["kind"])), metadata["name"]))
		}
	}
	return names
}

// write writes YAML documents that kubectl and other programs can read, with the stages as
// comments.
func (r rendered) write(out io.Writer) error {
	for i, stage := range r.Stages {
		if stage.If != "" {
			Print(out, "# ", "if %s:", stage.If)
		}
		Print(out, "# ", "stage: %s/%s %d: %s (%s)", r.Namespace, r.Name, i+1, stage.Phase, stage.Reason)
		Print(out, "# ", "%s", stage.Message)
		for _, child := range stage.Created {
			text, err := yaml.Marshal(child)
			if err != nil {
				return fmt.Errorf("encoding a child: %w", err)
			}
			fmt.Fprintf(out, "---\n%s", text)
		}
	}
	return nil
}
