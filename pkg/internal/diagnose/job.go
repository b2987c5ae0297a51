package diagnose

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Job is the problem of a Job; nil where none is known (yet). pods may contain those
// of other Jobs, and be older or newer than the Job, since they are another watch.
// claim is nil where the Job uses none.
//
// A failed Job without a problem has a pod whose end has not been seen yet: check
// again.
func Job(job *batchv1.Job, pods []corev1.Pod, claim *corev1.PersistentVolumeClaim, about Subject, now time.Time) *Problem {
	outcome, _ := termination.OutcomeOf(job)
	if outcome.Success() {
		return nil
	}
	j := jobView{job: job, outcome: outcome, pods: podsOf(job, pods), claim: claim, about: about, now: now}
	for _, check := range jobProblems {
		if problem := check(j); problem != nil {
			return problem
		}
	}
	return nil
}

// jobProblems are tried from top to bottom; the first that finds a problem decides.
var jobProblems = []func(jobView) *Problem{
	podsSay,      // a pod shows the cause; the Job only counts
	jobDeadline,  // the Job deleted its pod, and the cause with it
	podVanished,  // the Job counts a pod that does not exist any more
	jobSuspended, // another component suspended it
	podRefused,   // Kubernetes rejects the pod
	notTakenUp,   // the Job controller has not seen the Job
}

type jobView struct {
	job     *batchv1.Job
	outcome termination.Outcome
	pods    []*corev1.Pod // newest first
	claim   *corev1.PersistentVolumeClaim
	about   Subject
	now     time.Time
}

// age is for how long the Job has existed.
func (j jobView) age() time.Duration {
	if requested := j.about.RequestedAt; !requested.IsZero() {
		return j.now.Sub(requested)
	}
	return j.now.Sub(j.job.CreationTimestamp.Time)
}

// podsOf are the pods of the Job, the newest first.
func podsOf(job *batchv1.Job, all []corev1.Pod) []*corev1.Pod {
	var own []*corev1.Pod
	for i := range all {
		if metav1.IsControlledBy(&all[i], job) {
			own = append(own, &all[i])
		}
	}
	slices.SortFunc(own, func(a, b *corev1.Pod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return own
}

func podsSay(j jobView) *Problem {
	for _, pod := range j.pods {
		if problem := problemOf(viewOf(pod, j.claim, j.about, j.now)); problem != nil {
			return problem
		}
	}
	return nil
}

// jobDeadline is the activeDeadlineSeconds of a Job. Stormhooks sets none: a policy of
// the cluster did.
func jobDeadline(j jobView) *Problem {
	for _, c := range j.job.Status.Conditions {
		if c.Status == corev1.ConditionTrue && c.Reason == batchv1.JobReasonDeadlineExceeded {
			return report(v1beta1.PodLost,
				"Job %s reached an activeDeadlineSeconds that another component set on it, and its pod was deleted. Do not set it on these Jobs.",
				quote(j.job.Name))
		}
	}
	return nil
}

// podVanished is a failed Job whose pod was deleted before its end was seen. It may
// also have succeeded while it was being deleted, which the Job counts as a failure.
// A pod that still exists and has not ended will be seen to end: the two watches have
// no common order.
func podVanished(j jobView) *Problem {
	if !j.outcome.Failure() || slices.ContainsFunc(j.pods, func(pod *corev1.Pod) bool { return !ended(pod) }) {
		return nil
	}
	return report(v1beta1.PodLost,
		"The pod of Job %s was deleted before it reported how it ended. See: %s", quote(j.job.Name), describeJob(j))
}

func jobSuspended(j jobView) *Problem {
	if j.job.Spec.Suspend == nil || !*j.job.Spec.Suspend {
		return nil
	}
	return report(v1beta1.PodRefused,
		"Job %s is suspended (spec.suspend) by another component, such as a queue. It continues once that component resumes it. See: %s",
		quote(j.job.Name), describeJob(j))
}

// notTakenUp is a Job without a startTime: the Job controller has not seen it.
func notTakenUp(j jobView) *Problem {
	if j.job.Status.StartTime != nil || len(j.pods) > 0 || j.age() < slowAfter {
		return nil
	}
	return report(v1beta1.PodRefused,
		"Kubernetes has not started Job %s. Check that kube-controller-manager runs. See: %s",
		quote(j.job.Name), describeJob(j))
}

// describeJob is the command that describes the Job.
func describeJob(j jobView) string {
	return text.Command("kubectl", "describe", "job", j.job.Name, "-n", j.job.Namespace)
}
