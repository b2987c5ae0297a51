package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// NewExport prints objects for another cluster. It says which of them the judge rejects.
func NewExport(judge Judge) *cobra.Command {
	var from source
	var output Output
	var plain, strict bool
	command := &cobra.Command{
		Use:   "export",
		Short: "Print StormClusters and StormTopologies so that another cluster can adopt them",
		Long: `Print StormClusters and StormTopologies so that they can be applied to another cluster:
without the fields that a cluster writes (status, uid, versions), and each running
StormTopology with its id in Storm, so that it is adopted and not submitted again.`,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := output.Check(); err != nil {
				return err
			}
			objects, err := from.objects(command.Context(), command.InOrStdin(), []string{KindCluster, KindTopology}, nil)
			if err != nil {
				return err
			}
			if !plain {
				if err := unadoptable(command.ErrOrStderr(), objects); err != nil {
					return err
				}
			}
			refusals, err := judge.exported(command.Context(), objects, plain)
			if err != nil {
				return err
			}
			for _, why := range slices.Sorted(maps.Values(refusals)) {
				fmt.Fprintln(command.ErrOrStderr(), why)
			}
			if err := export(command.OutOrStdout(), objects, plain, output, refusals); err != nil {
				return err
			}
			if strict && len(refusals) > 0 {
				return Exit{Code: Invalid}
			}
			return nil
		},
	}
	command.SetFlagErrorFunc(WrongFlag)
	from.flags(command)
	command.Flags().BoolVar(&plain, "no-adopt", false, "omit the annotation "+v1beta1.AnnotationAdopt+": for the same Kubernetes cluster, or for another Storm")
	command.Flags().BoolVar(&strict, "strict", false, "exit with code 1 if another cluster would reject an object")
	output.Flag(command)
	return command
}

// export writes the objects, each with why another cluster would reject it.
func export(out io.Writer, objects []Object, plain bool, output Output, refusals map[string]string) error {
	items := []any{}
	var names []string
	for _, object := range objects {
		items = append(items, portable(object, plain))
		names = append(names, ResourceName(object.Kind, object.Name))
	}
	if output == "json" || output == "name" {
		_, err := output.Write(out, map[string]any{"apiVersion": "v1", "kind": "List", "items": items}, names)
		return err
	}
	for i, item := range items {
		text, err := yaml.Marshal(item)
		if err != nil {
			return fmt.Errorf("encoding an object: %w", err)
		}
		fmt.Fprint(out, "---\n")
		if why := refusals[objects[i].Key()]; why != "" {
			fmt.Fprintln(out, shellComment(why))
		}
		fmt.Fprintf(out, "%s", text)
	}
	return nil
}

// exported are why other clusters would reject objects, by their keys.
func (judge Judge) exported(ctx context.Context, objects []Object, plain bool) (map[string]string, error) {
	if judge == nil {
		return nil, nil
	}
	why := map[string]string{}
	for _, object := range objects {
		text, err := yaml.Marshal(portable(object, plain))
		if err != nil {
			return nil, fmt.Errorf("encoding an object: %w", err)
		}
		refusals, err := judge(ctx, []Document{{File: object.File, Line: 1, Text: text}}, object.Namespace, Known{})
		if err != nil {
			return nil, err
		}
		var messages []string
		for _, refusal := range refusals {
			messages = append(messages, refusal.Message)
		}
		if len(messages) > 0 {
			why[object.Key()] = preview.Line(fmt.Sprintf("%s/%s: would be rejected: %s", object.Namespace, object.Title(), strings.Join(messages, " ")))
		}
	}
	return why, nil
}

// unadoptable names the StormTopologies that are exported without the annotation although
// Storm may run them.
func unadoptable(out io.Writer, objects []Object) error {
	for _, object := range objects {
		if object.Kind != KindTopology {
			continue
		}
		topology, err := typed[v1beta1.StormTopology](object)
		if err != nil {
			return err
		}
		why := ""
		switch id := topology.Status.StormID; {
		case id == "" && !preview.SaysWhatRuns(topology):
			why = unknownID + ". It is exported without an id, so that the other cluster submits it"
		case id != "" && !storm.ValidID(id):
			why = impossibleID
		}
		if why != "" {
			Print(out, "", "%s/%s: %s", object.Namespace, object.Name, why)
		}
	}
	return nil
}

// portable is an object without the fields that a cluster writes, and with the annotation
// that adopts the running topology.
func portable(object Object, plain bool) map[string]any {
	metadata, _ := object.Content["metadata"].(map[string]any)
	status, _ := object.Content["status"].(map[string]any)
	kept := map[string]any{"name": object.Name, "namespace": object.Namespace}
	annotations := map[string]any{}
	if written, is := metadata["annotations"].(map[string]any); is {
		maps.Copy(annotations, written)
	}
	delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
	if id, _ := status["stormId"].(string); storm.ValidID(id) && object.Kind == KindTopology && !plain {
		annotations[v1beta1.AnnotationAdopt] = id
	}
	if len(annotations) > 0 {
		kept["annotations"] = annotations
	}
	if labels, is := metadata["labels"].(map[string]any); is && len(labels) > 0 {
		kept["labels"] = labels
	}
	return map[string]any{
		"apiVersion": object.Content["apiVersion"], "kind": object.Kind, "metadata": kept, "spec": object.Content["spec"],
	}
}
