package sim

import (
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// greenWorlds are directed worlds of an object with strategy BlueGreen.
var greenWorlds = []directedWorld{
	{"an update switches, and kills the previous revision", func(w *World) {
		w.updates("main.B")
		w.mustRunAs(greenName)
		w.updates("main.A")
		w.mustRunAs(stormName)
	}},
	{"without a drain, what runs is deactivated and its successor activated in one look", func(w *World) {
		w.set(int64(0), "spec", "update", "drainSeconds")
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(func() bool { return w.twoThere() && w.storm.topologies[stormName].Status == storm.Inactive })
		if w.drainsForSuccessor() {
			w.violate("Must 2: spec.update.drainSeconds is 0, and both topologies are INACTIVE: %s", message(w.parent()))
		}
		w.settle(time.Hour)
		w.mustRunAs(greenName)
	}},
	{"slots for one only: what runs keeps running, and the update continues once there are more", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.settle(20 * time.Minute)
		w.mustRunAs(stormName)
		w.storm.lacks = false
		w.settle(time.Hour)
		w.mustRunAs(greenName)
	}},
	{"the target changes while it is beside", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.twoThere)
		w.set("main.C", "spec", "topology", "mainClass")
		w.settle(5 * time.Minute)
		w.storm.lacks = false
		w.settle(time.Hour)
	}},
	{"the spec goes back while the target is beside", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.twoThere)
		w.storm.lacks = false
		w.set("main.A", "spec", "topology", "mainClass")
		w.settle(time.Hour)
		w.mustRunAs(stormName)
	}},
	{"what runs is killed by hand while its successor is beside", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.twoThere)
		_, _ = w.storm.Kill(stormName, new(int32(1)))
		w.storm.lacks = false
		w.settle(time.Hour)
	}},
	{"the successor is killed by hand while what runs drains", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		_, _ = w.storm.Kill(greenName, new(int32(0)))
		w.settle(time.Hour)
	}},
	{"the spec becomes wrong while what runs drains: it is activated again", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		w.set("many", "spec", "topology", "config", "topology.max.spout.pending")
		w.settle(time.Hour)
		if t := w.storm.inStorm(); t == nil || t.Status != storm.Active {
			w.violate("Must 2: the spec is wrong, and what ran is not active: %s", message(w.parent()))
		}
	}},
	{"suspended while it switches, and resumed", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		w.suspend(true)
		w.settle(time.Hour)
		w.suspend(false)
		w.settle(time.Hour)
	}},
	{"the strategy changes while it switches", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		w.set("Replace", "spec", "update", "strategy")
		w.settle(time.Hour)
		w.updates("main.C")
	}},
	{"the strategy changes back while the second name runs", func(w *World) {
		w.updates("main.B")
		w.set("Replace", "spec", "update", "strategy")
		w.updates("main.C")
		w.losesStatus()
		w.settle(time.Hour)
		w.set("BlueGreen", "spec", "update", "strategy")
		w.updates("main.A")
	}},
	{"the status is lost while it switches", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		w.losesStatus()
		w.settle(time.Hour)
	}},
	{"the status is lost while the second name runs", func(w *World) {
		w.updates("main.B")
		w.losesStatus()
		w.settle(time.Hour)
		w.mustRunAs(greenName)
	}},
	{"it is deleted while both are there", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		w.deleteParent()
		w.settle(time.Hour)
	}},
	{"the one beside is activated by hand", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.twoThere)
		t := w.storm.topologies[greenName]
		t.turns(storm.Active, w.now)
		t.byHand = true
		w.settle(2 * time.Minute)
		if t.processes() {
			w.violate("Must 1: %s was activated beside what runs, and stays so: %s", t.ID, message(w.parent()))
		}
		w.storm.lacks = false
		w.settle(time.Hour)
	}},
	{"what ran is rebalanced by hand after its successor has taken over", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.drainsForSuccessor)
		w.goesOn(func() bool { return !w.drainsForSuccessor() })
		w.rebalancesByHand()
		w.settle(time.Hour)
		w.mustRunAs(greenName)
	}},
	{"what was adopted is replaced", func(w *World) {
		w.anotherOwnerTakesOver()
		w.settle(time.Hour)
		w.annotate("storm.apache.org/adopt", w.othersTopology().ID)
		w.settle(time.Hour)
		w.updates("main.B")
	}},
	{"a pod finds another revision under the name that was free", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		var pod *process
		w.goesOn(func() bool {
			for _, p := range w.processes {
				if p.seen.Upload.Location != "" {
					pod = p
				}
			}
			return pod != nil
		})
		of := submittedBy(pod)
		of.fingerprint.Revision, of.fingerprint.Generation = "earlier", 0
		if _, err := w.storm.Submit(of); err != nil {
			w.violate("the late submission is not accepted: %v", err)
		}
		w.settle(time.Hour)
		w.mustRunAs(greenName)
	}},
	{"another owner has the second name", func(w *World) {
		of := submitted{name: greenName, status: storm.Active, fingerprint: storm.Fingerprint{Cluster: "other", Owner: othersOwner, Revision: "x"}}
		_, _ = w.storm.Submit(of)
		w.set("main.B", "spec", "topology", "mainClass")
		w.settle(20 * time.Minute)
		w.mustRunAs(stormName)
		delete(w.storm.topologies, greenName)
		w.settle(time.Hour)
		w.mustRunAs(greenName)
	}},
}

// greenJudged are those of an object with a deadline, too.
var greenJudged = []directedWorld{
	{"a revision that crashes once it is active is switched back", func(w *World) {
		before := w.storm.inStorm().ID
		w.updates(crashClass)
		w.mustBeRolledBack()
		if t := w.storm.inStorm(); t.ID != before {
			w.violate("Must 2: %s runs, and %s could have been kept", t.ID, before)
		}
	}},
	{"a revision crashes, and is fixed before its deadline", func(w *World) {
		before := w.storm.inStorm().ID
		w.set(crashClass, "spec", "topology", "mainClass")
		w.goesOn(w.crashRuns)
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(func() bool { return w.storm.inStorm().ID == before })
		w.settle(time.Hour)
		w.mustBeReady()
	}},
	{"slots for one only do not end a deadline", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.settle(40 * time.Minute)
		w.storm.lacks = false
		w.settle(time.Hour)
		w.mustBeReady()
		w.mustRunAs(greenName)
	}},
	{"Storm fails at the deactivation of what crashes", func(w *World) {
		w.set(crashClass, "spec", "topology", "mainClass")
		w.goesOn(w.crashRuns)
		w.storm.holds = true
		w.settle(20 * time.Minute)
		w.storm.holds = false
		w.settle(time.Hour)
		w.mustBeRolledBack()
	}},
	{"a rollback is told, and its status is not written", func(w *World) {
		w.faults.directed = []string{rollbackUnwritten}
		w.updates(crashClass)
		w.mustBeRolledBack()
	}},
	{"the status is lost while a revision is judged", func(w *World) {
		w.set(crashClass, "spec", "topology", "mainClass")
		w.goesOn(w.crashRuns)
		w.losesStatus()
		w.settle(2 * time.Hour)
		if t := w.storm.inStorm(); t == nil || t.workers.crash {
			w.violate("Must 2: what crashes runs, and the previous revision was beside it: %s", message(w.parent()))
		}
	}},
}

// twoThere says whether both names have a topology.
func (w *World) twoThere() bool { return len(w.own(w.storm)) == 2 }

// drainsForSuccessor says whether both topologies are INACTIVE.
func (w *World) drainsForSuccessor() bool {
	own := w.own(w.storm)
	return len(own) == 2 && !own[0].processes() && !own[1].processes()
}

// mustRunAs says under which name the object's only topology runs.
func (w *World) mustRunAs(name string) {
	if t := w.storm.inStorm(); w.violated == "" && (t == nil || t.Name != name || t.Status != storm.Active) {
		w.violate("Must 5: %s does not run: %s", name, message(w.parent()))
	}
}

func TestDirectedGreen(t *testing.T) {
	comeBy(t, greenWorlds, Schedule{Green: true})
	comeBy(t, greenJudged, Schedule{Green: true, Judged: true})
}
