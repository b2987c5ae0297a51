package diagnose

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

const (
	// lostAfter is added to a pod's deadline and grace before the pod counts as lost.
	lostAfter = 60 * time.Second
	// defaultGrace is Kubernetes' terminationGracePeriodSeconds
	// (k8s.io/api/core/v1/types.go, DefaultTerminationGracePeriodSeconds is 30).
	defaultGrace = 30 * time.Second
)

// Live says whether a container of the pod may still run: the phase is neither
// Succeeded nor Failed, and the pod is not older than its deadline, its grace and 60 s
// together. An older pod is on a lost node: the kubelet there has ended it, and cannot
// report that.
//
// Must 1: no second submitting pod beside a live one. So a pod without a deadline is
// live until it has ended. A pod that is not bound to a node yet is live at any age: its
// deadline has not begun.
func Live(pod *corev1.Pod, now time.Time) bool {
	if ended(pod) || termination.OutlivedBy(pod, mainOf(&pod.Spec)) != "" {
		return false // its own container has ended, and no container of the pod starts again
	}
	began, bound := begun(pod)
	if !bound || pod.Spec.ActiveDeadlineSeconds == nil {
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

// ended says whether the pod's phase is final.
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// begun is when a node accepted the pod: the kubelet's startTime, from which the
// deadline counts, but not before the pod was bound to the node. startTime is by the
// node's clock, and the kubelet measures the deadline by the same clock. If that is behind,
// the pod must not count as lost while it runs. If it is ahead, the pod of a lost node
// counts as lost later, by as much. It is false for a pod without a node.
func begun(pod *corev1.Pod) (time.Time, bool) {
	at, bound := boundAt(pod)
	if accepted := pod.Status.StartTime; accepted != nil && (!bound || accepted.After(at)) {
		return accepted.Time, true
	}
	return at, bound
}

// boundAt is when the pod was bound to its node, by the clocks of the control plane. It is
// false for a pod without a node.
func boundAt(pod *corev1.Pod) (time.Time, bool) {
	if pod.Spec.NodeName == "" && pod.Status.StartTime == nil {
		return time.Time{}, false
	}
	if bound := condition(pod, corev1.PodScheduled); bound != nil && bound.Status == corev1.ConditionTrue {
		return bound.LastTransitionTime.Time, true
	}
	return pod.CreationTimestamp.Time, true
}

// condition is a condition of the pod, nil where it has none of that type.
func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
