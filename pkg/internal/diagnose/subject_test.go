package diagnose

import (
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// A message must not send anybody to a field that is not there, and must name
// the field once it is.
func TestFieldsAreTheAPIs(t *testing.T) {
	fields := map[string]string{
		"spec.topology.jar.container.image":                   fieldImage,
		"spec.topology.jar.container.imagePullSecrets":        fieldPullSecrets,
		"spec.topology.jar.container.imagePullPolicy":         fieldPullPolicy,
		"spec.topology.jar.container.resources.limits.memory": fieldExtractMemory,
		"spec.template.resources.limits.memory":               fieldSubmitMemory,
		"spec.topology.jar.container.securityContext":         fieldSecurityContext,
		"spec.topology.jar.container.extractionMode":          fieldMode,
		"spec.template.securityContext":                       fieldPodSecurity,
		"spec.topology.jar.storage.storageClassName":          fieldStorageClass,
		"spec.topology.jar.storage.size":                      fieldStorageSize,
		"spec.template":                                       fieldTemplate,
		"spec.template.labels":                                fieldLabels,
		"spec.template.resources":                             resourcesField(children.SubmitContainer),
		"spec.topology.jar.container.resources":               resourcesField(children.ExtractContainer),
		"spec.topology.jar.container.timeoutSeconds":          fieldTimeout,
	}
	for path, named := range fields {
		want := ""
		if hasField(reflect.TypeFor[v1beta1.StormTopology](), strings.Split(path, ".")) {
			want = path
		}
		if named != want {
			t.Errorf("the API's field is %q, the messages' is %q: change subject.go, and make golden", want, named)
		}
	}
}

// hasField follows JSON names through a type; below a map anything is.
func hasField(from reflect.Type, path []string) bool {
	for from.Kind() == reflect.Pointer {
		from = from.Elem()
	}
	if len(path) == 0 || from.Kind() == reflect.Map {
		return true
	}
	if from.Kind() != reflect.Struct {
		return false
	}
	for i := range from.NumField() {
		name, options, _ := strings.Cut(from.Field(i).Tag.Get("json"), ",")
		if name == path[0] {
			return hasField(from.Field(i).Type, path[1:])
		}
		if strings.Contains(options, "inline") && hasField(from.Field(i).Type, path) {
			return true
		}
	}
	return false
}

// A pod without a Job is known by its own name.
func TestBarePod(t *testing.T) {
	pod := podOf(submitJob(), has("submit", ends("Error", 2, "")), func(pod *corev1.Pod) { pod.OwnerReferences, pod.Name = nil, "topology-wc" })
	problem := Pod(&pod, about, began)
	want := "The submission failed with exit code 2. See its log: kubectl logs -n storm-system topology-wc."
	if kindOf(problem) != counts(v1beta1.SubmissionFailed) || problem.Text() != want {
		t.Errorf("got %+v, want %s", problem, want)
	}
}
