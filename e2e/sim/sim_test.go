package sim

import (
	"flag"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

var (
	schedules = flag.Uint64("schedules", 300, "how many schedules TestMusts runs")
	full      = flag.Bool("full", false, "a run that must come by every rule and transition")
	firstSeed = flag.Uint64("seed", 1, "the seed of the first schedule")
)

func shipped(t testing.TB) []*standin.CompositeController {
	t.Helper()
	manifests, err := LoadManifests("../../manifests/install/stormtopology-controller.yaml", "../../manifests/install/stormcluster-controller.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return manifests
}

func TestMustsInAnyOrder(t *testing.T) {
	// Worlds are small and short-lived: a collection at each few MiB costs more
	// than the memory is worth.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	began := time.Now()
	seen, violation := RunAll(shipped(t), *firstSeed, *schedules)
	if violation != nil {
		t.Fatalf("failed after %d schedules\n%s", violation.Seed-*firstSeed+1, violation)
	}
	took := time.Since(began)
	for _, what := range seen.unknown() {
		t.Errorf("%s is not among the known transitions: add it, or fix what causes it", what)
	}
	for _, what := range seen.missed(ruleNames()) {
		if *full {
			t.Errorf("%s was never visited", what)
		}
	}
	t.Logf("%s%s, %.0f schedules a second", seen.table(ruleNames()), took.Round(time.Millisecond), float64(*schedules)/took.Seconds())
}

// ruleNames are the names of the rules, in their order.
func ruleNames() []string {
	var names []string
	for _, rule := range topology.Rules() {
		names = append(names, rule.Name)
	}
	return names
}
