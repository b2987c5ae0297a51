package sim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReplay: a schedule that is replayed, recorded or not, comes to the same world,
// and so does one that begins with a clone.
func TestReplay(t *testing.T) {
	manifests := shipped(t)
	for seed := uint64(1); seed <= 6; seed++ {
		recorded, s := Run(manifests, seed, How{Recording: true})
		replayed := Replay(manifests, s, How{Recording: true})
		if diff := cmp.Diff(recorded.timeline, replayed.timeline); diff != "" {
			t.Errorf("seed %d, replayed (-run +replayed)\n%s", seed, diff)
		}
		if plain, _ := Run(manifests, seed, How{}); plain.now != recorded.now || plain.memory.Version() != recorded.memory.Version() {
			t.Errorf("seed %d ends at %s with %d writes; recorded, at %s with %d", seed, plain.now, plain.memory.Version(), recorded.now, recorded.memory.Version())
		}
	}
}

// TestShrink: moves that a violation does not need are removed.
func TestShrink(t *testing.T) {
	s := Schedule{Moves: []Move{{"time", 1}, {"apply", 2}, {"a cache moves", 3}, {"time", 4}, {breaks, 5}, {"time", 6}}}
	v := Shrink(shipped(t), 7, s)
	if want := []Move{{breaks, 5}}; !slices.Equal(v.Schedule.Moves, want) || v.What == "" || len(v.Timeline) == 0 {
		t.Errorf("shrunk to %v: %s", v.Schedule.Moves, v)
	}
}

// TestLostNodesComeBackInOrder: a fair ending is the same each time, however many nodes
// are lost.
func TestLostNodesComeBackInOrder(t *testing.T) {
	ends := func() []string {
		w := NewWorld(shipped(t))
		for i := range 8 {
			w.create(pods, map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": fmt.Sprint("pod-", i), "namespace": namespace}})
		}
		for _, pod := range w.memory.List(pods.Resource, namespace) {
			w.faults.nodes[pod.GetUID()] = &lostNode{}
		}
		w.recording = true
		w.endFaults()
		return w.timeline
	}
	first := ends()
	if len(first) != 8 {
		t.Fatalf("not all nodes came back: %v", first)
	}
	for range 3 {
		if diff := cmp.Diff(first, ends()); diff != "" {
			t.Fatalf("(-first +again)\n%s", diff)
		}
	}
}
