package sim

import (
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
