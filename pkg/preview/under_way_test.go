package preview

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	nameID, greenID = "wordcount-3-1767268800", "wordcount-green-4-1767268860"
	blueGreen       = "spec/update: {strategy: BlueGreen, drainSeconds: 20, minReadySeconds: 5, progressDeadlineSeconds: 120}"
	replace         = "spec/update: {strategy: Replace}"
	class           = "spec/topology/mainClass: "
)

// updates are the states of an update from class a.Old to a.New.
var updates = []struct {
	name, spec string
	status     func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus
}{
	{"1 being submitted beside", blueGreen, func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
		return submitting(oldRuns(old, now), now)
	}},
	{"2 workers coming up", blueGreen, func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
		return newBeside(old, now, "0/2")
	}},
	{"3 draining", blueGreen, func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
		status := newBeside(old, now, "2/2")
		status.StormStatus, status.Beside.DrainingSince = storm.Inactive, at(0)
		return status
	}},
	{"4 the previous one kept beside", blueGreen, oldBeside},
	{"Replace: pending", replace, oldRuns},
	{"Replace: being submitted", replace, func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
		return submitting(oldRuns(old, now), now)
	}},
	{"Replace: failed", replace, func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
		status := oldRuns(old, now)
		status.Phase = v1beta1.PhaseUpdateFailed
		return status
	}},
	{"Replace: rolled back", replace, rolledBack},
	{"BlueGreen: failed", blueGreen, func(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
		status := oldRuns(old, now)
		status.Phase = v1beta1.PhaseUpdateFailed
		return status
	}},
	{"BlueGreen: rolled back by the deadline", blueGreen, rolledBack},
}

// inTheMiddle are the changes that an apply makes then. The default is class a.New, with the
// spec.update of the live object.
var inTheMiddle = []struct {
	name    string
	changes []string
}{
	{"nothing", nil},
	{"Replace", []string{replace}},
	{"Replace, still judged", []string{"spec/update: {strategy: Replace, minReadySeconds: 5, progressDeadlineSeconds: 120}"}},
	{"BlueGreen, no drain", []string{"spec/update: {strategy: BlueGreen, drainSeconds: 0, minReadySeconds: 5, progressDeadlineSeconds: 120}"}},
	{"BlueGreen, minReady 60", []string{"spec/update: {strategy: BlueGreen, drainSeconds: 20, minReadySeconds: 60, progressDeadlineSeconds: 120}"}},
	{"BlueGreen, minReady 0, no deadline", []string{"spec/update: {strategy: BlueGreen, drainSeconds: 20, minReadySeconds: 0}"}},
	{"kill wait 3", []string{"spec/killWaitSeconds: 3"}},
	{"suspended", []string{"spec/suspend: true"}},
	{"a third class", []string{class + "a.Third"}},
	{"a third class by Replace", []string{class + "a.Third", replace}},
	{"more workers", []string{"spec/topology/workers: 3"}},
	{"the class before", []string{class + "a.Old"}},
	{"the class before by Replace", []string{class + "a.Old", replace}},
	{"the class before, suspended", []string{class + "a.Old", "spec/suspend: true"}},
	{"the class before, more workers", []string{class + "a.Old", "spec/topology/workers: 3"}},
}

func at(seconds int) *metav1.Time {
	t := metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second))
	return &t
}

func remembered(of *v1beta1.StormTopology) *v1beta1.LastSpec {
	return &v1beta1.LastSpec{Revision: revision.Of(of, ""), Topology: of.Spec.Topology.DeepCopy()}
}

func oldRuns(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
	return v1beta1.StormTopologyStatus{
		Phase: v1beta1.PhaseUpdating, StormID: nameID, StormName: "wordcount", StormStatus: storm.Active, WorkersUp: "2/2",
		Revision: revision.Of(old, ""), LastSpec: remembered(old), TargetRevision: revision.Of(now, ""),
		Change:     &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "mainClass changed"},
		Conditions: []metav1.Condition{{Type: v1beta1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1beta1.Starting}},
	}
}

func submitting(status v1beta1.StormTopologyStatus, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
	status.Attempts = &v1beta1.Attempts{Revision: revision.Of(now, ""), Step: "Submit", Number: 1}
	status.Conditions[0].Reason = v1beta1.Submitting
	return status
}

func newBeside(old, now *v1beta1.StormTopology, up string) v1beta1.StormTopologyStatus {
	status := oldRuns(old, now)
	status.SecondName = true
	status.Beside = &v1beta1.Beside{StormName: "wordcount-green", StormID: greenID, StormStatus: storm.Inactive, Revision: revision.Of(now, ""), WorkersUp: up, Since: at(-30)}
	return status
}

func oldBeside(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
	status := oldRuns(now, now)
	status.Phase, status.Change, status.SecondName = v1beta1.PhaseRunning, nil, true
	status.StormID, status.StormName = greenID, "wordcount-green"
	status.LastGood = remembered(old)
	status.Progress = &v1beta1.Progress{StormID: greenID, Revision: revision.Of(now, ""), Since: at(0)}
	status.Beside = &v1beta1.Beside{StormName: "wordcount", StormID: nameID, StormStatus: storm.Inactive, Revision: revision.Of(old, ""), WorkersUp: "2/2"}
	return status
}

func rolledBack(old, now *v1beta1.StormTopology) v1beta1.StormTopologyStatus {
	status := oldRuns(old, now)
	status.Phase, status.Change = v1beta1.PhaseUpdateFailed, nil
	cluster := clusterIn("storm-system", "test-cluster", "nimbus")
	DefaultCluster(&cluster)
	now = now.DeepCopy()
	Default(now)
	status.Rollback = &v1beta1.Rollback{Revision: status.TargetRevision, Reason: v1beta1.ProgressDeadlineExceeded, Message: "0 of 2 workers were up after 120 s.",
		Specs: revision.SpecHash(now, &cluster), Unscaled: revision.Unscaled(now, &cluster, "")}
	return status
}

// TestInTheMiddleOfAnUpdate: what a plan says in each state of an update, and that the hook
// then does it.
func TestInTheMiddleOfAnUpdate(t *testing.T) {
	cluster := clusterIn("storm-system", "test-cluster", "nimbus")
	DefaultCluster(&cluster)
	var said strings.Builder
	for _, update := range updates {
		old, live := parsed(t, update.spec, class+"a.Old"), parsed(t, update.spec, class+"a.New")
		live.UID, live.Generation, live.Status = "uid-1", 4, update.status(old, live)
		fmt.Fprintf(&said, "# %s\n", update.name)
		for _, change := range inTheMiddle {
			wanted := parsed(t, append([]string{update.spec, class + "a.New"}, change.changes...)...)
			plan, err := Compare(live, wanted, &cluster)
			if err != nil {
				t.Fatal(err)
			}
			named := strings.NewReplacer(revision.Of(old, ""), "OLD", revision.Of(live, ""), "NEW")
			if to := plan.To; plan.To != revision.Of(old, "") && to != revision.Of(live, "") {
				named = strings.NewReplacer(revision.Of(old, ""), "OLD", revision.Of(live, ""), "NEW", to, "ANOTHER")
			}
			fmt.Fprintf(&said, "%s: %s (%s) %s\n", change.name, plan.Kind, named.Replace(plan.Why), cmp.Or(string(plan.Activity), "-"))
			for _, step := range plan.Steps {
				fmt.Fprintf(&said, "  %s\n", named.Replace(step))
			}
			if plan.Kind == Restart || plan.Kind == Rebalance {
				fmt.Fprintf(&said, "  %s to %s, beside %q\n", named.Replace(plan.From), named.Replace(plan.To), plan.Beside)
			}
			for _, e := range plan.Effects {
				fmt.Fprintf(&said, "  %s %s\n", e.Field, e.Says)
			}
			what := happens(t, live, wanted, &cluster)
			if what.submits != (plan.Kind == Restart) {
				t.Errorf("%s, %s: the plan is %s, and the hook submits: %t", update.name, change.name, plan.Kind, what.submits)
			}
			if what.rebalances != (plan.Kind == Rebalance) {
				t.Errorf("%s, %s: the plan is %s, and the hook rebalances: %t", update.name, change.name, plan.Kind, what.rebalances)
			}
			if acts := len(what.killed) > 0 || what.switched; acts && plan.Kind == None && len(plan.Steps) == 0 {
				t.Errorf("%s, %s: the plan is %s, and the hook does %+v", update.name, change.name, plan.Kind, what)
			}
			for _, name := range what.killed {
				if steps := strings.Join(plan.Steps, " "); !strings.Contains(steps, "killed") && !strings.Contains(steps, "progressed") {
					t.Errorf("%s, %s: the hook kills %s, and the plan does not say it: %q", update.name, change.name, name, steps)
				}
			}
			if plan.To != what.runs && !what.submits && !what.rebalances {
				t.Errorf("%s, %s: the plan is for %s, and in the end %s runs", update.name, change.name, named.Replace(plan.To), named.Replace(what.runs))
			}
		}
	}
	testkit.Golden(t, "testdata/in-the-middle.txt", []byte(said.String()))
}

// did is what the hook does after an apply, up to a submission.
type did struct {
	submits, rebalances, switched bool
	killed                        []string
	runs                          string
}

// happens calls the hook until it requests a submission or has nothing more to do, with a Storm
// that carries out each call, and whose workers come up.
func happens(t *testing.T, live, wanted *v1beta1.StormTopology, cluster *v1beta1.StormCluster) (what did) {
	t.Helper()
	wanted = wanted.DeepCopy()
	wanted.UID, wanted.Generation, wanted.Status = live.UID, live.Generation+1, live.Status
	w, _ := worldOf(live, wanted, cluster)
	now := noon
	for range 60 {
		grow(w, now)
		result, err := topology.Respond(w.objects, w.config, w, now)
		if err != nil {
			t.Fatal(err)
		}
		what.runs = result.Status.Revision
		parent := w.objects.Parent.DeepCopy()
		parent.Status = result.Status
		w.objects.Parent = parent
		for _, call := range result.Decision.Calls {
			switch call.Verb {
			case storm.Kill:
				what.killed = append(what.killed, call.Name)
			case storm.Rebalance:
				what.rebalances = true
				return what
			default:
				what.switched = true
			}
			w.carryOut(call)
		}
		if result.Decision.Children.Submit == topology.Requested || result.Decision.Children.Extract == topology.Requested || result.Decision.Children.Claim == topology.Requested {
			what.submits = true
			return what
		}
		now = now.Add(max(result.Decision.Look.Again, time.Second))
	}
	return what
}

// grow lets time pass in Storm.
func grow(w *world, now time.Time) {
	all := []*storm.Topology{w.storm.Topology}
	if w.storm.Other != nil {
		all = append(all, w.storm.Other.Topology)
	}
	for _, topology := range slices.DeleteFunc(all, func(t *storm.Topology) bool { return t == nil }) {
		topology.WorkersUp = topology.Workers
		age := int(now.Sub(noon).Seconds())
		topology.Uptime = age + 60
		topology.YoungestUptime = max(topology.YoungestUptime, age)
	}
}

func (w *world) carryOut(call storm.Call) {
	for _, view := range []*storm.View{&w.storm, w.storm.Other} {
		if view == nil || view.Topology == nil || view.Topology.ID != call.ID {
			continue
		}
		switch call.Verb {
		case storm.Activate:
			view.Topology.Status = storm.Active
		case storm.Deactivate:
			view.Topology.Status = storm.Inactive
		case storm.Kill:
			view.Topology = nil
		}
	}
	if other := w.storm.Other; w.storm.Topology == nil && other != nil && other.Topology != nil {
		w.storm = w.storm.Swapped()
		w.storm.Other = nil
	}
}
