package sim

import (
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// directed are worlds that come by one trap for certain. A schedule comes by it seldom.
// make mutants looks whether one of them notices that a guard is gone, before it
// asks the schedules.
var directed = []struct {
	name  string
	world func(w *World)
}{
	{"a large topology", func(w *World) {
		w.faults.answers.undescribed = true
		w.settle(time.Hour)
	}},
	{"a rebalance by hand to fewer workers", func(w *World) {
		w.rebalancesByHand()
		w.settle(time.Hour)
	}},
	{"an update is listed late", func(w *World) {
		w.faults.directed = []string{listedLate}
		w.updates("main.B")
	}},
	{"an update is never listed", func(w *World) {
		w.faults.directed = []string{neverListed, neverListed, neverListed}
		w.updates("main.B")
	}},
	{"Nimbus fails behind the JAR at an update", func(w *World) { w.updates(behindClass) }},
	{"a topology is deleted while its submission is not listed yet", func(w *World) {
		w.faults.directed = []string{listedLate}
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(func() bool { return len(w.faults.late) > 0 })
		after := w.now.Add(3 * time.Second) // the pod looks at what is not there yet
		w.goesOn(func() bool { return w.now.After(after) })
		w.deleteParent()
		w.goesOn(func() bool { return len(w.faults.late) == 0 || w.parent() == nil })
		w.passes(time.Minute)
		w.check()
		w.settle(time.Hour)
	}},
	{"the first status that tells of a rollback is not written", func(w *World) {
		w.faults.directed = []string{rollbackUnwritten}
		w.updates(behindClass)
	}},
}

// updates wants another class, until all is at rest.
func (w *World) updates(class string) {
	w.set(class, "spec", "topology", "mainClass")
	w.settle(2 * time.Hour)
	if w.retries() {
		w.settle(2 * time.Hour)
	}
}

// goesOn lets time pass, and everything happen in it but the garbage collection, until
// something is so.
func (w *World) goesOn(until func() bool) {
	for range 1000 {
		for _, m := range w.orderable(false) {
			if until() {
				return
			}
			if m.name != "12 s pass" && m.name != "the garbage collector" {
				m.do()
			}
		}
		w.passes(time.Second)
	}
}

func TestDirected(t *testing.T) {
	for _, d := range directed {
		for seed := range uint64(4) {
			w := runs(shipped(t), seed, How{Recording: true})
			if there := w.storm.topologies[stormName]; there == nil || there.Status != storm.Active {
				t.Fatalf("%s: it begins with %v", d.name, there)
			}
			w.dice.Seed(seed, 1)
			d.world(w)
			if len(w.faults.directed) > 0 {
				t.Errorf("%s: it never came by %v", d.name, w.faults.directed)
			}
			if w.violated == "" && w.parent() != nil {
				w.checkEnd()
			}
			if w.violated != "" {
				t.Errorf("%s (dice %d): %s", d.name, seed, w.violated)
				for _, line := range w.timeline {
					t.Log(line)
				}
				break
			}
		}
	}
}
