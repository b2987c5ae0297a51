package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// switchOver claims a topology beside which another one is to run: the new revision, once its
// workers are up and what runs has drained; or the last good one, at once. Must 1: what is to
// run is activated in a look that shows the other one INACTIVE, or right after Storm
// accepted its deactivation.
func switchOver(seen Observed) (Decision, bool) {
	running, beside := seen.Storm.Running(), seen.Other.Running()
	switch {
	case running == nil || beside == nil || seen.Aim.Runs:
		return pass()
	case !runs(seen.Other, seen.Aim) && leavesUnjudged(seen):
		return switchBack(seen, leftUnjudged(seen)), true
	case !runs(seen.Other, seen.Aim):
		return pass()
	case seen.Aim.Because != nil && seen.Target.Runs && seen.ranBefore():
		return switchBack(seen, seen.whyRolledBack()), true
	}
	return takeOver(seen), true
}

// leavesUnjudged says whether a revision runs that has not come up yet and is to be restarted,
// with the previous one beside it.
func leavesUnjudged(seen Observed) bool {
	return pending(seen.Progress) && seen.Progress.StormID == seen.Storm.Topology.ID &&
		seen.Change != nil && seen.Change.Kind == v1beta1.ChangeRestart && seen.ranBefore() && seen.Other.Revision != seen.Storm.Revision
}

// leftUnjudged says what the revision that is left had not reached.
func leftUnjudged(seen Observed) string {
	lacks := "had come up"
	if least := minReady(seen); least > 0 && seen.Storm.Topology.Counted() && workersUp(seen) {
		lacks = fmt.Sprintf("had been up for %s (spec.update.minReadySeconds)", duration(least))
	}
	return fmt.Sprintf("The target changed before the workers of revision %s %s. ", seen.Storm.revisionName(), lacks)
}

// switchBack activates the topology beside, whose workers are warm. It waits for nothing.
func switchBack(seen Observed, why string) Decision {
	running, beside := seen.Storm.Topology, seen.Other.Topology
	d := switching(seen)
	if running.Status == storm.Active {
		d.Calls = append(d.Calls, turned(running, storm.Deactivate))
	}
	switch suspend := seen.Parent.Spec.Suspend; {
	case suspend && running.Status == storm.Inactive:
		d.Calls = append(d.Calls, seen.killInactive(running)) // the other one counts then
	case !suspend && beside.Status == storm.Inactive:
		d.Calls = append(d.Calls, turned(beside, storm.Activate))
	}
	return d.waiting(v1beta1.Switching, "%sRevision %s is being activated again, as topology %q.", why, seen.Other.revisionName(), beside.Name)
}

// takeOver brings the aim from beside to where it runs.
func takeOver(seen Observed) Decision {
	running, next := seen.Storm.Topology, seen.Other.Topology
	d := switching(seen)
	switch inactive := running.Status == storm.Inactive; {
	case next.Status == storm.Rebalancing:
		return d.waiting(v1beta1.Rebalancing, "%sStorm is rebalancing topology %q.", seen.context(notActive), next.Name)
	case seen.Parent.Spec.Suspend && !inactive:
		d.Calls = []storm.Call{turned(running, storm.Deactivate)}
		return d.waiting(v1beta1.Suspended, "The topology is being deactivated, because spec.suspend is true.")
	case !upBeside(seen) && inactive && !seen.Parent.Spec.Suspend:
		// Must 2: its successor is not up, or not any more.
		d.Calls = []storm.Call{turned(running, storm.Activate)}
		return d.waiting(v1beta1.Switching, "Revision %s is being activated again, because the workers of revision %s are not up.",
			seen.Storm.revisionName(), seen.Aim.Fingerprint.Revision)
	case !upBeside(seen):
		return waitBeside(seen, d)
	case seen.Parent.Spec.Suspend:
		d.Calls = []storm.Call{seen.killInactive(running)}
		return d.waiting(v1beta1.Switching, "The workers of revision %s are up. Revision %s is being killed; the new one stays INACTIVE, because spec.suspend is true.",
			seen.Aim.Fingerprint.Revision, seen.Storm.revisionName())
	case !inactive:
		d.Calls = []storm.Call{turned(running, storm.Deactivate)}
		d.Remember.DrainingSince = stamp(seen.Now)
	}
	return drainThenActivate(seen, d)
}

// drainThenActivate waits until what was deactivated has drained.
func drainThenActivate(seen Observed, d Decision) Decision {
	before, drains := seen.Parent.Status.Beside, seen.drainBeside()
	if d.Remember.DrainingSince == nil {
		if d.Remember.DrainingSince = stamp(seen.Now); before != nil && before.StormID == seen.Other.Topology.ID && before.DrainingSince != nil {
			d.Remember.DrainingSince = before.DrainingSince
		}
	}
	rest := rest(wholly(drains), d.Remember.DrainingSince.Time, seen.Now)
	if rest <= 0 {
		stands := "has drained"
		if drains <= 0 && len(d.Calls) > 0 {
			stands = "is deactivated, without a drain"
		}
		d.Calls = append(d.Calls, turned(seen.Other.Topology, storm.Activate))
		return d.waiting(v1beta1.Switching, "Revision %s %s. Revision %s is being activated.", seen.Storm.revisionName(), stands, seen.Aim.Fingerprint.Revision)
	}
	return d.waiting(v1beta1.Switching, "Revision %s is deactivated, and has %s to drain. Then revision %s, whose workers are up, is activated.",
		seen.Storm.revisionName(), duration(drains), seen.Aim.Fingerprint.Revision).again(rest)
}

// wholly adds a second to a wait whose begin is in a status, in whole seconds and cut off: that
// alone never ends it too early.
func wholly(wait time.Duration) time.Duration {
	if wait <= 0 {
		return 0
	}
	return wait + time.Second
}

// waitBeside says what the aim beside what runs waits for.
func waitBeside(seen Observed, d Decision) Decision {
	b := seen.beside()
	t, wanted := b.Storm.Topology, b.Storm.workersWanted()
	runsOn := seen.context(notActive)
	switch since := sinceStart(b, t); {
	case seen.Aim.Because == nil && lateBeside(seen):
		return d.stalled(v1beta1.ProgressDeadlineExceeded, "%s%s It is not activated. It stays beside, because spec.update.rollback is false. Fix the topology, set the spec back, or raise spec.update.progressDeadlineSeconds.",
			runsOn, notUpInTime(b)).again(whileShort)
	case t.Counted() && t.Workers < wanted && since > schedulingRounds:
		d = lackingWorkers(b, d, wanted)
		d.Says.Message = runsOn + d.Says.Message
		return d
	case workersUp(b) && t.Counted():
		d = d.waiting(v1beta1.Starting, "%s%s %s. It is activated once each has been up for %s (spec.update.minReadySeconds); workers report their age once a minute.",
			runsOn, plural(t.WorkersUp, "worker"), upWord(t), duration(minReady(seen)))
		return d.again(min(max(whileStarting, since/10), whileShort))
	default:
		d = d.waiting(v1beta1.Starting, "%sIt is in Storm as topology %q, INACTIVE; %d of %s %s.", runsOn, t.Name, t.WorkersUp, plural(max(wanted, t.Workers), "worker"), upWord(t))
		return d.again(min(max(whileStarting, since/10), whileShort))
	}
}
