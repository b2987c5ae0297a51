package topology

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// specsOf are the specs with each value of each key.
func specsOf(values map[string][]any) []v1beta1.Settings {
	specs := []v1beta1.Settings{{}}
	for key, some := range values {
		for _, spec := range specs {
			for _, value := range some {
				with := maps.Clone(spec)
				with[key] = value
				specs = append(specs, with)
			}
		}
	}
	return specs
}

// No rebalance has null in its overrides, and after one Storm has the settings that a
// submission of the same spec would have given it: for each pair of specs.
func TestARebalanceSetsWhatASubmissionWouldSet(t *testing.T) {
	var specs []*v1beta1.StormTopology
	var targets []Target
	for _, config := range specsOf(map[string][]any{
		"topology.max.spout.pending": {nil, "null", int64(5), int64(7)},
		"topology.worker.childopts":  {nil, "-Xmx64m"},
		"topology.debug":             {true},
		storm.Workers:                {int64(2), int64(3)},
	}) {
		topology := &v1beta1.StormTopology{ObjectMeta: metav1.ObjectMeta{Name: "wordcount", Namespace: "ns"}}
		topology.Spec.Topology.Config = config
		target := targetOf(topology, nil, "k8s", MainInputs{})
		if len(target.Problems) > 0 {
			t.Fatal(target.Problems)
		}
		specs, targets = append(specs, topology), append(targets, target)
	}
	rebalances := 0
	for i := range specs {
		for j := range specs {
			for _, known := range []*v1beta1.Topology{nil, &specs[i].Spec.Topology} {
				change := revision.Compare(revision.Version{Fingerprint: targets[i].Fingerprint, Spec: known},
					revision.Version{Fingerprint: targets[j].Fingerprint, Spec: &specs[j].Spec.Topology}, "")
				if change != nil && change.Kind == v1beta1.ChangeRebalance {
					rebalances++
					rebalancesLikeASubmission(t, targets[i], targets[j])
				}
			}
		}
	}
	if rebalances < 1000 {
		t.Errorf("%d changes were a rebalance", rebalances)
	}
}

func rebalancesLikeASubmission(t *testing.T, running, target Target) {
	t.Helper()
	inStorm := map[string]any{"topology.max.spout.pending": int64(1000), "topology.worker.childopts": "-Dmain", "topology.debug": false} // main's own
	want := maps.Clone(inStorm)
	maps.Copy(inStorm, running.Settings)
	inStorm[storm.KeyInputs] = running.Fingerprint.Inputs // a rebalance runs no main
	for key, value := range overrides(Goal{Target: target}) {
		if value == nil {
			t.Fatalf("%s is null in the overrides", key)
		}
		inStorm[key] = value
	}
	maps.Copy(want, target.Settings)
	maps.Copy(want, target.Fingerprint.Settings())
	if diff := cmp.Diff(want, inStorm); diff != "" {
		t.Fatalf("from %v to %v (-as submitted +as rebalanced):\n%s", running.Settings, target.Settings, diff)
	}
}
