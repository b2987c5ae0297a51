package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// adoption is one command of adopt, for programs.
type adoption struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	StormName string `json:"stormName"`
	StormID   string `json:"stormId"`
	Command   string `json:"command"`
}

// impossibleID is a remark on a stormId that adopt and export leave out: whoever may write
// a StormCluster chooses the Nimbus that says it.
const impossibleID = "status.stormId is not an id that Storm can make, so the topology cannot be adopted by it"

// unknownID is a remark on a StormTopology whose status does not say what Storm runs.
const unknownID = "Storm has not said whether it is running. If it is, look up its id in Storm's list of topologies (storm list, or Storm UI)"

// source is where live objects come from: kubectl, or files with its output.
type source struct {
	kubectl Kubectl
	files   Files
}

func (s *source) flags(command *cobra.Command) {
	words := command.Args
	s.files.Flags(command, "file with the live objects (output of kubectl get -o json or yaml) to read instead of calling kubectl")
	if words != nil {
		command.Args = words
	}
	command.Flags().BoolVarP(&s.kubectl.All, "all-namespaces", "A", false, "objects of all namespaces")
	s.kubectl.Flags(command)
}

// objects are those of the kinds, sorted by kind, namespace and name.
func (s *source) objects(ctx context.Context, in io.Reader, resources string, names []string) ([]Object, error) {
	var objects []Object
	var err error
	if len(s.files.Names) > 0 {
		namespace := s.kubectl.Namespace
		if namespace == "" {
			namespace = "default"
		}
		var read input
		read, err = readObjects(ctx, &s.files, in, namespace, nil)
		objects = read.objects
		objects = slices.DeleteFunc(objects, func(o Object) bool {
			return s.kubectl.Namespace != "" && !s.kubectl.All && o.Namespace != s.kubectl.Namespace
		})
	} else {
		objects, err = s.kubectl.Get(ctx, resources)
	}
	for _, name := range names {
		if err == nil && !slices.ContainsFunc(objects, func(o Object) bool { return o.Kind == KindTopology && o.Name == name }) {
			err = Exit{Code: Invalid, Err: fmt.Errorf("StormTopology %q does not exist. kubectl get stormtopologies -A lists those that do", name)}
		}
	}
	slices.SortStableFunc(objects, func(a, b Object) int {
		return strings.Compare(a.Kind+"/"+a.Namespace+"/"+a.Name, b.Kind+"/"+b.Namespace+"/"+b.Name)
	})
	return objects, err
}

// none says that nothing was found, and where: an empty output would look like a
// success.
func (s *source) none(out io.Writer, kinds string) {
	where, do := "in the namespace of kubectl's context", " Use -n for another namespace, or -A for all."
	switch {
	case s.kubectl.All, len(s.files.Names) > 0 && s.kubectl.Namespace == "":
		where, do = "in any namespace", ""
	case s.kubectl.Namespace != "":
		where = fmt.Sprintf("in namespace %q", s.kubectl.Namespace)
	}
	if len(s.files.Names) > 0 {
		where += " of " + strings.Join(s.files.Names, ", ")
	}
	Print(out, "", "No %s found %s.%s", kinds, where, do)
}

// NewAdopt prints the commands that let the StormTopologies of another Kubernetes cluster
// adopt the running topologies.
func NewAdopt() *cobra.Command {
	var from source
	var output Output
	command := &cobra.Command{
		Use:   "adopt [NAME...]",
		Short: "Print kubectl commands that let another cluster adopt the running topologies",
		Long: `Print a kubectl annotate command for each StormTopology whose topology is running.

Run the commands against another Kubernetes cluster that has the same StormTopologies:
they adopt the topologies in Storm as they are running. Nothing is changed in this
cluster. The StormTopologies here must be released first (kubectl annotate …
storm.apache.org/abandon=true, then kubectl delete), or both clusters manage the
topologies.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, names []string) error {
			if err := output.Check(); err != nil {
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
	output.Flag(command)
	return command
}

func adopt(out io.Writer, objects []Object, names []string, output Output) error {
	all := []adoption{}
	var left []string
	for _, object := range objects {
		if object.Kind != KindTopology || len(names) > 0 && !slices.Contains(names, object.Name) {
			continue
		}
		topology, err := typed[v1beta1.StormTopology](object)
		if err != nil {
			return err
		}
		id := topology.Status.StormID
		switch {
		case id == "" && !preview.SaysWhatRuns(topology):
			left = append(left, object.Namespace+"/"+object.Name+": "+unknownID)
			continue
		case id == "":
			left = append(left, object.Namespace+"/"+object.Name+": not running")
			continue
		case !storm.ValidID(id):
			left = append(left, object.Namespace+"/"+object.Name+": "+impossibleID)
			continue
		}
		all = append(all, adoption{
			Namespace: object.Namespace, Name: object.Name, StormName: topology.StormName(), StormID: id,
			Command: preview.Command("kubectl", "annotate", "stormtopology", object.Name, "-n", object.Namespace, "--overwrite", v1beta1.AnnotationAdopt+"="+id),
		})
	}
	var adoptable []string
	for _, a := range all {
		adoptable = append(adoptable, ResourceName(KindTopology, a.Name))
	}
	if done, err := output.Write(out, all, adoptable); done {
		return err
	}
	for _, why := range left {
		fmt.Fprintln(out, shellComment(why))
	}
	for _, a := range all {
		fmt.Fprintln(out, a.Command)
	}
	return nil
}
