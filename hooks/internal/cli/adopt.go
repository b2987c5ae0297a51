package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// adoption is one command that adopt prints, for programs.
type adoption struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	StormName string `json:"stormName"`
	StormID   string `json:"stormId"`
	Command   string `json:"command"`
}

// source is where live objects come from: kubectl, or files that it recorded.
type source struct {
	kubectl Kubectl
	files   []string
}

func (s *source) flags(command *cobra.Command) {
	command.Flags().StringArrayVarP(&s.files, "filename", "f", nil, "file with live objects as kubectl get -o json or yaml prints them, in place of asking kubectl; - is the standard input")
	command.Flags().BoolVarP(&s.kubectl.All, "all-namespaces", "A", false, "objects of all namespaces")
	s.kubectl.Flags(command)
}

// objects are those of the kinds, sorted by kind, namespace and name.
func (s *source) objects(ctx context.Context, in io.Reader, resources string, names []string) ([]Object, error) {
	var objects []Object
	var err error
	if len(s.files) > 0 {
		namespace := s.kubectl.Namespace
		if namespace == "" {
			namespace = "default"
		}
		var read input
		read, err = readOurs(s.files, in, namespace)
		objects = read.objects
		objects = slices.DeleteFunc(objects, func(o Object) bool {
			return s.kubectl.Namespace != "" && !s.kubectl.All && o.Namespace != s.kubectl.Namespace
		})
	} else {
		objects, err = s.kubectl.Get(ctx, resources)
	}
	for _, name := range names {
		if err == nil && !slices.ContainsFunc(objects, func(o Object) bool { return o.Kind == KindTopology && o.Name == name }) {
			err = Exit{Code: Invalid, Err: fmt.Errorf("there is no StormTopology %q. kubectl get stormtopologies -A lists them", name)}
		}
	}
	slices.SortStableFunc(objects, func(a, b Object) int {
		return strings.Compare(a.Kind+"/"+a.Namespace+"/"+a.Name, b.Kind+"/"+b.Namespace+"/"+b.Name)
	})
	return objects, err
}

// none says that nothing was found, and where; an empty answer alone would look
// like a success.
func (s *source) none(out io.Writer, kinds string) {
	where, do := "in the namespace of kubectl's context", " Name another namespace (-n), or all (-A)."
	switch {
	case s.kubectl.All, len(s.files) > 0 && s.kubectl.Namespace == "":
		where, do = "in any namespace", ""
	case s.kubectl.Namespace != "":
		where = fmt.Sprintf("in namespace %q", s.kubectl.Namespace)
	}
	if len(s.files) > 0 {
		where += " of " + strings.Join(s.files, ", ")
	}
	fmt.Fprintf(out, "There is no %s %s.%s\n", kinds, where, do)
}

// NewAdopt prints the commands that let StormTopologies of another Kubernetes
// cluster take over what runs.
func NewAdopt() *cobra.Command {
	var from source
	var output Output
	command := &cobra.Command{
		Use:   "adopt [NAME...]",
		Short: "Print the commands by which the same StormTopologies elsewhere take over what runs",
		Long: `Print a kubectl annotate command for each StormTopology of which something runs.

Run them against another Kubernetes cluster that has the same StormTopologies: it
then takes over the topologies in Storm as they run. Nothing is written here, and
the StormTopologies here must be let go (kubectl annotate … storm.apache.org/abandon=true,
then delete) or both would look after them.`,
		RunE: func(command *cobra.Command, names []string) error {
			if err := output.Check("json"); err != nil {
				return err
			}
			objects, err := from.objects(command.Context(), command.InOrStdin(), "stormtopologies.storm.apache.org", names)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(objects, func(o Object) bool { return o.Kind == KindTopology }) {
				from.none(command.ErrOrStderr(), "StormTopology")
			}
			return adopt(command.OutOrStdout(), objects, names, output)
		},
	}
	command.SetFlagErrorFunc(WrongFlag)
	from.flags(command)
	output.Flag(command, "json")
	return command
}

func adopt(out io.Writer, objects []Object, names []string, output Output) error {
	all := []adoption{}
	var idle []string
	for _, object := range objects {
		if object.Kind != KindTopology || len(names) > 0 && !slices.Contains(names, object.Name) {
			continue
		}
		topology, err := typed[v1beta1.StormTopology](object)
		if err != nil {
			return err
		}
		id := topology.Status.StormID
		if id == "" {
			idle = append(idle, object.Namespace+"/"+object.Name)
			continue
		}
		all = append(all, adoption{
			Namespace: object.Namespace, Name: object.Name, StormName: topology.StormName(), StormID: id,
			Command: shellCommand("kubectl", "annotate", "stormtopology", object.Name, "-n", object.Namespace, "--overwrite", v1beta1.AnnotationAdopt+"="+id),
		})
	}
	if output.JSON() {
		return WriteJSON(out, all)
	}
	for _, name := range idle {
		fmt.Fprintln(out, shellComment(name+": nothing of it runs"))
	}
	for _, a := range all {
		fmt.Fprintln(out, a.Command)
	}
	return nil
}
