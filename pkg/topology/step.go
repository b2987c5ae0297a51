package topology

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
)

// Step is one of the two steps on the way into Storm: a Job, or the Pod of
// init-container mode.
type Step struct {
	// Job and Pod are nil where none is there; one of them at most.
	Job    *batchv1.Job
	Pod    *corev1.Pod
	Serves children.Serves
	// Stray is the step's child of another mode: it makes room, and is nothing else.
	Stray *Step
	// Pods are the child's own, Others those of a former one of the same step.
	Pods, Others []corev1.Pod
}

// podStep is the Pod of init-container mode. It is among the related pods, too.
func podStep(own, related []corev1.Pod, topology string) Step {
	var s Step
	for i := range own {
		if own[i].Name == children.TopologyPodName(topology) {
			s.Pod = &own[i]
			s.Serves = children.ServesOf(s.Pod)
			s.Pods = []corev1.Pod{own[i]}
		}
	}
	for _, pod := range related {
		if pod.Labels[children.LabelTopology] == topology && pod.Labels[children.LabelStep] == children.StepSubmit &&
			(s.Pod == nil || pod.UID != s.Pod.UID) {
			s.Others = append(s.Others, pod)
		}
	}
	return s
}

func step(jobs []batchv1.Job, pods []corev1.Pod, topology, jobName, label string) Step {
	var s Step
	for i := range jobs {
		if jobs[i].Name == jobName {
			s.Job = &jobs[i]
			s.Serves = children.ServesOf(s.Job)
		}
	}
	for _, pod := range pods {
		if pod.Labels[children.LabelTopology] != topology || pod.Labels[children.LabelStep] != label {
			continue
		}
		if s.Job != nil && metav1.IsControlledBy(&pod, s.Job) {
			s.Pods = append(s.Pods, pod)
		} else {
			s.Others = append(s.Others, pod)
		}
	}
	return s
}

// imageVolumeDropped says whether the API server left the image volume out of the
// Job, as it silently does where the feature is off
// (k8s.io/kubernetes/pkg/api/pod/util.go).
func (seen Observed) imageVolumeDropped(s Step) bool {
	if seen.Parent.Mode() != v1beta1.ExtractionVolume || s.Job == nil || s.Job.Name != children.SubmitJobName(seen.Parent.Name) {
		return false
	}
	for _, volume := range s.Job.Spec.Template.Spec.Volumes {
		if volume.Image != nil {
			return false
		}
	}
	return true
}

func (s Step) there() bool { return s.Job != nil || s.Pod != nil }

// ended says whether the step's child is there and over: Complete or Failed, not
// merely on its way there.
func (s Step) ended() bool {
	failed, _ := s.failed()
	return s.complete() || failed
}

func (s Step) complete() bool {
	if s.Pod != nil {
		return endedWell(s.Pod)
	}
	return s.Job != nil && (finished(s.Job, batchv1.JobComplete) || s.succeeded())
}

// succeeded says whether the Job's one pod has ended well: the Job will be
// Complete, of which its controller takes 2 s to take note.
func (s Step) succeeded() bool {
	return !finished(s.Job, batchv1.JobFailed) && slices.ContainsFunc(s.Pods, func(pod corev1.Pod) bool { return endedWell(&pod) })
}

// endedWell says whether a pod has done its work: its phase says so a second after
// its container has ended, since the kubelet takes the pod down in between
// (k8s.io/kubernetes/pkg/kubelet/status/status_manager.go, mergePodStatus).
func endedWell(pod *corev1.Pod) bool {
	if pod.Status.Phase != corev1.PodRunning {
		return pod.Status.Phase == corev1.PodSucceeded
	}
	for _, status := range pod.Status.ContainerStatuses {
		if end := status.State.Terminated; end == nil || end.ExitCode != 0 {
			return false
		}
	}
	return len(pod.Status.ContainerStatuses) > 0
}

// failed says whether the child failed, and when.
func (s Step) failed() (bool, time.Time) {
	switch {
	case s.Pod != nil:
		return s.Pod.Status.Phase == corev1.PodFailed, podEndedAt(s.Pod)
	case s.Job != nil && finished(s.Job, batchv1.JobFailed):
		return true, endedAt(s.Job)
	}
	return false, time.Time{}
}

func (s Step) deleting() bool {
	return s.Pod != nil && s.Pod.DeletionTimestamp != nil || s.Job != nil && s.Job.DeletionTimestamp != nil
}

// made is when the child was made.
func (s Step) made() time.Time {
	if s.Pod != nil {
		return s.Pod.CreationTimestamp.Time
	}
	return s.Job.CreationTimestamp.Time
}

// live says whether a pod of the step may still run.
func (s Step) live(now time.Time) bool {
	for _, pods := range [][]corev1.Pod{s.Pods, s.Others} {
		for i := range pods {
			if diagnose.Live(&pods[i], now) {
				return true
			}
		}
	}
	return s.Stray != nil && s.Stray.live(now)
}

// untilRefused is when a Job without a pod will have waited long enough to say
// that its pod is refused; a minute where it has one, should an event be lost.
func (s Step) untilRefused(now time.Time) time.Duration {
	if s.Job != nil && len(s.Pods) == 0 && s.Job.Status.StartTime != nil {
		if rest := diagnose.RefusedAfter - now.Sub(s.Job.Status.StartTime.Time); rest > 0 {
			return rest + time.Second
		}
	}
	return time.Minute
}

// helperLacks says whether a pod waits for the helper's own image.
func (s Step) helperLacks() bool {
	for i := range s.Pods {
		for _, status := range s.Pods[i].Status.InitContainerStatuses {
			if status.Name == children.HelperContainer && status.State.Waiting != nil {
				return true
			}
		}
	}
	return false
}

// otherHelper says whether the child's helper image is not the one of now.
func (seen Observed) otherHelper(s Step) bool {
	spec := corev1.PodSpec{}
	if s.Pod != nil {
		spec = s.Pod.Spec
	} else if s.Job != nil {
		spec = s.Job.Spec.Template.Spec
	}
	for _, container := range spec.InitContainers {
		if container.Name == children.HelperContainer {
			return container.Image != seen.Config.HelperImage
		}
	}
	return false
}

func imageTrouble(problem diagnose.Problem) bool {
	return problem.Reason == v1beta1.ImagePullFailed || problem.Reason == v1beta1.ImageNotFound
}

func finished(job *batchv1.Job, kind batchv1.JobConditionType) bool {
	for _, condition := range job.Status.Conditions {
		if condition.Type == kind && condition.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func endedAt(job *batchv1.Job) time.Time {
	for _, condition := range job.Status.Conditions {
		if condition.Type == batchv1.JobFailed && condition.Status == corev1.ConditionTrue {
			return condition.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

// podEndedAt is when the last of the pod's containers ended.
func podEndedAt(pod *corev1.Pod) time.Time {
	last := pod.CreationTimestamp.Time
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, status := range statuses {
			if end := status.State.Terminated; end != nil && end.FinishedAt.After(last) {
				last = end.FinishedAt.Time
			}
		}
	}
	return last
}
