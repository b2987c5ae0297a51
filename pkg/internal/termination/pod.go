package termination

import (
	"iter"

	corev1 "k8s.io/api/core/v1"
)

// Statuses are the statuses of the containers of a pod, those of init containers first.
func Statuses(pod *corev1.Pod) iter.Seq[*corev1.ContainerStatus] {
	return func(yield func(*corev1.ContainerStatus) bool) {
		for i := range pod.Status.InitContainerStatuses {
			if !yield(&pod.Status.InitContainerStatuses[i]) {
				return
			}
		}
		for i := range pod.Status.ContainerStatuses {
			if !yield(&pod.Status.ContainerStatuses[i]) {
				return
			}
		}
	}
}

// Status is the status of one container; nil while the kubelet has reported none.
func Status(pod *corev1.Pod, container string) *corev1.ContainerStatus {
	for status := range Statuses(pod) {
		if status.Name == container {
			return status
		}
	}
	return nil
}

// End is how a container ended; nil while it has not.
func End(pod *corev1.Pod, container string) *corev1.ContainerStateTerminated {
	if status := Status(pod, container); status != nil {
		return status.State.Terminated
	}
	return nil
}

// Of is the message of a container that has ended. It is false for one that has not, or
// that wrote no message.
func Of(pod *corev1.Pod, container string) (Message, bool) {
	end := End(pod, container)
	if end == nil {
		return Message{}, false
	}
	return Parse(end.Message)
}
