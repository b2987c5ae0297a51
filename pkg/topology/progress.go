package topology

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A submission progresses once: when each of its workers has been up for minReadySeconds.
// Until then its last good revision is remembered, and its deadline runs:
//
//	submitted ─ first seen ─ lacks slots, suspended ─ assigned ─ up ─ old enough: progressed
//	            since ───── (the time does not count)  since ───────── deadline: rolled back
//
// What was seen before without a record counts as progressed: a field that is set while a
// topology runs judges nothing, and an object without these fields has no record (Must 7).

// progressOf is the record of the submission that runs, as of this look. What does not run,
// and a Storm that does not say what runs, leave it as it is.
func progressOf(seen Observed) *v1beta1.Progress {
	update, before, t := seen.Parent.Spec.Update, seen.Parent.Status, seen.Storm.Running()
	record := before.Progress
	switch {
	case update == nil || update.MinReadySeconds == nil && update.ProgressDeadlineSeconds == nil && !seen.Parent.BlueGreen(), seen.Storm.Heard == Adopted:
		return nil
	case t == nil:
		return record
	case record != nil && record.StormID == t.ID: // known
	case before.StormID == t.ID || knownGood(before, seen.Storm.Revision) || wasPrevious(before, t.ID):
		return nil
	default:
		record = &v1beta1.Progress{StormID: t.ID, Revision: seen.Storm.Revision}
		if record = clocked(seen, record); record.Since != nil {
			record.Since = firstSeen(seen, t)
		}
	}
	switch {
	case record.ProgressedAt != nil:
		return record
	case hasComeUp(seen, record):
		return &v1beta1.Progress{StormID: t.ID, Revision: seen.Storm.Revision, ProgressedAt: stamp(seen.Now)}
	case record.Revision != seen.Storm.Revision: // it was rebalanced, and is still judged
		rebalanced := *record
		rebalanced.Revision = seen.Storm.Revision
		if record.Since != nil { // its workers began again
			rebalanced.CountedSeconds += int64(sinceCounted(seen, record) / time.Second)
			rebalanced.Since = stamp(seen.Now)
		}
		record = &rebalanced
	}
	return clocked(seen, record)
}

// firstSeen is when Storm was first seen to have a topology. A status that was lost does not
// know that, and Nimbus does.
func firstSeen(seen Observed, t *storm.Topology) *metav1.Time {
	previous := seen.Other.Running() // beside it: it was activated later than it was submitted
	if len(seen.Parent.Status.Conditions) == 0 && previous == nil {
		return stamp(seen.Now.Add(-time.Duration(max(t.Uptime, 0)) * time.Second))
	}
	return stamp(seen.Now)
}

// knownGood says whether a revision has progressed before, as far as the status knows.
func knownGood(before v1beta1.StormTopologyStatus, revision string) bool {
	good, last := before.LastGood, before.LastSpec
	return good != nil && good.Revision == revision || last != nil && last.Revision == revision && !pending(before.Progress)
}

// wasPrevious says whether a topology was beside one that was submitted later: it is the
// previous revision, which runs again.
func wasPrevious(before v1beta1.StormTopologyStatus, id string) bool {
	started, _ := storm.StartTime(id)
	later, known := storm.StartTime(before.StormID)
	return known && before.Beside != nil && before.Beside.StormID == id && started < later
}

// pending says whether a submission has not progressed yet.
func pending(record *v1beta1.Progress) bool { return record != nil && record.ProgressedAt == nil }

// lastGood is the part of a spec that a rollback goes back to: what progressed last, or what
// ran last where that is not known.
func lastGood(status v1beta1.StormTopologyStatus) *v1beta1.LastSpec {
	if status.LastGood != nil {
		return status.LastGood
	}
	return status.LastSpec
}

// clocked is a record whose clock runs while it must, and stands otherwise: a person holds the
// topology, it processes nothing, or Storm assigns fewer workers than it needs.
func clocked(seen Observed, record *v1beta1.Progress) *v1beta1.Progress {
	stands := seen.Parent.Paused() || seen.Parent.Spec.Suspend || seen.Storm.Topology.Status != storm.Active || assignsFewer(seen)
	if stands == (record.Since == nil) {
		return record
	}
	next := *record
	if next.Since = nil; stands {
		next.CountedSeconds += int64(sinceCounted(seen, record) / time.Second)
	} else {
		next.Since = stamp(seen.Now)
	}
	return &next
}

// sinceCounted is for how long the clock has run. A hook server's clock saw it begin, and
// Nimbus knows the age of the submission by its own clock: where one of the clocks is ahead,
// the other one decides, so that nothing is judged early.
func sinceCounted(seen Observed, record *v1beta1.Progress) time.Duration {
	return min(age(record.Since, seen.Now), time.Duration(max(seen.Storm.Topology.Uptime, 0))*time.Second)
}

// hasComeUp says whether all workers have been up for long enough, while the topology was
// active. Only the age that they report tells: one that has crashed counts as up in Storm
// until nimbus.task.timeout.secs is over. Workers that are older than the activation prove
// nothing until they have noticed it (task.refresh.poll.secs) and reported again. Where Storm
// does not describe the topology, the time has to do.
func hasComeUp(seen Observed, record *v1beta1.Progress) bool {
	t, least, since := seen.Storm.Topology, minReady(seen), sinceCounted(seen, record)
	if t.Status != storm.Active || !t.Counted() || !workersUp(seen) || since < least {
		return false
	}
	age := time.Duration(t.YoungestUptime) * time.Second
	if warm := age > since; t.Detailed && warm && least > 0 && since < canBeOld(seen) {
		return false
	}
	return !t.Detailed || age >= least
}

// canBeOld is how long it takes at most until Storm says that workers are old enough which
// begin as soon as they can. No deadline is over before that.
func canBeOld(seen Observed) time.Duration { return minReady(seen) + v1beta1.DeadlineReserve }

func minReady(seen Observed) time.Duration {
	if update := seen.Parent.Spec.Update; update != nil && update.MinReadySeconds != nil {
		return time.Duration(*update.MinReadySeconds) * time.Second
	}
	return 0
}

// exceeded says whether the target runs, and its deadline is over. A look that does not say
// which workers are up judges nothing.
func exceeded(seen Observed) bool {
	record, update := seen.Progress, seen.Parent.Spec.Update
	t := seen.Storm.Running()
	if !seen.Target.Runs || !pending(record) || t == nil || record.StormID != t.ID || update == nil || update.ProgressDeadlineSeconds == nil {
		return false
	}
	since := sinceCounted(seen, record)
	counted := time.Duration(record.CountedSeconds)*time.Second + since
	return t.Detailed && record.Since != nil && !seen.Deleting && since >= canBeOld(seen) && counted >= deadline(seen)
}

// notUpInTime says what was observed of a target whose deadline is over.
func notUpInTime(seen Observed) string {
	t, wanted := seen.Storm.Topology, seen.Storm.workersWanted()
	said := fmt.Sprintf("%d of %s %s up after %d s", t.WorkersUp, plural(wanted, "worker"), were(wanted), deadline(seen)/time.Second)
	if workersUp(seen) {
		said += fmt.Sprintf(", not each for %d s (spec.update.minReadySeconds)", minReady(seen)/time.Second)
	}
	return said + "."
}

// deadline is how much time of the clock a revision has, at least canBeOld.
func deadline(seen Observed) time.Duration {
	return max(time.Duration(*seen.Parent.Spec.Update.ProgressDeadlineSeconds)*time.Second, canBeOld(seen))
}

// raised says how to give a revision more time.
func raised(seen Observed) string {
	said := "raise spec.update.progressDeadlineSeconds"
	if set := *seen.Parent.Spec.Update.ProgressDeadlineSeconds; canBeOld(seen) > time.Duration(set)*time.Second {
		said += fmt.Sprintf(" above %d (it is %d, and minReadySeconds plus %d s have to pass in any case)", canBeOld(seen)/time.Second, set, v1beta1.DeadlineReserve/time.Second)
	}
	return said
}

// reportedLast ends the message with the last error that a component reported.
func reportedLast(seen Observed) string {
	last := lastError(seen, seen.Storm.Topology)
	if last == nil {
		return ""
	}
	return fmt.Sprintf(" Component %q reported: %s", last.Component, followed(text.Cut(last.Message, longestReported)))
}

// longestReported is the largest part of a message that quotes a component, in bytes.
const longestReported = 150

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// workersUp says whether all workers are up that Storm assigns, and it assigns as many as
// the topology needs.
func workersUp(seen Observed) bool {
	t := seen.Storm.Topology
	all := t.WorkersUp == t.Workers
	return all && (t.Workers > 0 && t.Workers >= seen.Storm.workersWanted() || settled(seen, fewerWorkers(seen)))
}

// assignsFewer says whether Storm has had its rounds, and assigns fewer workers than the
// topology needs, whatever the revision does.
func assignsFewer(seen Observed) bool {
	t := seen.Storm.Topology
	return t.Counted() && t.Workers < seen.Storm.workersWanted() && sinceStart(seen, t) > schedulingRounds && !settled(seen, fewerWorkers(seen))
}

// sinceStart is for how long the topology has been in Storm: by its id, whose time is of
// Nimbus's clock, and at least for as long as it has been seen there.
func sinceStart(seen Observed, t *storm.Topology) time.Duration {
	since := seen.Now.Sub(startTime(t.ID, seen.Now))
	submitted, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionSubmitted)
	if seen.Parent.Status.StormID == t.ID && submitted.Status == metav1.ConditionTrue {
		since = max(since, age(&submitted.LastTransitionTime, seen.Now))
	}
	return since
}
