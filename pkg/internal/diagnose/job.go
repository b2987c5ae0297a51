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
)

// Job says what ails a Job that is not done or has failed, or false: nothing to
// say (yet). pods may hold those of other Jobs, and be older or newer than the
// Job: they are two unordered watches. claim is nil where the Job uses none.
//
// A failed Job of which nothing is said has a pod whose end has not been seen
// yet: look again.
func Job(job *batchv1.Job, pods []corev1.Pod, claim *corev1.PersistentVolumeClaim, about Subject, now time.Time) *Problem {
	outcome, _ := termination.OutcomeOf(job)
	if outcome.Success() {
		return nil
	}
	j := jobView{job: job, outcome: outcome, pods: podsOf(job, pods), claim: claim, about: about, now: now}
	for _, trouble := range jobTroubles {
		if problem := trouble(j); problem != nil {
			return problem
		}
	}
	return nil
}

// jobTroubles are asked from top to bottom; the first that knows answers.
var jobTroubles = []func(jobView) *Problem{
	podsSay,      // a pod knows what the Job only counts
	jobDeadline,  // the Job deleted its pod, and all that it could say
	podVanished,  // the Job counts a pod that is not there
	jobSuspended, // somebody holds it back
	podRefused,   // a pod that never was
	notTakenUp,   // nobody works on the Job
}

type jobView struct {
	job     *batchv1.Job
	outcome termination.Outcome
	pods    []*corev1.Pod // newest first
	claim   *corev1.PersistentVolumeClaim
	about   Subject
	now     time.Time
}

// podsOf are the Job's own pods, the newest first.
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
		if problem := podProblem(viewOf(pod, j.claim, j.about, j.now)); problem != nil {
			return problem
		}
	}
	return nil
}

// jobDeadline is a Job's own activeDeadlineSeconds. Ours have none: a policy
// of the cluster has set it.
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

// podVanished is a failed Job whose pod is gone: it was deleted before it
// could be seen to end (or ended well while it was being deleted, which the
// Job counts as a failure). A pod that is still there and has not ended is a
// matter of two watches: its end will be seen.
func podVanished(j jobView) *Problem {
	if !j.outcome.Failure() || slices.ContainsFunc(j.pods, func(pod *corev1.Pod) bool { return !ended(pod) }) {
		return nil
	}
	return report(v1beta1.PodLost,
		"The pod of Job %s was deleted before it reported how it ended. See: kubectl describe job %s -n %s.", quote(j.job.Name), j.job.Name, j.job.Namespace)
}

func jobSuspended(j jobView) *Problem {
	if j.job.Spec.Suspend == nil || !*j.job.Spec.Suspend {
		return nil
	}
	return report(v1beta1.PodRefused,
		"Job %s is suspended (spec.suspend) by another component, such as a queue. It continues once that component resumes it. See: kubectl describe job %s -n %s.",
		quote(j.job.Name), j.job.Name, j.job.Namespace)
}

// notTakenUp is a Job without a startTime: no Job controller has seen it.
func notTakenUp(j jobView) *Problem {
	if j.job.Status.StartTime != nil || len(j.pods) > 0 || j.now.Sub(j.job.CreationTimestamp.Time) < slowAfter {
		return nil
	}
	return report(v1beta1.PodRefused,
		"Kubernetes has not started Job %s. Check that kube-controller-manager runs. See: kubectl describe job %s -n %s.",
		quote(j.job.Name), j.job.Name, j.job.Namespace)
}
