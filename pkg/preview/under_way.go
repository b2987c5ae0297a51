package preview

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// An apply may come in the middle of an update. What that update has in Storm already is in
// the status of the live object (status.beside), so the hook is asked about both topologies.

// besideTopology is what Storm has beside the running topology according to the live object;
// nil if nothing.
func besideTopology(live *v1beta1.StormTopology, w *world) *storm.Topology {
	b := live.Status.Beside
	if b == nil || !storm.ValidID(b.StormID) || b.StormStatus == storm.Killed {
		return nil
	}
	t := runningAs(topology.Target{}, live)
	t.ID, t.Name, t.Status = b.StormID, b.StormName, storm.Inactive
	if b.StormStatus == storm.Active {
		t.Status = storm.Active
	}
	t.WorkersUp = 0
	if up, wanted := 0, 0; scanned(b.WorkersUp, &up, &wanted) {
		t.WorkersWanted, t.Workers, t.Executors, t.WorkersUp = wanted, wanted, wanted, up
	}
	if b.DrainingSince != nil || earlier(b.StormID, live.Status.StormID) {
		t.YoungestUptime = longUp // they were up for long enough, or ran before
	}
	if b.StormID == live.Annotations[v1beta1.AnnotationAdopt] { // Stormhooks did not submit it
		return t
	}
	t.Fingerprint = unknownFingerprint(live, b.Revision)
	for _, spec := range append([]*v1beta1.StormTopology{live}, withSpecs(live, b.Revision, live.Status.LastGood, live.Status.LastSpec)...) {
		if as := newWorld(spec, &w.objects.Clusters[0], w.config); as.target() == b.Revision {
			t.Fingerprint = topology.Observe(as.objects, as.config, noon).Target.Fingerprint
			break
		}
	}
	return t
}

// longUp is an age of workers that is enough for every spec.update.minReadySeconds.
const longUp = 1 << 30

// scanned reads workers as a status has them, "up/wanted".
func scanned(workers string, up, wanted *int) bool {
	n, err := fmt.Sscanf(workers, "%d/%d", up, wanted)
	return err == nil && n == 2 && *wanted > 0
}

// earlier says whether of two ids in Storm the first one was submitted before the second.
func earlier(first, second string) bool {
	a, known := storm.StartTime(first)
	b, both := storm.StartTime(second)
	return known && both && a < b
}

// withSpecs are the live object with the specs of a revision that the status remembers.
func withSpecs(live *v1beta1.StormTopology, revision string, remembered ...*v1beta1.LastSpec) (all []*v1beta1.StormTopology) {
	for _, last := range remembered {
		if spec := specOf(last, revision); spec != nil {
			before := live.DeepCopy()
			before.Spec.Topology, before.Spec.RestartNonce = *spec, last.RestartNonce
			delete(before.Annotations, v1beta1.AnnotationRestartedAt)
			if last.RestartedAt != "" {
				metav1.SetMetaDataAnnotation(&before.ObjectMeta, v1beta1.AnnotationRestartedAt, last.RestartedAt)
			}
			all = append(all, before)
		}
	}
	return all
}

// inTheMiddle makes the plan for an apply in the middle of an update; false where the plan is
// the same as without that update. result is the hook's answer to the object after the apply,
// without the one to the live object.
func (p *Plan) inTheMiddle(result, without topology.Result, live *v1beta1.StormTopology) bool {
	seen := result.Observed
	running, beside := seen.Storm.Running(), seen.Other.Running()
	switch {
	case running == nil:
		return false
	case beside == nil:
		return p.cancels(result, without, live)
	case seen.Aim.Runs && earlier(beside.ID, running.ID):
		return p.keepsPrevious(result, live)
	case seen.Aim.Runs && seen.Aim.Because != nil: // the status tells of it
		p.step("Revision %s, INACTIVE beside it as topology %q, is killed.", seen.Other.Revision, beside.Name)
		return false
	case seen.Aim.Runs:
		return p.cancels(result, without, live)
	case seen.Other.Revision != seen.Aim.Fingerprint.Revision:
		return false
	case earlier(beside.ID, running.ID):
		p.switchesBack(result, live)
	default:
		p.finishes(result, live)
	}
	return true
}

// step adds what happens.
func (p *Plan) step(format string, args ...any) {
	p.Steps = append(p.Steps, fmt.Sprintf(format, args...))
}

// cancels is the plan where the running revision is the target again: an update that waits,
// has failed, or has another revision beside, ends.
func (p *Plan) cancels(result, without topology.Result, live *v1beta1.StormTopology) bool {
	seen, was := result.Observed, without.Observed
	beside, to := seen.Other.Running(), was.Target.Fingerprint.Revision
	p.stopsSubmission(seen.Parent, live)
	if !seen.Aim.Runs && seen.Aim.Because == nil {
		p.replaces(result, was)
	}
	if !seen.Aim.Runs || seen.Aim.Because != nil || to == p.From && beside == nil {
		return false
	}
	update := "update"
	switch c := was.Change; {
	case beside != nil:
		to = seen.Other.Revision
	case c != nil && c.Kind == v1beta1.ChangeRebalance && live.Status.StormStatus == storm.Rebalancing:
		p.Kind, p.Why = Rebalance, fmt.Sprintf("Storm is rebalancing it to revision %s, which is not wanted any more", to)
		p.wait(result, live)
		p.step("Once Storm has done that, it is rebalanced back to revision %s.", p.From)
		return true
	case c != nil && c.Kind == v1beta1.ChangeRebalance:
		update = "rebalance"
	}
	failed := ""
	if live.Status.Phase == v1beta1.PhaseUpdateFailed || was.Aim.Because != nil {
		failed = ", which failed,"
	}
	p.Kind, p.Why, p.To = Cancel, fmt.Sprintf("the %s to revision %s%s ends", update, to, failed), p.From
	p.Activity, p.Inactive = activity(result), seen.Parent.Spec.Suspend
	stands := "runs"
	if live.Status.StormStatus == storm.Inactive {
		stands = "is in Storm"
	}
	ready, _ := conditions.Find(live.Status.Conditions, v1beta1.ConditionReady)
	nothing := " Nothing is submitted, and nothing restarts."
	if beside == nil && ready.Reason == v1beta1.Submitting {
		nothing = ""
	}
	p.step("Revision %s, which %s, is the target again.%s", p.From, stands, nothing)
	p.activatesAgain(live)
	switch {
	case beside != nil:
		p.step("Revision %s, INACTIVE beside it as topology %q, is killed.", to, beside.Name)
	case ready.Reason != v1beta1.Submitting:
	case live.BlueGreen():
		p.step("The pod that submits revision %s is stopped. If it has submitted it by then, that one is killed.", to)
	default:
		p.step("The pod that submits revision %s is stopped, unless it has killed revision %s already. Then it submits revision %s, and revision %s replaces that one.", to, p.From, to, p.From)
	}
	return true
}

// replaces says that an update to another revision ends, where what runs is only rebalanced.
func (p *Plan) replaces(result topology.Result, was topology.Observed) {
	to, change := was.Target.Fingerprint.Revision, result.Observed.Change
	if change == nil || change.Kind != v1beta1.ChangeRebalance || to == p.From || to == p.To {
		return
	}
	if was.Aim.Because != nil || was.Change != nil && was.Change.Kind == v1beta1.ChangeRestart {
		p.Replaces = to
		p.step("The update to revision %s ends.", to)
	}
}

// stopsSubmission says that a submission beside what runs is stopped, where the strategy becomes
// Replace.
func (p *Plan) stopsSubmission(wanted, live *v1beta1.StormTopology) {
	attempts := live.Status.Attempts
	if !live.BlueGreen() || wanted.BlueGreen() || attempts == nil || attempts.Step != children.StepSubmit || attempts.Revision != p.To {
		return
	}
	p.step("The pod that submits revision %s beside is stopped. If it has submitted it by then, that one takes over as with strategy BlueGreen, and nothing else is submitted.", p.To)
}

// activatesAgain says that what drained is activated: not because it was suspended.
func (p *Plan) activatesAgain(live *v1beta1.StormTopology) {
	if b := live.Status.Beside; p.Activity == Resume && !live.Spec.Suspend && b != nil && b.DrainingSince != nil {
		p.Activity = ""
		p.step("Revision %s was deactivated and drains. It is activated again.", p.From)
	}
}

// keepsPrevious is the plan where the target runs, and the previous revision is beside it.
func (p *Plan) keepsPrevious(result topology.Result, live *v1beta1.StormTopology) bool {
	seen := result.Observed
	name, previous := seen.Other.Topology.Name, seen.Other.Revision
	for _, call := range result.Decision.Calls {
		if call.Verb == storm.Kill && call.ID == seen.Other.Topology.ID {
			p.Kind, p.Why = Finish, fmt.Sprintf("the update to revision %s, which runs, is complete", p.To)
			p.step("Revision %s, INACTIVE beside it as topology %q, is killed. Nothing restarts.", previous, name)
			return true
		}
	}
	p.step("Revision %s stays INACTIVE beside it, as topology %q, until revision %s has progressed.", previous, name, live.Status.Revision)
	return false
}

// finishes is the plan where the target is beside what runs, and takes over.
func (p *Plan) finishes(result topology.Result, live *v1beta1.StormTopology) {
	seen, b := result.Observed, live.Status.Beside
	wanted, beside := seen.Parent, seen.Other.Topology
	p.Kind, p.Why = Finish, fmt.Sprintf("revision %s is already in Storm, beside revision %s", p.To, p.From)
	p.drains(wanted, live)
	p.judges(wanted)
	p.Inactive = wanted.Spec.Suspend
	stopped := live.Status.StormStatus == storm.Inactive
	up := "with its workers up"
	if beside.WorkersUp < beside.Workers {
		up = fmt.Sprintf("INACTIVE, with %d of %d workers up", beside.WorkersUp, beside.Workers)
	}
	p.step("Revision %s is there as topology %q, %s. Nothing is submitted.", p.To, beside.Name, up)
	each := "its workers are up"
	if update := wanted.Spec.Update; update != nil && update.MinReadySeconds != nil && *update.MinReadySeconds > 0 {
		each = fmt.Sprintf("each of its workers has been up for %d s", *update.MinReadySeconds)
	}
	switch {
	case p.Inactive:
		if !stopped {
			p.Activity = Suspend
		}
		p.step("Once %s, revision %s is killed. Revision %s stays INACTIVE until it is resumed.", each, p.From, p.To)
		return
	case b.DrainingSince != nil:
		if minReady(wanted) > minReady(live) {
			p.step("Unless %s, revision %s is activated again until then.", each, p.From)
		}
		since := b.DrainingSince.UTC().Format(time.RFC3339)
		if *p.WaitSeconds == 0 {
			p.step("Revision %s was deactivated at %s and need not drain any longer. Revision %s takes over at once.", p.From, since, p.To)
			break
		}
		p.step("Revision %s was deactivated at %s. It drains for %s from then on. After that, or now if that is over, revision %s takes over.", p.From, since, p.Drain(), p.To)
	default:
		if stopped {
			p.step("Unless %s, revision %s is activated again until then.", each, p.From)
		}
		p.step("Once %s, revision %s is deactivated%s.", each, p.From, p.activates())
	}
	p.step("%s", p.Ending())
}

// activates is what follows the deactivation of what runs.
func (p *Plan) activates() string {
	if *p.WaitSeconds == 0 {
		return fmt.Sprintf(" and revision %s is activated at once", p.To)
	}
	return fmt.Sprintf(" and drains for %s. Then revision %s is activated", p.Drain(), p.To)
}

// switchesBack is the plan where the previous revision, which is kept beside, is the target
// again, or is the way back.
func (p *Plan) switchesBack(result topology.Result, live *v1beta1.StormTopology) {
	seen := result.Observed
	p.drains(seen.Parent, live)
	p.Inactive = seen.Parent.Spec.Suspend
	if seen.Aim.Because != nil {
		p.Kind, p.Why = Finish, fmt.Sprintf("revision %s failed, and is rolled back", p.From)
		p.step("Revision %s, whose workers are up beside it as topology %q, is activated at once. Revision %s is killed.", p.To, seen.Other.Topology.Name, p.From)
		return
	}
	p.Kind, p.Why = Cancel, fmt.Sprintf("the update to revision %s ends", p.From)
	p.step("Revision %s is still in Storm beside it, as topology %q. Nothing is submitted.", p.To, seen.Other.Topology.Name)
	if p.Inactive {
		p.step("Revision %s is killed. Revision %s stays INACTIVE until it is resumed.", p.From, p.To)
		return
	}
	p.step("Revision %s is deactivated%s, and revision %s is killed.", p.From, p.activates(), p.From)
}

// before is the live object after what the hook does first, where what is beside is neither
// wanted nor the way back: the plan is made from there. nil where there is no such step.
func (p *Plan) before(result topology.Result, live *v1beta1.StormTopology) *v1beta1.StormTopology {
	seen, change := result.Observed, result.Observed.Change
	running, beside := seen.Storm.Running(), seen.Other.Running()
	if running == nil || beside == nil || change == nil || seen.Aim.Runs || seen.Aim.Because != nil || seen.Other.Revision == seen.Aim.Fingerprint.Revision {
		return nil
	}
	next := live.DeepCopy()
	status := &next.Status
	previous := earlier(beside.ID, running.ID)
	switch {
	case previous && change.Kind == v1beta1.ChangeRebalance:
		p.step("Revision %s stays INACTIVE beside it, as topology %q, until the running one has progressed.", seen.Other.Revision, beside.Name)
		return nil
	case previous && result.Decision.Rule == switchOver:
		p.step("Revision %s has not progressed, so revision %s, which is still beside it as topology %q, is activated again first. Revision %s is killed.",
			p.From, seen.Other.Revision, beside.Name, p.From)
		status.StormID, status.StormName, status.Revision, status.LastSpec = beside.ID, beside.Name, seen.Other.Revision, status.LastGood
		status.WorkersUp = status.Beside.WorkersUp
	default:
		if status.StormStatus == storm.Inactive && !live.Spec.Suspend {
			p.step("Revision %s was deactivated and drains. It is activated again.", p.From)
		}
		p.step("Revision %s, INACTIVE beside it as topology %q, is not wanted any more and is killed.", seen.Other.Revision, beside.Name)
	}
	if !live.Spec.Suspend {
		status.StormStatus = storm.Active
	}
	status.Beside, status.Progress, status.SecondName = nil, nil, true
	return next
}

// switchOver is the rule of pkg/topology by which one of two topologies takes over.
const switchOver = "switch over"

// besideNow is a live object whose running topology is killed, seen from what is beside it.
func besideNow(live *v1beta1.StormTopology) *v1beta1.StormTopology {
	b := live.Status.Beside
	if live.Status.StormStatus != storm.Killed || b == nil || b.StormStatus == storm.Killed || !storm.ValidID(b.StormID) {
		return live
	}
	next := live.DeepCopy()
	status := &next.Status
	status.StormID, status.StormName, status.Revision, status.StormStatus = b.StormID, b.StormName, b.Revision, b.StormStatus
	status.Beside, status.Progress = nil, nil
	return next
}

func minReady(of *v1beta1.StormTopology) int32 {
	if update := of.Spec.Update; update != nil && update.MinReadySeconds != nil {
		return *update.MinReadySeconds
	}
	return 0
}
