package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// rebalancing claims a topology whose workers Storm is moving: activate,
// deactivate and another rebalance fail meanwhile without a word
// (Nimbus.java, TOPO_STATE_TRANSITIONS, v2.8.1).
func rebalancing(seen Observed, now time.Time) (Decision, bool) {
	t := seen.running()
	if t == nil || t.Status != storm.Rebalancing || seen.submission(now).at == working {
		return Decision{}, false
	}
	d := seen.keeping(v1beta1.PhaseRunning)
	if !seen.runsTarget() {
		d.Phase = v1beta1.PhaseUpdating
	}
	d.Submit = seen.submitUnlessLive()
	return d.waiting(v1beta1.Rebalancing, "Storm is rebalancing the topology; its spouts pause meanwhile.").again(seen.whileRebalancing(now)), true
}

// whileRebalancing is how long Storm is going to be at it, as far as we know:
// somebody else may have asked for it, with another wait.
func (seen Observed) whileRebalancing(now time.Time) time.Duration {
	ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady)
	rest := time.Duration(seen.rebalanceWait())*time.Second - now.Sub(ready.LastTransitionTime.Time)
	return min(max(rest, whileKilling), whileShort)
}

// rebalance claims a topology whose change needs no new submission: its id stays.
// It stands after activity, since Storm goes back to the status of before.
//
//	pod of generation 5 ─ look ─────────────────────── kill ─▶ hits generation 6
//	hook ──────────────── rebalance to generation 6 ──┘ (Must 1)
//
// So a submission that was under way ends first.
func rebalance(seen Observed, now time.Time) (Decision, bool) {
	change := seen.change()
	if change == nil || change.Kind != v1beta1.ChangeRebalance {
		return Decision{}, false
	}
	unseen := seen.submissionUnseen(now)
	if seen.submitting(now) || unseen {
		d := seen.keeping(v1beta1.PhaseUpdating)
		d.Submit = seen.submitUnlessLive()
		if tried := d.Attempts; tried != nil && tried.NamedAt == nil && !seen.Submit.there() {
			named := *tried
			named.NamedAt = stamp(now)
			d.Attempts = &named
		}
		when := "as soon as a submission that was under way has ended"
		if unseen {
			when = fmt.Sprintf("within %d s: a submission had been asked for, and a pod of it that has not been seen could still come", submissionComes/time.Second)
		}
		return d.waiting(v1beta1.Rebalancing, "Rebalance (%s), %s.", change.Why, when).again(soon), true
	}
	t := seen.running()
	wait := seen.rebalanceWait()
	call := storm.Call{Verb: storm.Rebalance, Name: t.Name, ID: t.ID, WaitSeconds: &wait, Overrides: seen.overrides()}
	if workers, set := seen.Target.Settings[storm.Workers].(int64); set {
		call.Workers = int32(workers)
	}
	d := seen.keeping(v1beta1.PhaseUpdating)
	d.Calls = []storm.Call{call}
	return d.waiting(v1beta1.Rebalancing, "Rebalance (%s): Storm pauses the spouts, moves the workers, and goes on.", change.Why).again(whileKilling), true
}

// submissionComes is how long a submission that was asked for may take to be seen.
const submissionComes = time.Minute

// submissionUnseen: one was asked for a moment ago, and no watch has told of it yet.
// Where the status does not say since when (the child of before was in its way for
// long), it may have been just now:
//
//	the one of before goes ─ asked for ─ status: since when ─┐ (the parent's watch is late)
//	another spec ─────────────────────── rebalance ──────────┴ sees the status of before
func (seen Observed) submissionUnseen(now time.Time) bool {
	tried := seen.tried()
	return !seen.Submit.there() && tried != nil && tried.Step == children.StepSubmit && age(tried.NamedAt, now) < submissionComes
}

// overrides are the cheap settings and the fingerprint: never the one without the
// other, or Storm would say of a topology what it is not.
func (seen Observed) overrides() map[string]any {
	overrides := seen.Target.Fingerprint.Settings()
	for key, value := range seen.Target.Settings {
		if storm.Cheap(key) {
			overrides[key] = value
		}
	}
	return overrides
}

// workersIgnored claims a topology whose number of workers Storm would pay no heed
// to: a rebalance would not change it, and a person would wait for it for ever.
func workersIgnored(seen Observed, _ time.Time) (Decision, bool) {
	if seen.Parent.Spec.Topology.Workers == nil || !seen.Storm.IgnoresWorkers() {
		return Decision{}, false
	}
	return seen.refusing(fmt.Sprintf("spec.topology.workers is %d, and this Storm has the Resource Aware Scheduler (storm.scheduler of Nimbus), "+
		"which ignores it and gives as many workers as memory and CPU need. Take spec.topology.workers away (no kubectl scale, no autoscaler), "+
		"or give Storm another scheduler.", *seen.Parent.Spec.Topology.Workers)), true
}

const (
	// restartsWithin is how long after a rebalance workers with old settings are
	// believed to be still there: a supervisor looks for changed settings each 30 s
	// (supervisor.localizer.update.blob.interval.secs, storm: conf/defaults.yaml,
	// v2.8.1), a worker starts, and reports each 60 s.
	restartsWithin = 2 * time.Minute
	// seenLate is how much later than Storm we may have seen the rebalance done.
	seenLate = 10 * time.Second
	// reportsWithin is how old what a worker says of its age may be
	// (executor.metrics.frequency.secs, 60 s).
	reportsWithin = time.Minute
)

// restartsStill says whether some worker runs since before the last rebalance: a
// changed setting restarts each of them, a while after Storm calls it done.
//
//	rebalance ─ ACTIVE ───────────────── worker restarts ─ reports
//	            old worker still "up" ──┘
//
// A worker says how old it is once a minute only, so that one that was young at
// the rebalance looks like one that has restarted. Workers that may have been so
// young are waited for until they must have restarted: Ready would come and go.
//
//	started ─ reports 5 s ─ rebalance ─ "5 s old" ─ reports 70 s: an old one after all
func (seen Observed) restartsStill(t *storm.Topology, now time.Time) bool {
	since, young, rebalanced := seen.sinceRebalance(t, now)
	old := time.Duration(t.OldestUptime)*time.Second > since+seenLate
	return rebalanced && since < restartsWithin && (old || young)
}

// sinceRebalance is how long ago a rebalance of ours was seen done, and whether
// workers may have been young at it; false where there was none.
func (seen Observed) sinceRebalance(t *storm.Topology, now time.Time) (since time.Duration, young, rebalanced bool) {
	before, started := seen.Parent.Status, startTime(t.ID, now)
	h := before.History
	sameID := func() bool { return len(h) > 0 && h[0].StormID == t.ID && h[0].Time != nil }
	switch {
	case before.StormID != t.ID:
		return 0, false, false
	case before.Change != nil: // it is seen done just now
		rebalanced = before.Change.Kind == v1beta1.ChangeRebalance
	case sameID() && h[0].Revision != seen.revisionOf(t): // so is this, and the answer that told of it was lost
		rebalanced = true
	case sameID() && h[0].Time.After(started):
		since, h, rebalanced = age(h[0].Time, now), h[1:], true
	}
	if sameID() {
		started = h[0].Time.Time // as it was rebalanced before
	}
	return since, now.Sub(started)-since < restartsWithin+reportsWithin+seenLate, rebalanced
}

// rebalanceWait is always sent, so that it is known.
func (seen Observed) rebalanceWait() int32 {
	if update := seen.Parent.Spec.Update; update != nil && update.RebalanceWaitSeconds != nil {
		return *update.RebalanceWaitSeconds
	}
	return int32(seen.messageTimeout().Seconds())
}
