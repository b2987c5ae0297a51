package topology

import (
	"fmt"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// rebalance claims a topology whose change needs no new submission: its id stays.
// It stands after activity, since Storm returns to the previous status.
//
//	pod of generation 5 ─ look ─────────────────────── kill ─▶ hits generation 6
//	hook ──────────────── rebalance to generation 6 ──┘ (Must 1)
//
// So a submission that was under way ends first.
func rebalance(seen Observed) (Decision, bool) {
	change, t := seen.Change, seen.Storm.Running()
	if t == nil || change == nil || change.Kind != v1beta1.ChangeRebalance {
		return pass()
	}
	unseen := submissionUnseen(seen)
	if problems := scaleProblems(seen); len(problems) > 0 {
		return seen.refuse(strings.Join(problems, " ")), true
	}
	if seen.Aim.Submit.underWay() || unseen {
		return waitForSubmission(seen, unseen), true
	}
	wait := rebalanceWait(seen)
	call := storm.Call{
		Verb: storm.Rebalance, Name: t.Name, ID: t.ID, WaitSeconds: &wait,
		Executors: storm.ExecutorsFor(seen.Aim.Scales, workersOf(seen.Aim, t)), Overrides: overrides(seen.Aim),
	}
	if workers, set := seen.Aim.Settings[storm.Workers].(int64); set {
		call.Workers = int32(workers)
	}
	d := seen.keep(v1beta1.PhaseUpdating)
	d.Calls = []storm.Call{call}
	return d.waiting(v1beta1.Rebalancing, "%sRebalance (%s): Storm pauses the spouts, reassigns the workers and resumes.", seen.whyRolledBack(), change.Why).again(whileDraining), true
}

// waitForSubmission ends a submission before a rebalance.
func waitForSubmission(seen Observed, unseen bool) Decision {
	d := seen.keep(v1beta1.PhaseUpdating)
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	if tried := d.Remember.Attempts; tried != nil && tried.RequestedAt == nil && !seen.Aim.Submit.exists() {
		requested := *tried
		requested.RequestedAt = stamp(seen.Now)
		d.Remember.Attempts = &requested
	}
	when := "It starts once the submission in progress has ended."
	if unseen {
		when = fmt.Sprintf("It waits up to %d s, because a pod of an earlier submission could still start.", submissionAppears/time.Second)
	}
	return d.waiting(v1beta1.Rebalancing, "%sTopology %q needs a rebalance (%s). %s", seen.whyRolledBack(), seen.Parent.StormName(), seen.Change.Why, when).again(seen.Aim.Submit.untilExited(seen.Now))
}

// submissionUnseen: one was requested a moment ago, and no watch has told of it yet.
// If the status has no time (the previous child blocked it for long), assume that
// it was just now:
//
//	the previous one goes ─ requested ─ status: requested at ─┐ (the parent's watch is late)
//	another spec ────────────────────── rebalance ────────────┴ sees the previous status
func submissionUnseen(seen Observed) bool {
	return !seen.Aim.Submit.exists() && seen.submissionTried() && age(seen.attemptsSoFar().RequestedAt, seen.Now) < submissionAppears
}

// overrides are the cheap settings and the fingerprint: never the one without the
// other, or Storm would say of a topology what it is not. Null is never among them: where
// a setting becomes null, the topology is restarted, and Storm checks it.
func overrides(goal Goal) map[string]any {
	overrides := goal.Fingerprint.Settings()
	delete(overrides, storm.KeyInputs) // main does not run: what runs has the inputs of its submission
	for key, value := range goal.Settings {
		if storm.Cheap(key) && value != nil && !storm.HasReference(value) {
			overrides[key] = value
		}
	}
	return overrides
}
