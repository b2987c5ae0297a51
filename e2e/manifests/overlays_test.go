package manifests

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// Metacontroller's CompositeController knows every field that we set, in the
// install and in each overlay, a client certificate besides; the CRD is the one that
// the stand-in is tested by. With the CRD's defaults in it the stand-in runs it.
func TestMetacontrollerKnowsEveryField(t *testing.T) {
	kind, err := Load("../standin/crd/compositecontrollers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{installFolder, "../../manifests/overlays/tls"} {
		count := 0
		for name, text := range build(t, folder) {
			if !strings.HasPrefix(name, "CompositeController/") {
				continue
			}
			count++
			var object map[string]any
			if err := yaml.Unmarshal(text, &object); err != nil {
				t.Fatal(err)
			}
			if namespace := object["metadata"].(map[string]any)["namespace"]; namespace != nil {
				t.Errorf("%s, %s: it is cluster-wide and has the namespace %v", folder, name, namespace)
			}
			if configs, found, _ := unstructured.NestedSlice(object, "spec", "endpointConfigs"); found {
				configs[0].(map[string]any)["clientTLS"] = map[string]any{"secretRef": map[string]any{"name": "caller", "namespace": "n"}}
				object["spec"].(map[string]any)["endpointConfigs"] = configs
			}
			for _, err := range kind.Create(t.Context(), object) {
				t.Errorf("%s, %s: %v", folder, name, err)
			}
			if _, err := standin.FromObject(&unstructured.Unstructured{Object: object}); err != nil {
				t.Errorf("%s, %s: %v", folder, name, err)
			}
		}
		if count != 2 {
			t.Errorf("%s: %d CompositeControllers, want 2", folder, count)
		}
	}
}
