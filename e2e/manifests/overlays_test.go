package manifests

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Metacontroller's CompositeController knows every field that we set, in the
// install and in each overlay; the CRD is the one that the stand-in is tested by.
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
			for _, err := range kind.Create(t.Context(), object) {
				t.Errorf("%s, %s: %v", folder, name, err)
			}
		}
		if count != 2 {
			t.Errorf("%s: %d CompositeControllers, want 2", folder, count)
		}
	}
}
