package storms

import (
	"cmp"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/thousands"
)

// TestThousands is the quiet cluster of e2e/thousands with a real Nimbus, without
// supervisors: what it asks Nimbus while many topologies are submitted, at rest, when 50
// change at once, and when those of a namespace are deleted. STORMHOOKS_THOUSANDS is how many
// topologies there are.
func TestThousands(t *testing.T) {
	topologies, _ := strconv.Atoi(os.Getenv("STORMHOOKS_THOUSANDS"))
	homes := homesOf(t, "STORMHOOKS_STORMS")
	if topologies == 0 || len(homes) == 0 {
		t.Skip("no number is given. Run make storms-thousands")
	}
	newest := homes[len(homes)-1]
	logs, err := cached("logs")
	if err != nil {
		t.Fatal(err)
	}
	of, err := startLeading(t.Context(), newest, filepath.Join(logs, "thousands"), setup{options: []string{"-Xmx2g"}, settings: map[string]any{"nimbus.monitor.freq.secs": 10}})
	if err != nil {
		t.Fatal(err)
	}
	defer of.stop()
	const limit = 30 * time.Minute
	changed := min(50, topologies/10)
	began := time.Now()
	w, err := thousands.New(t.Context(), thousands.Options{
		Topologies: topologies, Leaving: topologies / 5, PollSeconds: max(30, int64(topologies)*3/100), KillWait: 10,
		QPS: 50, Burst: 100, Manifests: filepath.Join("..", "..", "manifests", "install"), Storm: counted{of},
		Times: thousands.Times{PodStart: 2 * time.Second, Extract: 3 * time.Second, Main: 5 * time.Second},
	}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ComeToRest(limit); err != nil {
		t.Fatal(err)
	}
	said := func(what string, got thousands.Outcome) {
		t.Logf("%s: %.1f s, %d syncs (%d turned away), %d reads, %d writes\n  %s\n  hook server: %s\n  pods: %s\n  closest two that grow: %s",
			what, got.Took.Seconds(), got.Syncs, got.TurnedAway, got.Reads, got.Writes, cmp.Or(got.Failures(), "no handover failed"),
			got.Calls(thousands.HookServer), got.Calls(thousands.Pods), got.Closest[thousands.HookServer].Round(time.Millisecond))
	}
	said("all are applied and submitted", thousands.Outcome{Costs: w.Costs(), Took: time.Since(began)})
	for _, event := range []struct {
		name string
		do   func() (thousands.Outcome, error)
	}{
		{"2 minutes at rest", func() (thousands.Outcome, error) { return w.Rest(2 * time.Minute) }},
		{"a push restarts 50, or a tenth", func() (thousands.Outcome, error) { return w.Push(0, changed, limit, thousands.Restart) }},
		{"it rebalances as many", func() (thousands.Outcome, error) { return w.Push(changed, changed, limit, thousands.Rebalance) }},
		{"it adds as many", func() (thousands.Outcome, error) { return w.Add(changed, limit) }},
		{"a namespace with a fifth of them is deleted", func() (thousands.Outcome, error) { return w.DeleteNamespace(thousands.Leaving, limit) }},
		{"the StormCluster of the others is deleted", func() (thousands.Outcome, error) { return w.DeleteCluster(thousands.Quiet, limit) }},
	} {
		got, err := event.do()
		said(event.name, got)
		if err != nil {
			t.Fatalf("%s: %v", event.name, err)
		}
		// In a Storm with fewer than 250 topologies, a list is cheap and may be read more often.
		if closest := got.Closest[thousands.HookServer]; topologies >= 250 && closest < 4500*time.Millisecond {
			t.Errorf("%s: two calls of one kind whose cost grows with the Storm began %s apart", event.name, closest)
		}
	}
}
