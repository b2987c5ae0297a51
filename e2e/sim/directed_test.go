package sim

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// directed are worlds that come by one trap for certain. A schedule comes by it seldom.
// make mutants looks whether one of them notices that a guard is gone, before it
// asks the schedules.
var directed = []directedWorld{
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
		w.deletedBeforeItIsListed()
	}},
	{"a pod is about to kill what a rebalance would change", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(func() bool { return len(w.aboutToAct()) > 0 })
		acts := w.now.Add(3 * time.Second) // its look is just new enough
		for _, uid := range w.aboutToAct() {
			w.processes[uid].next = acts
		}
		w.revertsSpec()
		w.goesOn(func() bool { return w.now.After(acts) })
		w.settle(time.Hour)
	}},
	{"what is adopted ends, and its owner submits another one", func(w *World) {
		w.anotherOwnerTakesOver()
		w.settle(time.Hour)
		w.annotate(v1beta1.AnnotationAdopt, w.othersTopology().ID)
		w.settle(time.Hour)
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.replacesAdopted)
		w.anotherOwnerTakesOver()
		w.goesOn(func() bool { return len(w.processes) == 0 }) // the pod sees it before its kubelet ends it
		w.settle(time.Hour)
		delete(w.storm.topologies, stormName)
		w.settle(time.Hour)
	}},
	{"a topology is gone, and so is its JAR", func(w *World) {
		w.delete(standin.Jobs, "topology-jar-extract-"+name)
		w.delete(standin.Claims, "topology-jar-"+name)
		delete(w.storm.topologies, stormName)
		w.settle(time.Hour)
	}},
	{"a JAR is gone from the leader's disk", func(w *World) {
		w.faults.directed = []string{jarGone}
		w.set("main.B", "spec", "topology", "mainClass")
		w.settle(2 * time.Hour)
	}},
	{"a pod is killed while Nimbus is at its submission, on a node whose clock is behind, and the topology is deleted", func(w *World) {
		w.faults.skew, w.faults.directed = -3*time.Hour, []string{listedLate}
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(func() bool { return len(w.faults.late) > 0 })
		w.faults.late[0].at = w.now.Add(29 * time.Second) // longer than two quiet periods
		w.crashes(w.waitingForNimbus())
		w.deletedBeforeItIsListed()
	}},
	{"another Nimbus leads, and does not know what its predecessor has accepted", func(w *World) {
		_, _ = w.storm.Kill(stormName, new(int32(0)))
		var pod *process
		w.goesOn(func() bool {
			for _, p := range w.processes {
				if p.seen.Upload.Location != "" {
					pod = p
				}
			}
			return pod != nil
		})
		if _, err := w.storm.Submit(submittedBy(pod)); err != nil {
			w.violate("the late submission is not accepted: %v", err)
		}
		w.passes(2 * time.Second)
		w.anotherLeads()
		w.settle(time.Hour)
	}},
	{"the first status that tells of a rollback is not written", func(w *World) {
		w.faults.directed = []string{rollbackUnwritten}
		w.updates(behindClass)
	}},
	{"an autoscaler writes another number of workers after a rollback, and then the first again", func(w *World) {
		w.updates(behindClass)
		w.scalesWhatCameBack(1)
		w.scalesWhatCameBack(2)
	}},
	{"what cannot make a revision work changes after a rollback", func(w *World) {
		w.updates(behindClass)
		w.keeps("the kill wait changes after a rollback", func() { w.set(int64(3), "spec", "killWaitSeconds") })
		w.keeps("the deletion policy changes after a rollback", func() { w.set("Orphan", "spec", "deletionPolicy") })
		w.keeps("retry changes after a rollback", func() { w.set(int64(7), "spec", "retry", "limit") })
		w.keeps("the waits of updates change after a rollback", func() {
			w.set(int64(3), "spec", "update", "rebalanceWaitSeconds")
			w.set(int64(3), "spec", "update", "drainSeconds")
		})
		w.restartsFor(func() { w.set("main.B", "spec", "topology", "mainClass") })
	}},
	{"restartOn is turned on and off, and a variable changes", func(w *World) {
		w.keeps("a variable changes that restarts nothing", func() { w.setsVariable("1") })
		w.restartsFor(func() {
			w.set("main.B", "spec", "topology", "mainClass")
		})
		w.keeps("restartOn is turned on", func() { w.restartsOn("Template", "ConfigMaps") })
		w.restartsFor(func() { w.setsVariable("2") })
		w.keeps("restartOn is turned off", func() { w.restartsOn() })
		w.keeps("a variable changes that restarts nothing", func() { w.setsVariable("3") })
		w.restartsFor(func() { w.restartsOn("Template") })
		w.keeps("the status is lost", func() {
			_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
				unstructured.RemoveNestedField(o.Object, "status")
			})
		})
	}},
}

// scalesWhatCameBack changes only the number of workers: what failed is not tried again, and
// what came back gets the number.
func (w *World) scalesWhatCameBack(workers int) {
	before := w.settledID()
	after := w.settledAfter(func() { w.set(int64(workers), "spec", "topology", "workers") })
	restarts := nested(w.parent(), "spec", "update", "policy") == string(v1beta1.UpdateRestart)
	if t := w.storm.inStorm(); w.violated == "" && (after != before && !restarts || t == nil || t.Workers != workers) {
		w.violate("Must 2: what came back, %s, is scaled to %d workers: %s", before, workers, message(w.parent()))
	}
}

// keeps does what restarts nothing.
func (w *World) keeps(what string, do func()) {
	if before := w.settledID(); w.settledAfter(do) != before && w.violated == "" {
		w.violate("Must 7: %s, and the topology restarts", what)
	}
}

// restartsFor does what restarts the topology once.
func (w *World) restartsFor(do func()) {
	w.settledID()
	counter := w.storm.counter
	w.settledAfter(do)
	if w.storm.counter != counter+1 && w.violated == "" {
		w.violate("Must 5: %d submissions follow a change that restarts", w.storm.counter-counter)
	}
}

func (w *World) settledAfter(do func()) string {
	do()
	return w.settledID()
}

// settledID is the id of the topology once all is at rest.
func (w *World) settledID() string {
	w.settle(time.Hour)
	if t := w.storm.topologies[stormName]; t != nil {
		return t.ID
	}
	return ""
}

// updates wants another class, until all is at rest.
func (w *World) updates(class string) {
	w.set(class, "spec", "topology", "mainClass")
	w.settle(2 * time.Hour)
	if w.retries() {
		w.settle(2 * time.Hour)
	}
}

// deletedBeforeItIsListed deletes the topology while Nimbus is at its submission.
func (w *World) deletedBeforeItIsListed() {
	w.deleteParent()
	w.goesOn(func() bool { return len(w.faults.late) == 0 || w.parent() == nil })
	w.passes(time.Minute)
	w.check()
	w.settle(time.Hour)
}

// anotherOwnerTakesOver ends what has the name, and another owner's topology has it at once.
func (w *World) anotherOwnerTakesOver() {
	delete(w.storm.topologies, stormName)
	w.othersSubmit(w.storm)
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

// goesOnFor is goesOn for a time.
func (w *World) goesOnFor(long time.Duration) {
	after := w.now.Add(long)
	w.goesOn(func() bool { return w.now.After(after) })
}

// directedWorld begins with a topology that runs.
type directedWorld struct {
	name  string
	world func(w *World)
}

func TestDirected(t *testing.T) { comeBy(t, directed, Schedule{}) }

// comeBy runs directed worlds, whose objects have a deadline or two names, or not.
func comeBy(t *testing.T, worlds []directedWorld, s Schedule) {
	t.Helper()
	for _, d := range worlds {
		for seed := range uint64(4) {
			s.Begin = seed
			w := runs(shipped(t), s, How{Recording: true})
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
