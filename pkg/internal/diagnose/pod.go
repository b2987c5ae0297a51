package diagnose

import (
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Pod is the problem of a child that is a Pod; nil where none is known (yet).
func Pod(pod *corev1.Pod, about Subject, now time.Time) *Problem {
	return problemOf(viewOf(pod, nil, about, now))
}

// podProblems are tried from top to bottom; the first that finds a problem decides.
// What a container reported comes first, then what keeps one from starting, then what
// ended the pod. What can only be guessed from the time comes last.
var podProblems = []func(view) *Problem{
	reportedProblem, // the helper reported why it failed: nothing is more certain
	outOfMemory,     // it was killed before it could report
	imageProblem,    // the kubelet cannot get an image
	configProblem,   // a Secret is missing, a folder of a volume, or the image runs as root
	startProblem,    // the runtime could not start the container
	deadlinePassed,  // the backstop on the pod
	podLost,         // evicted, deleted, or its node is gone
	endedBadly,      // an exit code without a report
	unschedulable,   // no node can run it
	unexplained,     // it failed without a reason
	unmounted,       // a ConfigMap of a volume is missing
	slowToStart,     // it has not started for long
}

func problemOf(v view) *Problem {
	if v.pod.Status.Phase == corev1.PodSucceeded {
		return nil
	}
	for _, check := range podProblems {
		if problem := check(v); problem != nil {
			return problem
		}
	}
	return nil
}

// view is one pod for the checks.
type view struct {
	pod        *corev1.Pod
	claim      *corev1.PersistentVolumeClaim // nil where unknown
	about      Subject
	now        time.Time
	containers []container
}

// container is a container's spec with its status.
type container struct {
	name, image string
	memory      string // the limit, as a person writes it
	limit       int64  // the limit in bytes
	state       corev1.ContainerState
	// beside: the next containers do not wait for its end.
	beside bool
}

// viewOf lists the containers in the order of the spec, init containers first. That is
// the order in which they run, whatever the order of the status.
func viewOf(pod *corev1.Pod, claim *corev1.PersistentVolumeClaim, about Subject, now time.Time) view {
	v := view{pod: pod, claim: claim, about: about, now: now}
	states, started := map[string]corev1.ContainerState{}, map[string]bool{}
	for status := range termination.Statuses(pod) {
		states[status.Name], started[status.Name] = status.State, status.Started != nil && *status.Started
	}
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, spec := range list {
			c := container{name: spec.Name, image: spec.Image, state: states[spec.Name]}
			c.beside = started[spec.Name] && spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
			if limit, ok := spec.Resources.Limits[corev1.ResourceMemory]; ok {
				c.memory, c.limit = limit.String(), limit.Value()
			}
			v.containers = append(v.containers, c)
		}
	}
	return v
}

// owner names the pod by its Job, since the pod of a Job has a generated name.
func (v view) owner() string {
	if job := jobOf(v.pod); job != "" {
		return "the pod of Job " + quote(job)
	}
	return "Pod " + quote(v.pod.Name)
}

// home names the Job or the Pod of a container.
func (v view) home() string {
	if job := jobOf(v.pod); job != "" {
		return "Job " + quote(job)
	}
	return "Pod " + quote(v.pod.Name)
}

// steady removes what changes from a text about the pod: first its generated name and
// its uid.
func (v view) steady(said string) string {
	if job := jobOf(v.pod); job != "" && v.pod.Name != "" {
		said = strings.ReplaceAll(said, v.pod.Name, job)
	}
	if v.pod.UID != "" {
		said = strings.ReplaceAll(said, string(v.pod.UID), "")
	}
	return steady(said)
}

// look is the command that describes the pod.
func (v view) look() string {
	if job := jobOf(v.pod); job != "" {
		return text.Command("kubectl", "describe", "pod", "-n", v.pod.Namespace, "-l", batchv1.JobNameLabel+"="+job)
	}
	return text.Command("kubectl", "describe", "pod", "-n", v.pod.Namespace, v.pod.Name)
}

// jobOf is the name of the Job that controls the pod.
func jobOf(pod *corev1.Pod) string {
	for _, owner := range pod.OwnerReferences {
		if owner.Kind == "Job" && owner.Controller != nil && *owner.Controller {
			return owner.Name
		}
	}
	return ""
}

// failed is the end of the container, and whether it ended with an error.
func (c container) failed() (*corev1.ContainerStateTerminated, bool) {
	end := c.state.Terminated
	return end, end != nil && end.ExitCode != 0
}

// waits is why the container waits; empty where it does not.
func (c container) waits() (reason, message string) {
	if c.state.Waiting == nil {
		return "", ""
	}
	return c.state.Waiting.Reason, c.state.Waiting.Message
}
