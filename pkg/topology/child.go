package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Child is what exists of one step on the way into Storm: a Job, or the Pod of
// init-container mode.
type Child struct {
	// Job and Pod are nil where none exists; at most one of them is set.
	Job *batchv1.Job
	Pod *corev1.Pod
	// serves is what the child was created for.
	serves children.Serves
	// LeftOver is the step's child of another mode. It must go first.
	LeftOver *Child
	// Pods are the child's own, Former those of an earlier child of the step.
	Pods, Former []corev1.Pod
	// Live: a pod of the step may still run.
	Live bool
}

// State is where a step stands on its way.
type State int

const (
	// NotNeeded: this mode has no such step, or its turn has not come.
	NotNeeded State = iota
	// Due: the child is to be requested.
	Due
	// Blocked: a pod of an earlier child may still run (Must 1).
	Blocked
	// Outdated: the child is for another purpose and is left out first.
	Outdated
	// Running: the child is at work.
	Running
	// Succeeded: the child is complete.
	Succeeded
	// Retrying: the child failed, and the next attempt waits for its time.
	Retrying
	// Exhausted: the child failed, and no attempt follows until the spec changes.
	Exhausted
)

// Attempt is one step's child, and where it stands on its way to a goal.
type Attempt struct {
	Child
	State State
	// problem of the current attempt; nil where there is none.
	problem *diagnose.Problem
	// Record is what the status should remember.
	Record v1beta1.Attempts
	// Recheck is when to look again.
	Recheck time.Duration
	// noted is what the status remembers, before this call.
	noted v1beta1.Attempts
	// Limit is how many attempts may fail, and later the wait between those that follow
	// then; 0 where none does.
	Limit int32
	later time.Duration
	// lost: it failed, nothing runs, as far as is known, and something ran before.
	lost bool
	// jarRefused: it failed since Nimbus failed at its JAR.
	jarRefused bool
	// wait is how long the attempt after it waits, where its JAR was refused.
	wait time.Duration
}

// Children says what is done with each child.
type Children struct{ Claim, Extract, Submit Want }

// Want says what is done with a child.
type Want int

const (
	// Left out of the answer: it is deleted where it exists.
	Left Want = iota
	// Kept: it stays where it exists, and is not created where it does not.
	Kept
	// Requested: it is created where it does not exist.
	Requested
)

func (c Child) exists() bool { return c.Job != nil || c.Pod != nil }

// ended says whether the child exists and is over: Complete or Failed, not merely
// about to be. A container that another component put into its pod may still run.
func (c Child) ended() bool {
	failed, _ := c.failed()
	return c.complete() || failed
}

// underWay says whether a submission is seen that has not ended.
func (c Child) underWay() bool { return c.Live || c.exists() && !c.ended() }

// mayHaveKilled says whether a submission is seen that may have killed what ran: it has
// not ended, or its pod does not tell what it did.
func (c Child) mayHaveKilled() bool {
	if c.underWay() || c.LeftOver != nil && c.LeftOver.underWay() {
		return true
	}
	return slices.ContainsFunc(slices.Concat(c.Pods, c.Former), func(pod corev1.Pod) bool {
		message, told := termination.Of(&pod, children.SubmitContainer)
		return !endedWell(&pod) && (!told || message.Facts.Killed != "")
	})
}

// keepEnded keeps a child that has ended, for its logs, and leaves out one that
// has not, or that has done its work in a pod that does not end.
func (c Child) keepEnded() Want {
	if c.ended() && !c.doneBeside() {
		return Kept
	}
	return Left
}

func (c Child) deleting() bool {
	return c.Pod != nil && c.Pod.DeletionTimestamp != nil || c.Job != nil && c.Job.DeletionTimestamp != nil
}

// untilExited is when to look again for the end of pods that were told to stop, should
// the event of it be lost: one that has killed a topology continues for as long as that
// drains.
func (c Child) untilExited(now time.Time) time.Duration {
	var since time.Duration
	for _, pods := range [][]corev1.Pod{c.Pods, c.Former} {
		for i := range pods {
			if end, grace := pods[i].DeletionTimestamp, pods[i].DeletionGracePeriodSeconds; end != nil && grace != nil {
				since = max(since, now.Sub(end.Time)+time.Duration(*grace)*time.Second)
			}
		}
	}
	return min(max(whileLeftOut, since/10), whileShort)
}

// deadlinePassed says whether Kubernetes ended the pod of a submission at its deadline.
func (c Child) deadlinePassed() bool {
	return slices.ContainsFunc(c.Pods, func(pod corev1.Pod) bool {
		return pod.Labels[children.LabelStep] == children.StepSubmit && pod.Status.Reason == "DeadlineExceeded"
	})
}

// submits is what the pods of a submission submit that have not ended; false where that is not
// known, or they submit different things.
func (c Child) submits() (what storm.Submission, known bool) {
	for _, pods := range [][]corev1.Pod{c.Pods, c.Former} {
		for i := range pods {
			if phase := pods[i].Status.Phase; phase == corev1.PodSucceeded || phase == corev1.PodFailed {
				continue
			}
			submission, read := children.SubmissionOf(&pods[i])
			if !read || known && submission.Fingerprint.Revision != what.Fingerprint.Revision {
				return storm.Submission{}, false
			}
			what, known = submission, true
		}
	}
	return what, known
}

func (c Child) createdAt() time.Time {
	if c.Pod != nil {
		return c.Pod.CreationTimestamp.Time
	}
	return c.Job.CreationTimestamp.Time
}

// untilRefused is when a Job without a pod will have waited long enough to say that
// its pod is refused.
func (c Child) untilRefused(requested, now time.Time) time.Duration {
	if c.Job != nil && len(c.Pods) == 0 && c.Job.Status.StartTime != nil {
		if requested.IsZero() {
			requested = c.Job.Status.StartTime.Time
		}
		if rest := rest(diagnose.RefusedAfter, requested, now); rest > 0 {
			return rest + time.Second
		}
	}
	return eventLost
}

// podSpec is that of the child's pod; nil where there is none.
func (c Child) podSpec() *corev1.PodSpec {
	switch {
	case c.Pod != nil:
		return &c.Pod.Spec
	case c.Job != nil:
		return &c.Job.Spec.Template.Spec
	}
	return nil
}

// helper is how the child's pod gets the helper; the zero value where it does not.
func (c Child) helper() children.Helper {
	if spec := c.podSpec(); spec != nil {
		return children.HelperOf(spec)
	}
	return children.Helper{}
}

// complete says whether the child has done its work. The Job of a pod that ended
// well will be Complete; its controller notices after 2 s.
func (c Child) complete() bool {
	switch {
	case c.Pod != nil:
		return endedWell(c.Pod)
	case c.Job == nil:
		return false
	}
	outcome, _ := termination.OutcomeOf(c.Job)
	return outcome == termination.Succeeded || slices.ContainsFunc(c.Pods, func(pod corev1.Pod) bool { return endedWell(&pod) })
}

// endedWell says whether a pod has done its work: the container of its step has, whatever
// else runs or fails in the pod. The pod's phase says so a second later, since the kubelet
// takes the pod down in between (k8s.io/kubernetes/pkg/kubelet/status/status_manager.go,
// mergePodStatus), and never where a container of another component keeps running.
func endedWell(pod *corev1.Pod) bool {
	if end := termination.End(pod, stepContainer(pod)); end != nil {
		return end.ExitCode == 0
	}
	return pod.Status.Phase == corev1.PodSucceeded
}

// stepContainer is the container that does the work of a pod's step.
func stepContainer(pod *corev1.Pod) string {
	if pod.Labels[children.LabelStep] == children.StepExtract {
		return children.ExtractContainer
	}
	return children.SubmitContainer
}

// outlivedBy is a container that another component put into a pod of the child and that
// has not ended, while that of the step has; empty where there is none.
func (c Child) outlivedBy() string {
	for i := range c.Pods {
		if other := termination.OutlivedBy(&c.Pods[i], stepContainer(&c.Pods[i])); other != "" {
			return other
		}
	}
	return ""
}

// doneBeside says whether the child has done its work in a pod that another component's
// container keeps from ending.
func (c Child) doneBeside() bool { return c.complete() && c.outlivedBy() != "" }

// failed says whether the child failed, and when.
func (c Child) failed() (bool, time.Time) {
	for i := range c.Pods {
		end := termination.End(&c.Pods[i], stepContainer(&c.Pods[i]))
		if c.exists() && end != nil && end.ExitCode != 0 && c.outlivedBy() != "" {
			return true, podEndedAt(&c.Pods[i])
		}
	}
	switch {
	case c.Pod != nil:
		return c.Pod.Status.Phase == corev1.PodFailed, podEndedAt(c.Pod)
	case c.Job != nil:
		outcome, at := termination.OutcomeOf(c.Job)
		return outcome == termination.Failed, at
	}
	return false, time.Time{}
}

// failures are the failed attempts, this one included, and whether this one has failed.
// Its container ends up to two seconds before its Job counts it.
func (at Attempt) failures() (int32, bool) {
	switch at.State {
	case Retrying, Outdated, Exhausted: // it is counted
		return at.Record.Failures, true
	case Running:
		return max(at.Record.Failures, at.serves.Failures+1), at.containerFailed()
	}
	return at.Record.Failures, false
}

// containerFailed says whether a container of the child's pods ended badly.
func (c Child) containerFailed() bool {
	for i := range c.Pods {
		for status := range termination.Statuses(&c.Pods[i]) {
			if end := status.State.Terminated; end != nil && end.ExitCode != 0 {
				return true
			}
		}
	}
	return false
}

// podEndedAt is when the last of the pod's containers ended. By a node's clock that is
// behind, it may have ended before it was created: then it is the latter.
func podEndedAt(pod *corev1.Pod) time.Time {
	last := pod.CreationTimestamp.Time
	for status := range termination.Statuses(pod) {
		if end := status.State.Terminated; end != nil && end.FinishedAt.After(last) {
			last = end.FinishedAt.Time
		}
	}
	return last
}

// reported is what the pod of a submission that failed says; false where none says it any
// more.
func (a Attempt) reported() (termination.Message, bool) {
	if a.problem == nil || !a.ended() {
		return termination.Message{}, false
	}
	return a.left()
}

// left is the report of a submission's container that ended badly. The kubelet tells it up
// to two seconds before the pod or its Job counts as failed.
func (c Child) left() (termination.Message, bool) {
	for i := range c.Pods {
		if message, told := termination.Of(&c.Pods[i], children.SubmitContainer); told && message.Reason != "" {
			return message, true
		}
	}
	return termination.Message{}, false
}

// failedWith are the facts of a submission that failed.
func (a Attempt) failedWith() termination.Facts {
	message, _ := a.reported()
	return message.Facts
}

// killed says whether the submission failed after it had killed what ran, for a reason
// that the same submission would meet again: also since its JAR was refused, as the one of
// the previous revision may not be (Must 2).
func (a Attempt) killed() bool {
	facts := a.failedWith()
	return facts.Killed != "" && (a.problem.Counts || facts.JarRefused)
}

// jarAgain says when a JAR that was refused is sent again. A change of the spec would give
// up the way back, so it is not suggested while nothing runs.
func (a Attempt) jarAgain() string {
	again := " Stormhooks tries again in an hour."
	if a.wait < jarRefusedFor {
		again = fmt.Sprintf(" Stormhooks tries again in %d minutes.", int(a.wait.Minutes()))
	}
	if a.lost {
		return " The previous topology is gone, and nothing runs." + again
	}
	return again + " To retry at once, change spec.restartNonce."
}

// limitReached says whether as many attempts have failed as may follow soon.
func (a Attempt) limitReached() bool { return a.Limit > 0 && a.Record.Failures >= a.Limit }

// spent says whether as many attempts have failed as may follow soon, and the next one
// waits, or none follows.
func (a Attempt) spent() bool {
	return a.State == Exhausted || a.State == Retrying && a.limitReached()
}

// laterAgain says when the next attempt follows.
func (a Attempt) laterAgain() string {
	if a.jarRefused {
		return a.jarAgain()
	}
	return fmt.Sprintf(" Stormhooks tries again every %s.", strings.TrimPrefix(duration(a.later), "1 "))
}
