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
	if command.Args = words; words == nil {
		command.Args = func(command *cobra.Command, words []string) error {
			if len(words) == 0 {
				return nil
			}
			return unread(fmt.Errorf("%s takes no names, and prints all objects of a namespace (-n) or of all (-A). Remove %s", command.Name(), preview.Command(words[0])))
		}
	}
	command.Flags().BoolVarP(&s.kubectl.All, "all-namespaces", "A", false, "objects of all namespaces")
	s.kubectl.Flags(command)
}

// resources are the kinds for kubectl get.
var resources = map[string]string{KindCluster: "stormclusters." + v1beta1.Group, KindTopology: "stormtopologies." + v1beta1.Group}

// objects are those of the kinds, sorted by kind, namespace and name. If there is none, that
// is an error: an empty output would look like a success.
func (s *source) objects(ctx context.Context, in io.Reader, kinds, names []string) ([]Object, error) {
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
		var all []string
		for _, kind := range kinds {
			all = append(all, resources[kind])
		}
		objects, err = s.kubectl.Get(ctx, strings.Join(all, ","))
	}
	for _, name := range names {
		if err == nil && !slices.ContainsFunc(objects, func(o Object) bool { return o.Kind == KindTopology && o.Name == name }) {
			err = unread(fmt.Errorf("StormTopology %q does not exist %s. kubectl get stormtopologies -A lists those that do", name, s.where()))
		}
	}
	if err == nil && !slices.ContainsFunc(objects, func(o Object) bool { return slices.Contains(kinds, o.Kind) }) {
		err = unread(fmt.Errorf("no %s found %s", strings.Join(kinds, " or "), s.where()))
		if len(s.files.Names) == 0 && !s.kubectl.All {
			err = unread(fmt.Errorf("%w. Use -n for another namespace, or -A for all", err))
		}
	}
	slices.SortStableFunc(objects, func(a, b Object) int {
		return strings.Compare(a.Kind+"/"+a.Namespace+"/"+a.Name, b.Kind+"/"+b.Namespace+"/"+b.Name)
	})
	return objects, err
}

// where are the objects that are looked through.
func (s *source) where() string {
	where := "in the namespace of kubectl's context"
	switch {
	case s.kubectl.All, len(s.files.Names) > 0 && s.kubectl.Namespace == "":
		where = "in any namespace"
	case s.kubectl.Namespace != "":
		where = fmt.Sprintf("in namespace %q", s.kubectl.Namespace)
	}
	if len(s.files.Names) > 0 {
		where += " of " + preview.Line(strings.Join(s.files.Names, ", "))
	}
	return where
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
			objects, err := from.objects(command.Context(), command.InOrStdin(), []string{KindTopology}, names)
			if err != nil {
				return err
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
