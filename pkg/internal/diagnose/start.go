package diagnose

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// startProblem is a container that the runtime could not create or start. The message has
// the runtime's own words: the same state has many causes, and most of them are outside of
// the image.
func startProblem(v view) *Problem {
	for _, c := range v.containers {
		if said, failed := c.unstarted(); failed {
			return v.notStarted(c, said)
		}
	}
	return nil
}

// unstarted says whether a container could not be started, and what the runtime says.
func (c container) unstarted() (said string, failed bool) {
	if end, failed := c.failed(); failed && startFailed(end) {
		return end.Message, true
	}
	switch reason, message := c.waits(); reason {
	case "CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError":
		return message, true
	case "CrashLoopBackOff": // "back-off 20s restarting failed container=…"
		return "it fails each time it is started", true
	}
	return "", false
}

func (v view) notStarted(c container, said string) *Problem {
	if problem := v.helperNotStarted(c, said); problem != nil {
		return ofHelper(problem)
	}
	switch {
	case v.mounts(c) != "" && mountFailed(said):
		return report(v1beta1.ImageVolumeUnsupported,
			"The node's container runtime cannot mount image %s: %s. Set %s to copy or init-container, or choose other nodes (%s.nodeSelector).",
			quote(v.mounts(c)), v.startText(said), fieldMode, fieldTemplate)
	case !runsHelper(c.name):
		return report(v1beta1.ContainerFailed,
			"Injected container %s of %s could not be started: %s. Fix it where it is configured, or exclude these pods from injection.",
			quote(c.name), v.owner(), v.startText(said))
	}
	return report(v1beta1.ContainerFailed,
		"The node's container runtime could not start container %s of %s: %s. See the events of the pod: %s",
		quote(c.name), v.home(), v.startText(said), v.look())
}

// startFailed says whether the container never ran: containerd reports exit code 128
// and a start in 1970.
func startFailed(end *corev1.ContainerStateTerminated) bool {
	return end.Reason == "StartError" || end.Reason == "ContainerCannotRun"
}

// mounts is the image with the JAR that a container mounts as a volume, or empty: the
// submission does.
func (v view) mounts(c container) string {
	at := slices.IndexFunc(v.pod.Spec.Volumes, func(volume corev1.Volume) bool {
		return volume.Name == children.ImageVolume && volume.Image != nil
	})
	if at < 0 || c.name != children.SubmitContainer {
		return ""
	}
	return v.pod.Spec.Volumes[at].Image.Reference
}

// mountFailed knows the texts of a runtime that cannot mount an image: the error of the
// CRI (ErrImageVolumeMountFailed of k8s.io/cri-api 0.37, with which containerd 2.1 and
// newer begin), and that of a runtime that does not know the field, so that the path of
// the mount on its node is empty (containerd before 2.1, and Docker).
func mountFailed(said string) bool {
	return containsOne(said, []string{"ImageVolumeMountFailed", `failed to mkdir ""`, "image volume", "invalid mount config"})
}

// containsOne says whether a text has one of these words.
func containsOne(said string, words []string) bool {
	return slices.ContainsFunc(words, func(words string) bool { return strings.Contains(said, words) })
}

// startText keeps the cause of "failed to create containerd task: failed to
// create shim task: OCI runtime create failed: runc create failed: …".
func (v view) startText(text string) string {
	for _, before := range []string{"ImageVolumeMountFailed: ", "unable to start container process: ", "runc create failed: ", "OCI runtime create failed: ", "failed to apply OCI options: "} {
		if _, cause, ok := strings.Cut(text, before); ok {
			text = cause
			break
		}
	}
	text = strings.ReplaceAll(v.steady(text), ` ""`, "") // where an id stood
	if text == "" {
		return "it gave no reason"
	}
	return text
}
