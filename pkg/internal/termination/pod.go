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

// OutlivedBy is the name of a container that has not ended, beside the given one, which
// has: another component put it into the pod. It is empty where there is none. The pod's
// phase does not tell then that the work is done.
func OutlivedBy(pod *corev1.Pod, container string) string {
	if end := End(pod, container); end == nil || end.Reason == StatusUnknown {
		return ""
	}
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name != container && status.State.Terminated == nil {
			return status.Name
		}
	}
	return ""
}

// StatusUnknown is the reason of a container whose end the kubelet did not see
// (k8s.io/kubernetes 1.37, pkg/kubelet/status/status_manager.go, TerminatePod).
const StatusUnknown = "ContainerStatusUnknown"

// Of is what the helper reported in a container. It is false for a container that has not
// ended, or in which the helper reported nothing.
func Of(pod *corev1.Pod, container string) (Message, bool) { return Reported(End(pod, container)) }

// reportedCode is the highest exit code of a helper that has reported how it ended.
const reportedCode = 1

// Reported is what the helper reported in a container that has ended. A helper that a
// signal ended, or a panic, has reported nothing: what is in the file is what a user's
// program wrote there while it ran beside the helper.
//
//	main ─ writes the file
//	helper ─ submits ─ killed (137): Nimbus may still be at the submission
func Reported(end *corev1.ContainerStateTerminated) (Message, bool) {
	if end == nil || end.ExitCode > reportedCode {
		return Message{}, false
	}
	return Parse(end.Message)
}
