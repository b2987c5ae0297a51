package children

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

const (
	// largestSpec is the largest spec that fits into a Job. Metacontroller keeps what it
	// applied in an annotation, and all annotations of an object may have 256 KiB
	// (k8s.io/apimachinery/pkg/api/validation/objectmeta.go). The rest of a Job needs
	// less than 32 KiB of these.
	largestSpec = 224 << 10
	// longestArgument is the longest argument or environment variable of Linux, without
	// its name and its end (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
	longestArgument = 127 << 10
)

// TooLarge says which parts of a spec are too large for a Job or a process.
func TooLarge(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster) (problems []string) {
	container, template := parent.Spec.Topology.Jar.Container, parent.Spec.Template
	if template == nil {
		template = &v1beta1.PodTemplate{}
	}
	for _, list := range []struct {
		field string
		texts []string
	}{
		{"spec.topology.args", parent.Spec.Topology.Args},
		{"spec.topology.jar.container.command", container.Command},
		{"spec.topology.jar.container.args", container.Args},
		{"spec.topology.jar.container.env", envValues(container.Env)},
		{"spec.template.env", envValues(template.Env)},
	} {
		for i, text := range list.texts {
			if len(text) > longestArgument {
				problems = append(problems, fmt.Sprintf("%s[%d] is longer than 127 KiB, the limit of Linux for one argument or variable. Put it into a file of the image, or into a volume (spec.template.volumes).", list.field, i))
			}
		}
	}
	var config any
	if cluster != nil {
		config = cluster.Spec.Config
	}
	if encodedSize([]any{parent.Spec, config}) > largestSpec {
		problems = append(problems, "The spec is too large for a Job of Kubernetes: spec and the config of the StormCluster, as JSON in the Job, may have 224 KiB together. Put large parts into a file of the image, or into a volume (spec.template.volumes).")
	}
	return problems
}

// encodedSize is the length of a value as an argument in the JSON of a Job: quoted twice,
// with each $ doubled. A value that would fit with every byte doubled is not quoted to
// be measured.
func encodedSize(value any) int {
	text, err := json.Marshal(value)
	if err != nil {
		return 0 // decoded JSON can be encoded
	}
	if atMost := 2*len(text) + len(`""`); atMost <= largestSpec {
		return atMost
	}
	quoted, _ := json.Marshal(strings.ReplaceAll(string(text), "$", "$$"))
	return len(quoted)
}

func envValues(env []corev1.EnvVar) (texts []string) {
	for _, variable := range env {
		texts = append(texts, variable.Value)
	}
	return texts
}
