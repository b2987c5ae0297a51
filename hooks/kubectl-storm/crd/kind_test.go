package crd

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/manifests/crds"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// pkg/preview sets the defaults that the API server sets by the schemas of the CRDs.
// Otherwise a rendering would have other hashes than the cluster.
func TestDefaultsAreThoseOfThePreview(t *testing.T) {
	topology := v1beta1.StormTopology{}
	preview.Default(&topology)
	same(t, crds.Topologies, topology.Spec, v1beta1.StormTopologySpec{})
	cluster := v1beta1.StormCluster{}
	preview.DefaultCluster(&cluster)
	cluster.Spec.Nimbus.Seeds = []string{}
	same(t, crds.Clusters, cluster.Spec, v1beta1.StormClusterSpec{Nimbus: v1beta1.Nimbus{Seeds: []string{}}})
}

func same(t *testing.T, crd []byte, want, empty any) {
	t.Helper()
	kind, err := Load(crd)
	if err != nil {
		t.Fatal(err)
	}
	object := map[string]any{"spec": asMap(t, empty)}
	kind.Default(object)
	if diff := cmp.Diff(asMap(t, want), asMap(t, object["spec"])); diff != "" {
		t.Errorf("preview sets other defaults than the CRD (-preview +CRD):\n%s", diff)
	}
}

func asMap(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLoadRejectsOtherThings(t *testing.T) {
	for name, text := range map[string]string{"invalid YAML": "a: [", "an unknown field": "spce: {}"} {
		if _, err := Load([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
