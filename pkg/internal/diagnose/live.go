package diagnose

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	// lostAfter is added to a pod's deadline and grace before it is given up.
	lostAfter = 60 * time.Second
	// defaultGrace is Kubernetes' terminationGracePeriodSeconds
	// (k8s.io/api/core/v1/types.go, DefaultTerminationGracePeriodSeconds is 30).
	defaultGrace = 30 * time.Second
)

// Live says whether a container of the pod may still run: its phase is neither
// Succeeded nor Failed, and it is not older than its deadline, its grace and
// 60 s. An older one is on a lost node: its kubelet, cut off, ended it by
// itself, and nobody will ever report that.
//
// Must 1: no second submitting pod beside a live one. So a pod without a
// deadline is live until it has ended, and one that no node has taken yet is
// live however old it is: its time has not begun.
func Live(pod *corev1.Pod, now time.Time) bool {
	if ended(pod) {
		return false
	}
	began, taken := begun(pod)
	if !taken || pod.Spec.ActiveDeadlineSeconds == nil {
		return true
	}
	grace := defaultGrace
	if seconds := pod.Spec.TerminationGracePeriodSeconds; seconds != nil {
		grace = time.Duration(*seconds) * time.Second
	}
	if seconds := pod.DeletionGracePeriodSeconds; seconds != nil {
		grace = max(grace, time.Duration(*seconds)*time.Second)
	}
	deadline := time.Duration(*pod.Spec.ActiveDeadlineSeconds) * time.Second
	return now.Sub(began) <= deadline+grace+lostAfter
}

// ended says whether the pod's phase is a last one.
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// begun is when a node took the pod: its kubelet's startTime, from which the
// deadline counts, else when it was bound to the node.
func begun(pod *corev1.Pod) (time.Time, bool) {
	if pod.Status.StartTime != nil {
		return pod.Status.StartTime.Time, true
	}
	if pod.Spec.NodeName == "" {
		return time.Time{}, false
	}
	if bound := condition(pod, corev1.PodScheduled); bound != nil && bound.Status == corev1.ConditionTrue {
		return bound.LastTransitionTime.Time, true
	}
	return pod.CreationTimestamp.Time, true
}

// condition finds a pod's condition.
func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
