package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// planner holds the flags of plan.
type planner struct {
	kubectl  Kubectl
	files    Files
	live     []string
	exitCode bool
	how      howApplied
	storm    StormVersion
	output   Output
	judge    Judge
}

// NewPlan shows what applying StormTopologies would change. What the judge rejects is
// refused.
func NewPlan(judge Judge) *cobra.Command {
	p := planner{judge: judge}
	command := &cobra.Command{
		Use:   "plan -f FILE...",
		Short: "Show what applying StormTopologies would change: nothing, a rebalance or a restart, and why",
		Long: `Show what applying StormTopologies would change in what runs, and why.

Live objects are read with kubectl, or from files with its output:

  ` + record + `

An object that was applied server-side is planned in that way: as Argo CD, Flux and
kubectl apply --server-side do it, by the field manager that applied it last.
Nothing is changed, neither in Kubernetes nor in Storm.`,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.run(command.Context(), command.InOrStdin(), command.OutOrStdout())
		},
	}
	if judge == nil {
		command.Long += `

This program does not have the CRDs: what the API server rejects (unknown fields, the
schema, its rules) is planned as if it were accepted. kubectl storm plan checks it.`
	}
	command.SetFlagErrorFunc(WrongFlag)
	flags := command.Flags()
	p.files.Flags(command, "file or folder with StormTopologies and StormClusters")
	p.how.flags(command)
	p.storm.Flag(command, "that of the live StormCluster if it is not given, else the newest")
	flags.StringArrayVar(&p.live, "live", nil, "file with the live objects of all namespaces (output of kubectl get -o json or yaml) to read instead of calling kubectl")
	flags.BoolVar(&p.exitCode, "exit-code", false, fmt.Sprintf("exit with code %d if something would change, or if the plan cannot know it", Differs))
	p.kubectl.Flags(command)
	p.output.Flag(command)
	return command
}

func (p *planner) run(ctx context.Context, stdin io.Reader, out io.Writer) error {
	if err := cmp.Or(p.output.Check(), p.storm.Check()); err != nil {
		return err
	}
	namespace := p.kubectl.Namespace
	if namespace == "" {
		namespace = "default"
		if len(p.live) == 0 {
			namespace = p.kubectl.DefaultNamespace(ctx)
		}
	}
	in, err := readObjects(ctx, &p.files, stdin, namespace, p.judge)
	if err == nil {
		err = sameNamespace(ctx, in, p.kubectl.Namespace, p.judge)
	}
	if err != nil {
		return err
	}
	live := liveObjects{kubectl: &p.kubectl, wanted: in.objects}
	if len(p.live) > 0 {
		if err := live.read(p.live, stdin, namespace); err != nil {
			return err
		}
	}
	all, err := p.plans(ctx, in, &live)
	if err != nil {
		return err
	}
	return p.write(out, all)
}

// plans are those of all objects in files.
func (p *planner) plans(ctx context.Context, in input, live *liveObjects) ([]planned, error) {
	objects := map[string]applied{}
	known := Known{Merged: map[string]map[string]any{}, Versions: map[string]string{}}
	defined := map[string][]Object{}
	for _, object := range in.objects {
		defined[object.Key()] = append(defined[object.Key()], object)
	}
	for _, object := range in.objects {
		if len(defined[object.Key()]) > 1 { // each is judged as it is written
			known.Versions[object.Key()] = p.version(ctx, object, live)
			continue
		}
		before, err := live.of(ctx, object)
		if err != nil && object.Kind == KindTopology {
			return nil, err
		}
		as := applied{live: before, merged: object, unread: err}
		if before != nil {
			if as, err = p.how.apply(before, object); err != nil {
				return nil, err
			}
		}
		objects[object.Key()], known.Merged[object.Key()] = as, as.merged.Content
		known.Versions[object.Key()] = p.version(ctx, as.merged, live)
	}
	refusals, err := p.judge.refusals(ctx, in, known)
	if err != nil {
		return nil, err
	}
	all := []planned{}
	told := map[string]bool{}
	for _, object := range in.objects {
		if of := defined[object.Key()]; len(of) > 1 {
			if !told[object.Key()] {
				all = append(all, ambiguous(of, refusals[object.Key()]))
			}
			told[object.Key()] = true
			continue
		}
		as := objects[object.Key()]
		plan := planned{Namespace: object.Namespace, Name: object.Name, Manager: as.manager, Uncertain: as.uncertain, kind: object.Kind,
			Refusals: slices.DeleteFunc(refusals[object.Key()], func(r Refusal) bool { return r.Together })} // InContext judges these
		switch {
		case len(plan.Refusals) > 0:
			plan.refuse()
		case object.Kind != KindTopology:
			if err := plan.compareCluster(ctx, as, in.objects, live); err != nil {
				return nil, err
			}
		default:
			plan.Remarks = Remarks(object, known.Versions[object.Key()])
			if err := plan.compare(ctx, as, in.objects, live); err != nil {
				return nil, err
			}
		}
		if plan.Remarks = append(plan.Remarks, as.remarks...); as.live == nil && !live.covers(object.Namespace) {
			plan.Remarks = append(plan.Remarks, Remark{Message: fmt.Sprintf("%s has no object of namespace %q. If it was recorded elsewhere, or without that namespace, the plan is wrong. Record it again: %s",
				preview.Line(strings.Join(p.live, ", ")), object.Namespace, record)})
			plan.Uncertain = true
		}
		all = append(all, plan)
	}
	return all, nil
}

// ambiguous is the plan of an object that the files have more than once. An apply applies one
// after the other, so no single plan is that of the object.
func ambiguous(of []Object, refusals []Refusal) planned {
	first := of[0]
	plan := planned{Namespace: first.Namespace, Name: first.Name, kind: first.Kind,
		Refusals: slices.DeleteFunc(refusals, func(r Refusal) bool { return r.Together && !r.Twice })}
	if len(plan.Refusals) == 0 { // no judge knows the lines
		for _, again := range of[1:] {
			plan.Refusals = append(plan.Refusals, Refusal{File: again.File, Line: again.Line, Column: 1, Field: "metadata.name", Twice: true,
				Message: AlsoDefined(again, first.File, first.Line)})
		}
	}
	plan.refuse()
	return plan
}

// AlsoDefined says that the files have an object more than once.
func AlsoDefined(again Object, file string, line int) string {
	return fmt.Sprintf("%s is also defined in %s:%d; the later one wins. Remove one.", again.Title(), file, line)
}

// refuse makes the plan of an object that has refusals.
func (p *planned) refuse() {
	p.Kind = preview.Refused
	switch {
	case slices.ContainsFunc(p.Refusals, func(r Refusal) bool { return !r.Twice && !r.Accepted }):
		p.Why = "rejected by the API server, or by Stormhooks with reason InvalidSpec"
	case slices.ContainsFunc(p.Refusals, func(r Refusal) bool { return r.Accepted }):
		p.Why = "an apply accepts the file, and leaves out a part of it"
	default:
		p.Why = "the files have it more than once, and an apply applies one after the other"
	}
}

// version is that of the Storm that runs a topology; empty if it is not known.
func (p *planner) version(ctx context.Context, of Object, live *liveObjects) string {
	if p.storm != "" || of.Kind != KindTopology {
		return string(p.storm)
	}
	topology, err := typed[v1beta1.StormTopology](of)
	if err != nil {
		return ""
	}
	cluster, err := clusterOf(topology, live.known(ctx, of.Namespace))
	if err != nil || cluster == nil {
		return ""
	}
	return cluster.Status.Version
}

// compareCluster makes the plan of one StormCluster that is not refused.
func (p *planned) compareCluster(ctx context.Context, as applied, files []Object, live *liveObjects) error {
	if as.unread != nil {
		p.Kind, p.Uncertain = preview.Change, true
		p.Why = "the live StormCluster cannot be read, so the plan does not know what changes"
		return nil //nolint:nilerr // the plan says so
	}
	var before *v1beta1.StormCluster
	var err error
	if as.live != nil {
		if before, err = typed[v1beta1.StormCluster](*as.live); err != nil {
			return err
		}
	}
	wanted, err := typed[v1beta1.StormCluster](as.merged)
	if err != nil {
		return err
	}
	known := live.known(ctx, wanted.Namespace)
	around := live.surroundings(ctx, wanted.Namespace, files)
	p.Plan = preview.CompareCluster(before, wanted, around.Topologies, known != nil)
	return nil
}

// compare makes the plan of one StormTopology that is not refused.
func (p *planned) compare(ctx context.Context, as applied, files []Object, live *liveObjects) error {
	var before *v1beta1.StormTopology
	var err error
	if as.live != nil {
		if before, err = typed[v1beta1.StormTopology](*as.live); err != nil {
			return err
		}
	}
	wanted, err := typed[v1beta1.StormTopology](as.merged)
	if err != nil {
		return err
	}
	cluster, err := clusterOf(wanted, slices.Concat(files, live.known(ctx, wanted.Namespace)))
	if err != nil {
		return err
	}
	if p.Plan, err = preview.Compare(before, wanted, cluster); err != nil {
		return err
	}
	others := live.surroundings(ctx, wanted.Namespace, files)
	p.Plan = p.InContext(before, wanted, others)
	if workers, slots, lacks := p.LacksSlots(before, wanted, others); lacks {
		const field = "spec.topology.workers"
		p.Remarks = append(p.Remarks, Remark{Field: field, Message: fmt.Sprintf(
			"spec.topology.workers is %d, but StormCluster %q last had slots for only %d. Storm starts no more than that. Reduce the number, or add supervisors.", workers, wanted.Spec.ClusterRef, slots)})
	}
	if contested := p.NameContested(before, wanted, others); contested != "" {
		p.Remarks, p.Uncertain = append(p.Remarks, Remark{Field: "spec.topology.name", Message: contested}), true
	}
	if taken := p.SecondNameTaken(before, wanted, others); taken != "" {
		p.Remarks = append(p.Remarks, Remark{Field: "spec.update.strategy", Message: taken})
	}
	return nil
}

func (p *planner) write(out io.Writer, all []planned) error {
	var changed []string
	for _, plan := range all {
		if plan.Changes() {
			changed = append(changed, ResourceName(plan.kind, plan.Name))
		}
	}
	done, err := p.output.Write(out, all, changed)
	if err != nil {
		return err
	}
	changes, refused := false, false
	for _, plan := range all {
		if !done {
			plan.write(out)
		}
		changes = changes || plan.Changes() || plan.Uncertain
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
