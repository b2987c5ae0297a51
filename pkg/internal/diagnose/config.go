package diagnose

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// configProblem is CreateContainerConfigError: the kubelet lacks a part that the
// container needs.
func configProblem(v view) *Problem {
	for _, c := range v.containers {
		reason, text := c.waits()
		if reason != "CreateContainerConfigError" {
			continue
		}
		if strings.Contains(text, "runAsNonRoot") {
			return v.runsAsRoot(c, text)
		}
		// `secret "x" not found`, `couldn't find key k in Secret ns/x`; also for ConfigMaps
		return report(v1beta1.ContainerFailed,
			"Container %s of %s cannot be created: %s. It starts once that exists. See: %s",
			quote(c.name), v.home(), v.steady(text), v.look())
	}
	return nil
}

// runsAsRoot is an image whose user is root, or is a name that the kubelet cannot
// resolve (k8s.io/kubernetes 1.37, pkg/kubelet/kuberuntime/security_context_others.go).
func (v view) runsAsRoot(c container, text string) *Problem {
	field := v.about.imageField(c.name)
	if c.name == children.ExtractContainer {
		problem := report(v1beta1.ContainerFailed,
			"Image %s of container %s may not run: %s. Set %s.runAsUser, or build the image with a numeric user (%s).",
			quote(c.image), quote(c.name), v.steady(text), fieldSecurityContext, field)
		problem.Counts = true // only a change of the image or the spec fixes it
		return problem
	}
	return report(v1beta1.ContainerFailed,
		"Image %s of container %s may not run: %s. Build the image with a numeric user (%s).",
		quote(c.image), quote(c.name), v.steady(text), field)
}
