package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// planned is a plan for programs.
type planned struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	preview.Plan
	Remarks []Remark `json:"remarks,omitempty"`
}

// planner holds the flags of plan.
type planner struct {
	kubectl  Kubectl
	files    []string
	live     []string
	exitCode bool
	output   Output
}

// NewPlan says what applying StormTopologies would do.
func NewPlan() *cobra.Command {
	var p planner
	command := &cobra.Command{
		Use:   "plan -f FILE...",
		Short: "Say what applying StormTopologies would do: nothing, a rebalance, a restart, and why",
		Long: `Say what applying StormTopologies would do to what runs, and why.

The live objects are read by kubectl, or from files that it recorded:

  kubectl get stormtopologies,stormclusters -A -o json > live.json

Nothing is written, neither to Kubernetes nor to Storm.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.run(command.Context(), command.InOrStdin(), command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringArrayVarP(&p.files, "filename", "f", nil, "file or folder with StormTopologies; - is the standard input")
	flags.StringArrayVar(&p.live, "live", nil, "file with the live objects as kubectl get -o json or yaml prints them, in place of asking kubectl")
	flags.BoolVar(&p.exitCode, "exit-code", false, fmt.Sprintf("end with %d when something would change", Differs))
	p.kubectl.Flags(command)
	p.output.Flag(command, "json")
	return command
}

func (p *planner) run(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := p.output.Check("json"); err != nil {
		return err
	}
	namespace := p.kubectl.Namespace
	if namespace == "" {
		namespace = "default"
		if len(p.live) == 0 {
			namespace = p.kubectl.DefaultNamespace(ctx)
		}
	}
	objects, err := readOurs(p.files, in, namespace)
	if err != nil {
		return err
	}
	var recorded []Object
	if len(p.live) > 0 {
		documents, err := Read(p.live, in)
		if err != nil {
			return err
		}
		if recorded, err = Ours(documents, namespace); err != nil {
			return err
		}
	}
	all := []planned{}
	for _, object := range objects {
		if object.Kind != KindTopology {
			continue
		}
		plan, err := p.plan(ctx, object, objects, recorded)
		if err != nil {
			return err
		}
		all = append(all, plan)
	}
	return p.write(out, all)
}

// plan compares one object with its live one.
func (p *planner) plan(ctx context.Context, object Object, files, recorded []Object) (planned, error) {
	result := planned{Namespace: object.Namespace, Name: object.Name, Remarks: Remarks(object)}
	live, err := p.liveOf(ctx, object, recorded)
	if err != nil {
		return result, err
	}
	merged := object
	var before *v1beta1.StormTopology
	if live != nil {
		if before, err = typed[v1beta1.StormTopology](*live); err != nil {
			return result, err
		}
		if merged.Content, err = preview.Apply(live.Content, object.Content); err != nil {
			return result, err
		}
	}
	wanted, err := typed[v1beta1.StormTopology](merged)
	if err != nil {
		return result, err
	}
	cluster, err := clusterOf(wanted, append(files, recorded...))
	if err != nil {
		return result, err
	}
	result.Plan, err = preview.Compare(before, wanted, cluster)
	return result, err
}

func (p *planner) liveOf(ctx context.Context, object Object, recorded []Object) (*Object, error) {
	candidates := recorded
	if len(p.live) == 0 {
		var err error
		if candidates, err = p.kubectl.InNamespace(object.Namespace).Get(ctx, "stormtopologies.storm.apache.org", object.Name); err != nil {
			return nil, err
		}
	}
	for i := range candidates {
		if c := &candidates[i]; c.Kind == object.Kind && c.Namespace == object.Namespace && c.Name == object.Name {
			return c, nil
		}
	}
	return nil, nil
}

func (p *planner) write(out io.Writer, all []planned) error {
	if p.output.JSON() {
		if err := WriteJSON(out, all); err != nil {
			return err
		}
	} else {
		for _, plan := range all {
			plan.write(out)
		}
	}
	changes, refused := false, false
	for _, plan := range all {
		changes = changes || plan.Changes()
		refused = refused || plan.Kind == preview.Refused
	}
	switch {
	case refused:
		return Exit{Code: Invalid}
	case changes && p.exitCode:
		return Exit{Code: Differs}
	}
	return nil
}

// write says a plan to a person.
func (p planned) write(out io.Writer) {
	fmt.Fprintf(out, "stormtopology/%s -n %s: %s (%s)\n", p.Name, p.Namespace, p.Kind, strings.TrimSuffix(p.Why, "."))
	for _, line := range append(p.effects(), p.changed()...) {
		fmt.Fprintf(out, "  %s\n", line)
	}
	for _, remark := range p.Remarks {
		fmt.Fprintf(out, "  warning: %s\n", remark.Message)
	}
}

func (p planned) changed() []string {
	if len(p.Fields) == 0 {
		return nil
	}
	return []string{"changes: " + strings.Join(p.Fields, ", ")}
}

// effects is what happens, and what is not there for how long.
func (p planned) effects() []string {
	var lines []string
	if p.Extracts && p.Kind == preview.Restart {
		lines = append(lines, "The JAR is extracted from its image anew.")
	}
	switch p.Kind {
	case preview.Create, preview.Submit:
		lines = append(lines, fmt.Sprintf("Revision %s is submitted. Nothing of it runs until then.", p.To))
	case preview.Suspend:
		lines = append(lines, "Storm stops the topology (INACTIVE) until it is resumed; its workers stay.")
	case preview.Resume:
		lines = append(lines, "Storm lets the topology go on.")
	case preview.Rebalance:
		lines = append(lines,
			fmt.Sprintf("The spouts pause for %s; then its workers restart. It keeps its id in Storm.", p.waits()))
	case preview.Restart:
		lines = append(lines,
			fmt.Sprintf("Revision %s runs on until revision %s has been recorded and checked, and its JAR lies on Nimbus.", p.From, p.To),
			fmt.Sprintf("Then it drains for %s and is killed, the new one is submitted, and Storm starts its workers: until they are up nothing is processed.", p.waits()))
	}
	return lines
}

func (p planned) waits() string {
	if p.WaitSeconds == nil {
		return "Storm's own time"
	}
	text := fmt.Sprintf("%d s", *p.WaitSeconds)
	if p.WaitIsStorms {
		text += " (Storm's topology.message.timeout.secs, unless main sets it; spec.killWaitSeconds is not set)"
	}
	return text
}
