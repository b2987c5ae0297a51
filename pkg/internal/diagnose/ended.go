package diagnose

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// outOfMemory knows both effects of a limit that is too small: the kernel kills the
// container, or the start of runc itself does not fit into it.
func outOfMemory(v view) *Problem {
	for _, c := range v.containers {
		if !c.outOfMemory() {
			continue
		}
		if c.memory == "" {
			return outside(v1beta1.OutOfMemory,
				"The node ran out of memory, so container %s of %s was killed. Add memory to the node, or set a memory limit for the container.",
				quote(c.name), v.home())
		}
		if !runsHelper(c.name) {
			return outside(v1beta1.OutOfMemory,
				"Injected container %s of %s exceeded its memory limit of %s. Raise the limit where the container is configured.",
				quote(c.name), v.owner(), c.memory)
		}
		return report(v1beta1.OutOfMemory,
			"Container %s of %s exceeded its memory limit of %s. %s",
			quote(c.name), v.home(), c.memory, v.raise(c.name))
	}
	return nil
}

func (c container) outOfMemory() bool {
	if end, failed := c.failed(); failed {
		return end.Reason == "OOMKilled" || startFailed(end) && c.killedAtStart(end.Message)
	}
	reason, message := c.waits()
	return (reason == "RunContainerError" || reason == "CreateContainerError") && c.killedAtStart(message)
}

// runcMemory is a memory limit that the start of runc may not fit into: it did at
// 5 MiB, and did not at 4 MiB.
const runcMemory = 16 << 20

// killedAtStart knows the texts of a start that did not fit into the limit, as
// runc (opencontainers/runc, libcontainer/process_linux.go) and containerd 2.3 write
// them at limits of 1 to 4 MiB. The last text can have other causes.
func (c container) killedAtStart(text string) bool {
	return strings.Contains(text, "OOM-killed") || strings.Contains(text, "memory limit too low") ||
		strings.Contains(text, "unable to set memory limit") ||
		strings.Contains(text, "cannot start a stopped process") && c.limit != 0 && c.limit <= runcMemory
}

// raise says how to raise the memory limit of a container.
func (v view) raise(container string) string {
	if container == children.HelperContainer { // it has the resources of the main one
		container = mainOf(&v.pod.Spec)
	}
	if container == children.ExtractContainer {
		return "Raise " + fieldExtractMemory + "."
	}
	return "Raise " + fieldSubmitMemory + "."
}

// deadlinePassed is the activeDeadlineSeconds of the pod template. The helper ends
// earlier and reports why, so this is a backstop. It counts from when the kubelet
// accepted the pod, so a slow pull can use all of it before a container runs.
func deadlinePassed(v view) *Problem {
	if v.pod.Status.Reason != "DeadlineExceeded" {
		return nil
	}
	main := mainOf(&v.pod.Spec)
	if !v.ran(main) {
		return report(v1beta1.ContainerFailed,
			"Container %s of %s had not started when the pod's deadline passed. Only the events of the pod say what took so long: %s",
			quote(main), v.home(), v.look())
	}
	if main == children.SubmitContainer {
		return report(v1beta1.SubmissionFailed,
			"The submission did not finish before the pod's deadline. See its log: %s.", v.logs(main))
	}
	return report(v1beta1.ExtractionTimedOut,
		"The extraction of the JAR did not finish before the pod's deadline. Raise %s, or see its log: %s.", fieldTimeout, v.logs(main))
}

// ran says whether the container has run. The kubelet reports ContainerStatusUnknown
// for a container that it does not know (k8s.io/kubernetes 1.37,
// pkg/kubelet/status/status_manager.go, TerminatePod).
func (v view) ran(name string) bool {
	for _, c := range v.containers {
		if c.name != name {
			continue
		}
		end := c.state.Terminated
		return c.state.Running != nil || end != nil && !startFailed(end) && end.Reason != termination.StatusUnknown
	}
	return false
}

// endedBadly is a container that ended with an exit code and without a message of the
// helper. What it wrote instead is shown as it is.
func endedBadly(v view) *Problem {
	for _, c := range v.containers {
		end, failed := c.failed()
		if !failed || end.Reason == termination.StatusUnknown || startFailed(end) {
			continue
		}
		problem := v.endedWith(c, end.ExitCode)
		problem.Tail = end.Message
		return problem
	}
	return nil
}

func (v view) endedWith(c container, code int32) *Problem {
	switch {
	case !runsHelper(c.name):
		return report(v1beta1.ContainerFailed,
			"Injected container %s of %s ended with exit code %d. Fix it where it is configured, or exclude these pods from injection.",
			quote(c.name), v.owner(), code)
	case c.name == children.HelperContainer:
		return report(v1beta1.ContainerFailed,
			"The helper of %s ended with exit code %d. See its log: %s.",
			v.home(), code, v.logs(c.name))
	}
	return report(failedReason(c.name), "%s with exit code %d. See its log: %s.", generic(c.name), code, v.logs(c.name))
}

// logs is the command that shows the log of a container.
func (v view) logs(container string) string {
	words := []string{"kubectl", "logs", "-n", v.pod.Namespace, v.pod.Name}
	if job := jobOf(v.pod); job != "" {
		words[len(words)-1] = "job/" + job
	}
	if container != v.pod.Spec.Containers[0].Name {
		words = append(words, "-c", container)
	}
	return text.Command(words...)
}
