package diagnose

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// configProblem is CreateContainerConfigError: the kubelet cannot put together what the
// container needs. The texts are those of k8s.io/kubernetes 1.37, pkg/kubelet/kubelet_pods.go
// and kuberuntime/security_context_others.go.
func configProblem(v view) *Problem {
	for _, c := range v.containers {
		if reason, said := c.waits(); reason == "CreateContainerConfigError" {
			return v.notCreated(c, said)
		}
	}
	return nil
}

func (v view) notCreated(c container, said string) *Problem {
	words := v.steady(said)
	switch {
	case words == "":
		words = "the kubelet gives no reason"
	case strings.Contains(said, "runAsNonRoot"), strings.Contains(said, "non-root policy"):
		return v.runsAsRoot(c, words)
	case strings.Contains(said, " subPath "):
		return report(v1beta1.VolumeNotWritable,
			"Container %s of %s cannot be created: %s. The kubelet makes such a folder as root: let root write to the volume, which NFS with root_squash does not, or use another StorageClass or no subPath.",
			quote(c.name), v.home(), words)
	case strings.HasSuffix(said, " not found"), strings.HasPrefix(said, "couldn't find key "):
		// `secret "x" not found`, `couldn't find key k in Secret ns/x`; also for ConfigMaps
		return report(v1beta1.ContainerFailed,
			"Container %s of %s cannot be created: %s. It starts once that exists. See: %s",
			quote(c.name), v.home(), words, v.look())
	}
	return report(v1beta1.ContainerFailed,
		"Container %s of %s cannot be created: %s. See the events of the pod: %s",
		quote(c.name), v.home(), words, v.look())
}

// runsAsRoot is a user that may not run: the image's, where the pod names none, or the one
// that the pod names.
func (v view) runsAsRoot(c container, words string) *Problem {
	switch {
	case !runsHelper(c.name):
		return report(v1beta1.ContainerFailed,
			"Injected container %s of %s may not run: %s. Fix it where it is configured, or exclude these pods from injection.",
			quote(c.name), v.owner(), words)
	case c.name != children.ExtractContainer:
		return report(v1beta1.ContainerFailed,
			"Container %s of %s may not run: %s. Set %s.runAsUser to a user other than root.",
			quote(c.name), v.home(), words, fieldPodSecurity)
	}
	problem := report(v1beta1.ContainerFailed,
		"Container %s of %s may not run: %s. Set %s.runAsUser to a user other than root, or build the image with a numeric user (%s).",
		quote(c.name), v.home(), words, fieldSecurityContext, fieldImage)
	problem.Counts = true // only a change of the image or the spec fixes it
	return problem
}
