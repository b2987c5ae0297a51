package topology

import (
	"cmp"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// quiet is how long neither a submitting Job nor a live pod of it must have
	// been seen where no ended Job proves that there was no other: Jobs, pods
	// and parents are three unordered watches.
	quiet = 10 * time.Second
	// lateSubmission is how long Nimbus may be at a submission whose pod has died:
	// it waits for replicas first (topology.max.replication.wait.time.sec is 60,
	// storm: conf/defaults.yaml, v2.8.1), and may be slow besides.
	lateSubmission = 2 * time.Minute
	// longWait is how long a topology may drain before a person wonders.
	longWait = 2 * time.Minute
	// whileKilling is how often a topology that drains is looked at.
	whileKilling = 2 * time.Second
	// whileSilent is how often a Storm that does not answer is asked.
	whileSilent = 10 * time.Second
	// stormsKillWait is Storm's own wait, topology.message.timeout.secs, where
	// nothing else is set (storm: conf/defaults.yaml).
	stormsKillWait = 30 * time.Second
)

// deleting claims an object that is being deleted, or whose namespace is. It
// lets the object go only when
//
//	(a) no live submitting pod is there, nor one that was killed a moment ago
//	    while Nimbus may have been at its submission, and
//	(b) an ended submit Job is (its name was never free for another), or
//	    neither Job nor pod has been seen for a while, and
//	(c) the list, asked in this call, has no topology of ours.
//
//	delete ──────────────── finalize ─ kill ─ list empty ─ let go
//	   Job POST in flight ─▶ accepted ▲        a pod that still
//	   (other watch)                  │        submits would come here
//	                       (a), (b) wait for it
func deleting(seen Observed, now time.Time) (Decision, bool) {
	if !seen.deleting() {
		return Decision{}, false
	}
	d := seen.endingSubmission(now)
	quietEnough, d := seen.submissionOver(d, now)
	gone, d := seen.goneFromStorm(d, now)
	// Only a finalize call may let go: from a sync it would strip a live
	// parent's finalizer.
	d.Finalized = seen.Finalizing && quietEnough && gone
	if quietEnough && gone && !seen.Finalizing {
		// Must 6: the namespace goes, and Kubernetes has not come to the object yet.
		d = d.waiting(v1beta1.Deleting, "Nothing of it is left to wait for. It goes with namespace %s, when Kubernetes deletes it.", seen.Parent.Namespace)
	}
	if d.Finalized {
		d.LookAgain, d.Class = 0, ""
		d.Ready = conditions.False(v1beta1.Deleting, "Nothing of it is left to wait for.")
		if seen.Parent.Deletion() == v1beta1.DeletionOrphan {
			d.Ready.Message = "It is let go. A topology in Storm runs on."
		}
	}
	return d, true
}

// endingSubmission leaves out a live Job, so that its pod ends. An ended one
// stays: it is the proof for (b).
func (seen Observed) endingSubmission(now time.Time) Decision {
	d := seen.keeping(v1beta1.PhaseDeleting)
	if !seen.Submit.ended() {
		d.Submit = Absent
	}
	if !seen.Extract.ended() {
		d.Extract = Absent
	}
	return d
}

// submissionOver answers (a) and (b).
func (seen Observed) submissionOver(d Decision, now time.Time) (bool, Decision) {
	deletion := v1beta1.DeletionStatus{}
	if before := seen.Parent.Status.Deletion; before != nil {
		deletion.KilledAt = before.KilledAt
	}
	live := seen.Submit.live(now)
	over := !live && seen.Submit.ended() && seen.Submit.Stray == nil
	switch {
	case live || seen.Submit.there() && !over:
		d = d.waiting(v1beta1.Deleting, "The submission is being ended: its pod must stop before the topology can be taken out of Storm. "+
			"See kubectl get pods -n %s -l %s=%s.", seen.Parent.Namespace, labelTopology, seen.Parent.Name).again(2 * time.Second)
	case seen.wordless(now) > 0:
		over = false
		d = d.waiting(v1beta1.Deleting, "The pod that submitted ended without a word, and what it asked of Storm may still come. It is let go when nothing has come for %s.",
			lateSubmission).again(min(seen.wordless(now), quiet))
	case !over:
		waited := stayedQuiet(&deletion, seen.Parent.Status.Deletion, now)
		over = waited >= 2*quiet
		if !over {
			d = d.waiting(v1beta1.Deleting, "No submission is seen. It is let go %s after that, in case one was still on its way.", 2*quiet).again(quiet - waited%quiet)
		}
	}
	d.Deletion = &deletion
	return over, d
}

// stayedQuiet is for how long no submission has been seen, 2*quiet at most, and keeps
// since when. It takes two periods, each seen through by a status of its own: a status
// that lags tells of the first as if no Job had come in it.
//
//	quiet ──── Job seen, left out ─┐ its pod comes, on another watch
//	(status) ──────────────────────┴ finalize by the status of before
func stayedQuiet(deletion, before *v1beta1.DeletionStatus, now time.Time) time.Duration {
	if before == nil {
		before = &v1beta1.DeletionStatus{}
	}
	deletion.QuietSince = cmp.Or(before.QuietSince, stamp(now))
	first := age(deletion.QuietSince, now)
	if first < quiet {
		return first
	}
	deletion.StillQuietSince = cmp.Or(before.StillQuietSince, stamp(now))
	return quiet + min(age(deletion.StillQuietSince, now), quiet)
}

// wordless is how long a submission may still arrive whose pod was killed before
// it could say how it ended; 0 where there is none.
func (seen Observed) wordless(now time.Time) (rest time.Duration) {
	for _, pods := range [][]corev1.Pod{seen.Submit.Pods, seen.Submit.Others} {
		for i := range pods {
			for _, status := range pods[i].Status.ContainerStatuses {
				end := status.State.Terminated
				if status.Name != children.SubmitContainer || end == nil || end.ExitCode == 0 {
					continue
				}
				if _, told := termination.Parse(end.Message); !told {
					rest = max(rest, lateSubmission-now.Sub(end.FinishedAt.Time))
				}
			}
		}
	}
	return rest
}

// goneFromStorm answers (c), and kills what is ours.
func (seen Observed) goneFromStorm(d Decision, now time.Time) (bool, Decision) {
	// A Storm that dies with the namespace takes its topologies along.
	if seen.Parent.Deletion() == v1beta1.DeletionOrphan || seen.seedsDie() {
		return true, d
	}
	if seen.Cluster == nil && seen.neverTried() {
		return true, d
	}
	switch {
	case seen.Cluster == nil:
		do := "Apply it again."
		if seen.Dying {
			do = "Nothing can be applied in a namespace that is being deleted: kill it in Storm by hand, where it runs."
		}
		return false, seen.held(d, v1beta1.ClusterNotFound, "StormCluster %q is not there, so nobody can be told to kill the topology. "+do, seen.Parent.Spec.ClusterRef)
	case !seen.Heard:
		return false, d.waiting(v1beta1.Deleting, "Namespace %s has not been seen yet, so its topologies cannot be told from others'. This passes by itself.", kubeSystem).again(2 * time.Second)
	case !seen.Storm.Answered():
		return false, seen.held(d, v1beta1.ClusterUnreachable, "%s It is killed there when it answers.", sentence(seen.Storm.Problem))
	case seen.anotherStorm(): // Must 4
		return false, seen.held(d, v1beta1.ClusterChanged, "The seeds of StormCluster %q lead to another Storm than before, and nothing is killed there. Point them at the former one.", seen.Cluster.Name)
	case seen.maybeOurs(): // Must 8
		return false, seen.held(d, v1beta1.ClusterUnreachable, "Storm has topology %q, and does not say whose it is: %s If it is this object's, it is killed when it does.", seen.Storm.Topology.Name, sentence(seen.Storm.Topology.ConfProblem))
	case !seen.Storm.Listed || !seen.Storm.Fresh:
		return false, d.waiting(v1beta1.Deleting, "Storm's list of topologies is being read.").again(time.Second)
	}
	ours := seen.ours() // Must 3: what does not bear our fingerprint is none of ours
	if ours == nil {
		return true, d
	}
	if ours.Alive() {
		d.Calls = []storm.Call{{Verb: storm.Kill, Name: ours.Name, ID: ours.ID, WaitSeconds: seen.Parent.Spec.KillWaitSeconds}}
		d.Deletion.KilledAt = stamp(now)
	}
	rest := seen.killWait() - age(d.Deletion.KilledAt, now)
	d = d.waiting(v1beta1.Killing, "Storm drains and kills topology %q; then this object goes.", ours.Name).again(max(whileKilling, rest))
	if wait := seen.killWait(); wait > longWait {
		d.Ready.Message += fmt.Sprintf(" That takes %s from the kill, as the spec said then. To delete this object at once, and leave the rest to Storm: kubectl annotate stormtopology %s -n %s %s=true", wait, seen.Parent.Name, seen.Parent.Namespace, v1beta1.AnnotationAbandon)
	}
	return false, d
}

// held says what a deletion waits for, and the way out.
func (seen Observed) held(d Decision, reason, format string, args ...any) Decision {
	d = d.waiting(reason, format, args...).again(whileSilent)
	d.Ready.Message += " To let a topology run on and delete this object: kubectl annotate stormtopology " +
		seen.Parent.Name + " -n " + seen.Parent.Namespace + " " + v1beta1.AnnotationAbandon + "=true"
	return d
}

// neverTried says whether no Job was ever named for this object. That is proof
// enough only where Storm cannot be asked, or does not say whose a topology is:
// what an object of the same name left in Storm before is found by asking.
func (seen Observed) neverTried() bool {
	status := seen.Parent.Status
	return status.Attempts == nil && status.StormID == "" && status.Jar == nil && len(status.History) == 0 &&
		!seen.Submit.there() && seen.Submit.Stray == nil && seen.Extract.Job == nil && (seen.Claim == nil || seen.givenClaim() != "")
}

// killWait is how long Storm is going to drain the topology.
func (seen Observed) killWait() time.Duration {
	if wait := seen.Parent.Spec.KillWaitSeconds; wait != nil {
		return time.Duration(*wait) * time.Second
	}
	return seen.messageTimeout()
}

// messageTimeout is Storm's own wait for a kill or a rebalance.
func (seen Observed) messageTimeout() time.Duration {
	if timeout, ok := seen.Target.Settings["topology.message.timeout.secs"].(int64); ok {
		return time.Duration(timeout) * time.Second
	}
	return stormsKillWait
}

func stamp(now time.Time) *metav1.Time {
	t := metav1.NewTime(now.UTC().Truncate(time.Second))
	return &t
}
