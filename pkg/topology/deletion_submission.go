package topology

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// submissionOver answers (a) and (b): nil when both hold.
func submissionOver(seen Observed) (v1beta1.DeletionStatus, *wait) {
	var memory v1beta1.DeletionStatus
	before, submit := seen.Parent.Status.Deletion, seen.Aim.Submit
	if before != nil {
		memory.KilledAt = before.KilledAt
	}
	ended := !submit.Live && submit.ended() && submit.LeftOver == nil
	orphan, stays := seen.Parent.Deletion() == v1beta1.DeletionOrphan, "Nothing of this StormTopology is left to stop. It"
	if orphan {
		stays = leftInStorm(seen) + " This StormTopology"
	}
	unreported := untilReported(seen, &memory, before)
	underWay := submit.Live || submit.exists() && !ended
	switch t := seen.Storm.Topology; {
	case underWay && orphan && t != nil && !t.Alive():
		return memory, waitFor(submit.untilExited(seen.Now), v1beta1.Deleting,
			"Storm is draining and killing topology %q (%s). If the submitting pod has killed it, that pod submits the successor before it exits.", t.Name, t.ID)
	case underWay:
		return memory, waitFor(submit.untilExited(seen.Now), v1beta1.Deleting, "Waiting for the submitting pod to exit. "+
			"If it is not Terminating, delete it. See: %s", text.Command("kubectl", "get", "pods", "-n", seen.Parent.Namespace, "-l", children.LabelTopology+"="+seen.Parent.Name))
	case unreported > 0:
		return memory, waitFor(min(unreported, quietPeriod), v1beta1.Deleting,
			"The submitting pod ended without reporting, so Nimbus may still be processing its submission. This StormTopology is removed once none has appeared for %s.", lateSubmission(seen))
	case ended:
		return memory, nil
	}
	waited := stayedQuiet(&memory, before, seen.Now)
	if waited >= 2*quietPeriod {
		return memory, nil
	}
	return memory, waitFor(quietPeriod-waited%quietPeriod, v1beta1.Deleting,
		"%s is removed once no submission has appeared for %s.", stays, 2*quietPeriod)
}

// stayedQuiet is for how long no submission has been seen, two quiet periods at
// most, and remembers since when. Each period is seen through by a status of its
// own: a status that lags tells of the first as if no Job had come in it.
//
//	quiet ──── Job seen, left out ─┐ its pod comes, on another watch
//	(status) ──────────────────────┴ finalize with the previous status
func stayedQuiet(memory, before *v1beta1.DeletionStatus, now time.Time) time.Duration {
	if before == nil {
		before = &v1beta1.DeletionStatus{}
	}
	memory.QuietSince = cmp.Or(before.QuietSince, stamp(now))
	first := age(memory.QuietSince, now)
	if first < quietPeriod {
		return first
	}
	memory.StillQuietSince = cmp.Or(before.StillQuietSince, stamp(now))
	return quietPeriod + min(age(memory.StillQuietSince, now), quietPeriod)
}

// untilReported is how long a submission may still arrive whose pod was killed
// before it could report how it ended; 0 where there is none. It counts from when the
// end was first seen: the time of the end is by the node's clock, which may be behind.
func untilReported(seen Observed, memory, before *v1beta1.DeletionStatus) time.Duration {
	submit, now, late := seen.Aim.Submit, seen.Now, lateSubmission(seen)
	unreported := false
	for _, pods := range [][]corev1.Pod{submit.Pods, submit.Former} {
		for i := range pods {
			ended := unreportedEnd(&pods[i])
			unreported = unreported || !ended.IsZero() && now.Sub(ended) < mostSkew+late
		}
	}
	if !unreported && !failedUnseen(seen, late) {
		return 0
	}
	memory.UnreportedSince = stamp(now)
	if before != nil && before.UnreportedSince != nil {
		memory.UnreportedSince = before.UnreportedSince
	}
	return rest(late, memory.UnreportedSince.Time, now)
}

// failedUnseen says whether the Job has failed a moment ago, and how is not known: its pod
// comes by another watch, and no status tells of the failure.
//
//	pod ─ submits ─ killed ─ Job failed ─┐ (the pod's watch is late)
//	finalize ────────────────────────────┴ Nimbus may still be at the submission
func failedUnseen(seen Observed, late time.Duration) bool {
	submit, known := seen.Aim.Submit, seen.Parent.Status.Attempts
	failed, at := submit.failed()
	if submit.Job == nil || !failed || len(submit.Pods)+len(submit.Former) > 0 {
		return false
	}
	told := known != nil && known.Step == children.StepSubmit && known.Number >= submit.serves.Attempt && known.LastReason != "" && known.LastReason != v1beta1.PodLost
	return !told && seen.Now.Sub(at) < mostSkew+late
}

// lateSubmission is how long Nimbus may be at a submission whose pod has died: it waits
// for replicas first, by the setting of the topology where that is longer, and may be slow
// besides.
func lateSubmission(seen Observed) time.Duration {
	return nimbusSlow + max(storm.DefaultReplicationWait,
		storm.OwnReplicationWait(seen.Target.Settings), storm.OwnReplicationWait(seen.Aim.Settings))
}

// unreportedEnd is when the pod's submitting container ended without reporting;
// zero where it did not.
func unreportedEnd(pod *corev1.Pod) time.Time {
	end := termination.End(pod, children.SubmitContainer)
	if end == nil || end.ExitCode == 0 {
		return time.Time{}
	}
	if _, told := termination.Reported(end); told {
		return time.Time{}
	}
	return end.FinishedAt.Time
}
