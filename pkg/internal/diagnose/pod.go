package diagnose

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// Pod says what ails a pod of ours, or false: nothing to say (yet).
func Pod(pod *corev1.Pod, about Subject, now time.Time) *Problem {
	return podProblem(viewOf(pod, nil, about, now))
}

// podTroubles are asked from top to bottom; the first that knows answers.
// What a container itself said comes first, then what keeps one from starting,
// then how the pod was ended, and last what can only be guessed from the time
// that passed.
var podTroubles = []func(view) *Problem{
	reportedProblem, // the helper wrote why it failed: nobody knows better
	outOfMemory,     // no words, since it was killed
	imageTrouble,    // the kubelet cannot get an image
	configTrouble,   // a Secret is missing, or the image runs as root
	startTrouble,    // the runtime could not start the container
	deadlinePassed,  // the backstop on the pod
	podLost,         // evicted, deleted, or its node is gone
	endedBadly,      // an exit code and the last lines of output
	unschedulable,   // no node takes it
	unexplained,     // it failed, and nothing says why
	slowToStart,     // it has neither started nor said why for long
}

func podProblem(v view) *Problem {
	if v.pod.Status.Phase == corev1.PodSucceeded {
		return nil
	}
	for _, trouble := range podTroubles {
		if problem := trouble(v); problem != nil {
			return problem
		}
	}
	return nil
}

// view is one pod as the checks see it.
type view struct {
	pod        *corev1.Pod
	claim      *corev1.PersistentVolumeClaim // nil where unknown
	about      Subject
	now        time.Time
	containers []container
}

// container joins a container's spec and status.
type container struct {
	name, image string
	memory      string // limit, as a person writes it
	limit       int64  // the same in bytes
	state       corev1.ContainerState
}

// viewOf lists the containers in the order of the spec, init containers first,
// which is the order in which they run and does not depend on the status.
func viewOf(pod *corev1.Pod, claim *corev1.PersistentVolumeClaim, about Subject, now time.Time) view {
	v := view{pod: pod, claim: claim, about: about, now: now}
	states := map[string]corev1.ContainerState{}
	for status := range termination.Statuses(pod) {
		states[status.Name] = status.State
	}
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, spec := range list {
			c := container{name: spec.Name, image: spec.Image, state: states[spec.Name]}
			if limit, ok := spec.Resources.Limits[corev1.ResourceMemory]; ok {
				c.memory, c.limit = limit.String(), limit.Value()
			}
			v.containers = append(v.containers, c)
		}
	}
	return v
}

// owner names the pod by what a person knows it as: a Job's pod has a
// generated name.
func (v view) owner() string {
	if job := jobOf(v.pod); job != "" {
		return "the pod of Job " + quote(job)
	}
	return "Pod " + quote(v.pod.Name)
}

// home is where a container is, in the same words.
func (v view) home() string {
	if job := jobOf(v.pod); job != "" {
		return "Job " + quote(job)
	}
	return "Pod " + quote(v.pod.Name)
}

// steady takes what moves out of a text about the pod, its own generated name
// and its uid first.
func (v view) steady(text string) string {
	if job := jobOf(v.pod); job != "" && v.pod.Name != "" {
		text = strings.ReplaceAll(text, v.pod.Name, job)
	}
	if v.pod.UID != "" {
		text = strings.ReplaceAll(text, string(v.pod.UID), "")
	}
	return steady(text)
}

// look is the command that shows more of the pod.
func (v view) look() string {
	if job := jobOf(v.pod); job != "" {
		return fmt.Sprintf("kubectl describe pod -n %s -l %s=%s", v.pod.Namespace, batchv1.JobNameLabel, job)
	}
	return fmt.Sprintf("kubectl describe pod -n %s %s", v.pod.Namespace, v.pod.Name)
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

// failed is the container's end if it ended with an error.
func (c container) failed() (*corev1.ContainerStateTerminated, bool) {
	end := c.state.Terminated
	return end, end != nil && end.ExitCode != 0
}

// waits is why the container waits.
func (c container) waits() (reason, message string) {
	if c.state.Waiting == nil {
		return "", ""
	}
	return c.state.Waiting.Reason, c.state.Waiting.Message
}
