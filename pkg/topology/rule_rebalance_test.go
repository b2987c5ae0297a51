package topology

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// No rebalance has null in its overrides, and after one Storm has the settings that a
// submission of the same spec would have given it.
func TestARebalanceSetsWhatASubmissionWouldSet(t *testing.T) {
	values := map[string][]any{
		"topology.max.spout.pending": {nil, "null", int64(5), int64(7)},
		"topology.worker.childopts":  {nil, "-Xmx64m"},
		"topology.debug":             {true, nil},
		storm.Workers:                {int64(2), int64(3)},
		"topology.tasks":             {nil, int64(4)},
	}
	rebalances := 0
	rapid.Check(t, func(t *rapid.T) {
		spec := func(name string) *v1beta1.StormTopology {
			topology := &v1beta1.StormTopology{ObjectMeta: metav1.ObjectMeta{Name: "wordcount", Namespace: "ns"}}
			topology.Spec.Topology.Config = v1beta1.Settings{}
			for _, key := range slices.Sorted(maps.Keys(values)) {
				if rapid.Bool().Draw(t, name+" has "+key) {
					topology.Spec.Topology.Config[key] = rapid.SampledFrom(values[key]).Draw(t, key)
				}
			}
			return topology
		}
		runs, wants := spec("running"), spec("target")
		running, target := targetOf(runs, nil, "k8s"), targetOf(wants, nil, "k8s")
		if len(running.Problems)+len(target.Problems) > 0 {
			return
		}
		known := revision.Version{Fingerprint: running.Fingerprint}
		if rapid.Bool().Draw(t, "the running spec is known") {
			known.Spec = &runs.Spec.Topology
		}
		change := revision.Compare(known, revision.Version{Fingerprint: target.Fingerprint, Spec: &wants.Spec.Topology}, "")
		if change == nil || change.Kind != v1beta1.ChangeRebalance {
			return
		}
		rebalances++
		main := map[string]any{"topology.max.spout.pending": int64(1000), "topology.worker.childopts": "-Dmain", "topology.debug": false}
		inStorm, want := maps.Clone(main), maps.Clone(main)
		maps.Copy(inStorm, running.Settings)
		for key, value := range overrides(Goal{Target: target}) {
			if value == nil {
				t.Fatalf("%s is null in the overrides", key)
			}
			inStorm[key] = value
		}
		maps.Copy(want, target.Settings)
		maps.Copy(want, target.Fingerprint.Settings())
		if diff := cmp.Diff(want, inStorm); diff != "" {
			t.Fatalf("(-as submitted +as rebalanced):\n%s", diff)
		}
	})
	if rebalances == 0 {
		t.Error("no change was a rebalance")
	}
}
