package sim

import (
	"testing"
	"time"
)

// judgedWorlds are directed worlds with a deadline.
var judgedWorlds = []directedWorld{
	{"a revision that crashes is rolled back", func(w *World) {
		w.updates(crashClass)
		w.mustBeRolledBack()
	}},
	{"two revisions crash, one after the other", func(w *World) {
		w.set(crashClass, "spec", "topology", "mainClass")
		w.goesOn(w.crashRuns)
		w.set("jar:2", "spec", "topology", "jar", "container", "image")
		w.settle(2 * time.Hour)
		w.mustBeRolledBack()
	}},
	{"slots are lacking at an update", func(w *World) {
		w.storm.lacks = true
		w.set("main.B", "spec", "topology", "mainClass")
		w.settle(20 * time.Minute)
		w.storm.lacks = false
		w.settle(time.Hour)
		w.mustBeReady()
	}},
	{"an update is suspended for long", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.updateRuns)
		w.set(true, "spec", "suspend")
		w.settle(20 * time.Minute)
		w.set(false, "spec", "suspend")
		w.settle(time.Hour)
		w.mustBeReady()
	}},
	{"what crashes is suspended for long", func(w *World) {
		w.set(crashClass, "spec", "topology", "mainClass")
		w.goesOn(w.crashRuns)
		w.passes(time.Minute)
		w.set(true, "spec", "suspend")
		w.settle(20 * time.Minute)
		w.set(false, "spec", "suspend")
		w.settle(time.Hour)
		w.mustBeRolledBack()
	}},
	{"what crashes is scaled before it is judged", func(w *World) {
		w.set(crashClass, "spec", "topology", "mainClass")
		w.goesOn(w.crashRuns)
		w.passes(20 * time.Second)
		w.set(int64(1), "spec", "topology", "workers")
		w.settle(time.Hour)
		w.mustBeRolledBack()
	}},
	{"what was rolled back is suspended, and resumed", func(w *World) {
		w.updates(crashClass)
		w.mustBeRolledBack()
		w.keeps("what was rolled back to is suspended", func() { w.set(true, "spec", "suspend") })
		w.keeps("what was rolled back to is resumed", func() { w.set(false, "spec", "suspend") })
		w.mustBeRolledBack()
	}},
	{"what crashed for most of its deadline is suspended, and works when it is resumed", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.updateRuns)
		t := w.ownTopology()
		t.crashes(w.now)
		w.goesOnFor(150 * time.Second)
		w.set(true, "spec", "suspend")
		w.goesOnFor(time.Minute)
		t.workers.crash = false
		w.set(false, "spec", "suspend")
		w.settle(time.Hour)
		w.mustBeReady()
	}},
	{"a deadline that is shorter than a report", func(w *World) {
		w.set(int64(10), "spec", "update", "progressDeadlineSeconds")
		w.updates("main.B")
		w.mustBeReady()
	}},
	{"a clock is set ahead before a deadline is over", func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.goesOn(w.updateRuns)
		for _, s := range w.servers {
			s.ahead += time.Hour
		}
		w.settle(time.Hour)
		w.mustBeReady()
	}},
	{"what has progressed crashes for long", func(w *World) {
		w.updates("main.B")
		w.ownTopology().crashes(w.now)
		for range 40 {
			w.settle(10 * time.Minute)
			w.passes(time.Minute)
		}
		w.endCrashes()
		w.settle(time.Hour)
		w.mustBeReady()
	}},
}

// updateRuns says whether the hook has seen another revision run than the first one.
func (w *World) updateRuns() bool {
	t := w.ownTopology()
	return t != nil && nested(w.parent(), "status", "stormId") == t.ID && nested(w.parent(), "status", "progress", "progressedAt") == "" &&
		nested(w.parent(), "status", "progress", "stormId") == t.ID
}

func TestDirectedDeadlines(t *testing.T) { comeBy(t, judgedWorlds, Schedule{Judged: true}) }
