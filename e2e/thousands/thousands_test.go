package thousands

import (
	"context"
	"sync"
	"testing"
	"time"
)

// apart is how far apart two calls must be whose cost grows with the Storm: 5 s, less
// what a busy machine may shift them by.
const apart = 4500 * time.Millisecond

// A call whose cost grows with the Storm is made once in 5 s by the hook server, for all
// topologies together, however many change at once. A submitting pod whose topology is
// known makes none, and one of a new topology makes one at most: the Nimbus has not led for
// long enough. The list of this Storm takes as long as that of one with a thousand
// topologies.
func TestGrowingCallsAreRare(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute, most of it asleep")
	}
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w, err := New(ctx, Options{
		Topologies: 200, Leaving: 20, PollSeconds: 5, KillWait: 2, Manifests: "../../manifests/install",
		Costs: CallCosts{Each: 7 * time.Millisecond, One: time.Millisecond, Processors: 4},
		Times: Times{PodStart: 200 * time.Millisecond, Extract: 100 * time.Millisecond, Main: 300 * time.Millisecond, Round: time.Second, WorkerStart: time.Second},
	}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ComeToRest(time.Minute); err != nil {
		t.Fatal(err)
	}
	const limit, added = 5 * time.Minute, 5
	together := map[string]func() (Outcome, error){
		"a push that restarts 10":        func() (Outcome, error) { return w.Push(0, 10, limit, Restart) },
		"a push that rebalances 10":      func() (Outcome, error) { return w.Push(10, 10, limit, Rebalance) },
		"a push that adds 5":             func() (Outcome, error) { return w.Add(added, limit) },
		"a namespace with 20 is deleted": func() (Outcome, error) { return w.DeleteNamespace(Leaving, limit) },
	}
	began, before := time.Now(), w.Costs()
	var all sync.WaitGroup
	for name, event := range together {
		all.Go(func() {
			got, err := event()
			if t.Logf("%s: %s", name, got.Took.Round(time.Millisecond)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	all.Wait()
	if _, err := w.DeleteCluster(Quiet, limit); err != nil {
		t.Error(err)
	}
	got := w.Costs().Since(before)
	t.Logf("%d syncs (%d turned away), %d reads, %d writes\nhook server: %s\npods: %s", got.Syncs, got.TurnedAway, got.Reads, got.Writes, got.Calls(HookServer), got.Calls(Pods))
	if closest := w.Closest(HookServer, began); closest < apart {
		t.Errorf("two calls of one kind whose cost grows with the Storm began %s apart", closest)
	}
	if lists := got.Nimbus[Pods]["getTopologySummaries"]; lists > added {
		t.Errorf("the submitting pods read the list %d times, for %d new topologies", lists, added)
	}
	if got.Nimbus[Pods]["getClusterInfo"] > 0 {
		t.Errorf("the submitting pods made the calls %s", got.Calls(Pods))
	}
	if failures := got.Failures(); failures != "" {
		t.Error(failures)
	}
}
