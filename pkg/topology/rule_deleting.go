package topology

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// deleting claims an object that is being deleted, or whose namespace is. It
// removes the finalizer only when
//
//	(a) no live submitting pod is there, nor one that was killed a moment ago
//	    while Nimbus may have been at its submission, and
//	(b) an ended submit Job is (its name was never free for another), or
//	    neither Job nor pod has been seen for a while, and
//	(c) the list, read in this call, has no topology of this object.
//
//	delete ──────────────── finalize ─ kill ─ list empty ─ finalizer removed
//	   Job POST in flight ─▶ accepted ▲        a pod that still
//	   (other watch)                  │        submits would come here
//	                       (a), (b) wait for it
//
// The topology in Storm is killed at once, also while (a) and (b) wait: what a pod
// submits after that is killed in a later call.
func deleting(seen Observed) (Decision, bool) {
	if !seen.Deleting {
		return pass()
	}
	d := seen.keep(v1beta1.PhaseDeleting)
	d.Children.Submit, d.Children.Extract = seen.Aim.Submit.keepEnded(), seen.Aim.Extract.keepEnded()
	memory, forPods := submissionOver(seen)
	calls, forStorm := goneFromStorm(seen, &memory)
	d.Calls, d.Remember.Deletion = calls, &memory
	over, gone := forPods == nil, forStorm == nil
	// Only a finalize call may remove the finalizer: a sync would take it from an
	// object that lives.
	d.Finalized = seen.Finalizing && over && gone
	switch {
	case forStorm != nil:
		return forStorm.apply(d), true
	case forPods != nil:
		return forPods.apply(d), true
	case !seen.Finalizing:
		// Must 6: the namespace goes, and Kubernetes has not come to the object yet.
		return d.waiting(v1beta1.Deleting, "Nothing is left to clean up. Kubernetes removes this object together with namespace %s.", seen.Parent.Namespace), true
	}
	message := "Nothing is left to clean up."
	if seen.Parent.Deletion() == v1beta1.DeletionOrphan {
		message = "This object is being removed. Its topology keeps running in Storm."
	}
	return d.says(metav1.ConditionFalse, "", v1beta1.Deleting, message), true
}

// wait is what a deletion waits for.
type wait struct {
	reason, message string
	again           time.Duration
}

func waitFor(again time.Duration, reason, format string, args ...any) *wait {
	return &wait{reason, fmt.Sprintf(format, args...), again}
}

func (w wait) apply(d Decision) Decision { return d.waiting(w.reason, "%s", w.message).again(w.again) }

// submissionOver answers (a) and (b): nil when both hold.
func submissionOver(seen Observed) (v1beta1.DeletionStatus, *wait) {
	var memory v1beta1.DeletionStatus
	before, submit := seen.Parent.Status.Deletion, seen.Aim.Submit
	if before != nil {
		memory.KilledAt = before.KilledAt
	}
	ended := !submit.Live && submit.ended() && submit.LeftOver == nil
	unreported := untilReported(submit, seen.Now)
	switch {
	case submit.Live || submit.exists() && !ended:
		return memory, waitFor(whileUnseen, v1beta1.Deleting, "Stopping the submission: its pod must exit before the topology can be removed from Storm. "+
			"See: kubectl get pods -n %s -l %s=%s", seen.Parent.Namespace, children.LabelTopology, seen.Parent.Name)
	case unreported > 0:
		return memory, waitFor(min(unreported, quietPeriod), v1beta1.Deleting,
			"The submitting pod ended without reporting, so Nimbus may still be processing its submission. This object is removed once none has appeared for %s.", lateSubmission)
	case ended:
		return memory, nil
	}
	waited := stayedQuiet(&memory, before, seen.Now)
	if waited >= 2*quietPeriod {
		return memory, nil
	}
	return memory, waitFor(quietPeriod-waited%quietPeriod, v1beta1.Deleting,
		"No submission is in progress. This object is removed after %s without one, in case one was still starting.", 2*quietPeriod)
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
// before it could report how it ended; 0 where there is none.
func untilReported(submit Attempt, now time.Time) (rest time.Duration) {
	for _, pods := range [][]corev1.Pod{submit.Pods, submit.Former} {
		for i := range pods {
			if ended := unreportedEnd(&pods[i]); !ended.IsZero() {
				rest = max(rest, lateSubmission-now.Sub(ended))
			}
		}
	}
	return rest
}

// unreportedEnd is when the pod's submitting container ended without reporting;
// zero where it did not.
func unreportedEnd(pod *corev1.Pod) time.Time {
	for _, status := range pod.Status.ContainerStatuses {
		end := status.State.Terminated
		if status.Name != children.SubmitContainer || end == nil || end.ExitCode == 0 {
			continue
		}
		if _, told := termination.Parse(end.Message); !told {
			return end.FinishedAt.Time
		}
	}
	return time.Time{}
}

// goneFromStorm answers (c): nil when it holds. It kills the object's topology.
func goneFromStorm(seen Observed, memory *v1beta1.DeletionStatus) ([]storm.Call, *wait) {
	switch {
	case seen.Parent.Deletion() == v1beta1.DeletionOrphan,
		stormDeleting(seen), // a Storm that goes with the namespace takes its topologies along
		seen.Cluster == nil && neverTried(seen):
		return nil, nil
	}
	if wait := cannotKill(seen); wait != nil {
		return nil, wait
	}
	ours := seen.Storm.Topology // Must 3: nil where the fingerprint is not this object's
	if ours == nil {
		return nil, nil
	}
	var calls []storm.Call
	if ours.Alive() {
		calls = []storm.Call{{Verb: storm.Kill, Name: ours.Name, ID: ours.ID, WaitSeconds: seen.Parent.Spec.KillWaitSeconds}}
		memory.KilledAt = stamp(seen.Now)
	}
	drains := killWait(seen)
	rest := drains - age(memory.KilledAt, seen.Now)
	waiting := waitFor(max(whileDraining, rest), v1beta1.Killing, "Storm is draining and killing topology %q. This object is removed afterwards.", ours.Name)
	if drains > longDrain {
		waiting.message += fmt.Sprintf(" Draining takes %s, the wait that the spec had when the topology was killed. To delete this object now and leave the rest to Storm: kubectl annotate stormtopology %s -n %s %s=true",
			drains, seen.Parent.Name, seen.Parent.Namespace, v1beta1.AnnotationAbandon)
	}
	return calls, waiting
}

// cannotKill says why Storm cannot be called to kill the topology, or cannot be
// believed; nil where it can.
func cannotKill(seen Observed) *wait {
	answer := seen.Storm
	switch {
	case seen.Cluster == nil:
		do := "Apply it again."
		if seen.NamespaceDeleting {
			do = "Nothing can be applied in a namespace that is being deleted: kill the topology in Storm by hand if it is running."
		}
		return withWayOut(seen, v1beta1.ClusterNotFound, "StormCluster %q does not exist, so the topology cannot be killed. %s", seen.Parent.Spec.ClusterRef, do)
	case answer.Heard == NotAsked:
		return waitFor(whileUnseen, v1beta1.Deleting, "Waiting for namespace %s, whose uid identifies this Kubernetes cluster. This resolves by itself.", metav1.NamespaceSystem)
	case answer.Heard == Silent:
		return withWayOut(seen, v1beta1.ClusterUnreachable, "%s The topology will be killed once Storm answers.", sentence(answer.View.Problem))
	case answer.Heard == AnotherStorm: // Must 4
		return withWayOut(seen, v1beta1.ClusterChanged, "The seeds of StormCluster %q now lead to a different Storm, where nothing is killed. Point them back.", seen.Cluster.Name)
	case maybeOurs(seen): // Must 8
		t := answer.View.Topology
		return withWayOut(seen, v1beta1.ClusterUnreachable, "Storm has topology %q but does not say who owns it: %s If this object does, the topology will be killed once Storm says so.", t.Name, sentence(t.ConfProblem))
	case !answer.View.Listed || !answer.View.Fresh:
		return waitFor(time.Second, v1beta1.Deleting, "Reading Storm's list of topologies.")
	}
	return nil
}

// withWayOut says what a deletion waits for, and how to do without.
func withWayOut(seen Observed, reason, format string, args ...any) *wait {
	w := waitFor(whileSilent, reason, format, args...)
	w.message += fmt.Sprintf(" To delete this object and leave its topology running: kubectl annotate stormtopology %s -n %s %s=true",
		seen.Parent.Name, seen.Parent.Namespace, v1beta1.AnnotationAbandon)
	return w
}

// maybeOurs says whether Storm has a topology of this name, does not reveal its
// owner, and may have it from a submission of this object that no answer has told of yet:
//
//	pod ───── submit ─ dies
//	Nimbus ───── takes it ── its conf cannot be read (a new leader, for example)
//	hook ───────────────────── delete ─ finalize: Storm must say whose it is
func maybeOurs(seen Observed) bool {
	return seen.Storm.Heard == Unreadable || seen.Storm.Heard == OwnerUnknown && !neverTried(seen)
}

// neverTried says whether no child was ever requested for this object. That is
// proof enough only where Storm cannot be asked, or does not say whose a topology
// is: what an object of the same name left in Storm before is found by asking.
func neverTried(seen Observed) bool {
	status, aim := seen.Parent.Status, seen.Aim
	remembered := status.Attempts != nil || status.StormID != "" || status.Jar != nil || len(status.History) > 0
	exists := aim.Submit.exists() || aim.Submit.LeftOver != nil || aim.Extract.Job != nil || aim.Claim != nil && aim.givenClaim() == ""
	return !remembered && !exists
}

// killWait is how long Storm is going to drain the topology.
func killWait(seen Observed) time.Duration {
	if wait := seen.Parent.Spec.KillWaitSeconds; wait != nil {
		return time.Duration(*wait) * time.Second
	}
	return seen.Target.messageTimeout()
}

// stormDeleting says whether Storm itself is in a namespace that is being deleted.
func stormDeleting(seen Observed) bool {
	if !seen.NamespaceDeleting || seen.Cluster == nil {
		return false
	}
	for _, seed := range seen.Cluster.SeedHosts() {
		// NAME.NAMESPACE.svc or POD.NAME.NAMESPACE.svc, with or without the cluster's domain.
		service, _, found := strings.Cut(seed+".", ".svc.")
		if !found || !strings.HasSuffix(service, "."+seen.Parent.Namespace) {
			return false
		}
	}
	return true
}
