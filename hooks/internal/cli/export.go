package cli

import (
	"fmt"
	"io"
	"maps"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// NewExport prints objects for another cluster.
func NewExport() *cobra.Command {
	var from source
	var output Output
	var plain bool
	command := &cobra.Command{
		Use:   "export",
		Short: "Print StormClusters and StormTopologies so that another cluster can adopt them",
		Long: `Print StormClusters and StormTopologies so that they can be applied to another cluster:
without the fields that a cluster writes (status, uid, versions), and each running
StormTopology with its id in Storm, so that it is adopted and not submitted again.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := output.Check("json", "yaml"); err != nil {
				return err
			}
			objects, err := from.objects(command.Context(), command.InOrStdin(), "stormclusters.storm.apache.org,stormtopologies.storm.apache.org", nil)
			if err != nil {
				return err
			}
			if len(objects) == 0 {
				from.none(command.ErrOrStderr(), "StormCluster or StormTopology")
			}
			if !plain {
				if err := unadoptable(command.ErrOrStderr(), objects); err != nil {
					return err
				}
			}
			return export(command.OutOrStdout(), objects, plain, output)
		},
	}
	command.SetFlagErrorFunc(WrongFlag)
	from.flags(command)
	command.Flags().BoolVar(&plain, "no-adopt", false, "omit the annotation "+v1beta1.AnnotationAdopt+": for the same Kubernetes cluster, or for another Storm")
	output.Flag(command, "yaml (the default) or json")
	return command
}

func export(out io.Writer, objects []Object, plain bool, output Output) error {
	items := []any{}
	for _, object := range objects {
		items = append(items, portable(object, plain))
	}
	if output.JSON() {
		return WriteJSON(out, map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	}
	for _, item := range items {
		text, err := yaml.Marshal(item)
		if err != nil {
			return fmt.Errorf("encoding an object: %w", err)
		}
		fmt.Fprintf(out, "---\n%s", text)
	}
	return nil
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
