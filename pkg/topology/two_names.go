package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// With strategy BlueGreen a topology has two names in Storm: one runs, and the new revision
// is submitted under the other one, INACTIVE. Storm is what counts as running, Other what is
// beside it:
//
//	running ACTIVE ────────────────── INACTIVE, drains ─ INACTIVE ──────────── killed
//	beside     submitted INACTIVE ─ workers up ──────── ACTIVE, judged ─ progressed
//
// An object that never had the strategy has one name, and its rules see no other (Must 7).

// twoNames says whether both names belong to the object. Once they do, they do for good: a
// submission under the second one may come late.
func (seen Observed) twoNames() bool {
	return seen.Parent.BlueGreen() || seen.Parent.Status.SecondName || seen.Other.Topology != nil || seen.Storm.Name == seen.Parent.GreenName()
}

// initialStatus is the status in Storm that a submission gives the topology. Must 1: of two
// topologies only the hook activates one, so that none comes ACTIVE that no look has seen.
func (seen Observed) initialStatus() string {
	if seen.Parent.Spec.Suspend || seen.twoNames() {
		return storm.Inactive
	}
	return storm.Active
}

// asksBoth says whether the question to Storm has both names: also where no status tells of the
// second one, since it may have been lost.
func (seen Observed) asksBoth() bool {
	return seen.twoNames() || len(seen.Parent.Status.Conditions) == 0
}

// names are the name that ran last, and the other one.
func (seen Observed) names() (ran, other string) {
	if green := seen.Parent.GreenName(); seen.Parent.Status.StormName == green {
		return green, seen.Parent.StormName()
	}
	return seen.Parent.StormName(), seen.Parent.GreenName()
}

// lastName is the name of the topology that ran when Storm was last asked.
func (seen Observed) lastName() string {
	name, _ := seen.names()
	return name
}

// under is what Storm said of a name.
func (seen Observed) under(name string) storm.View {
	if name == seen.Other.Name {
		return seen.Other.View
	}
	return seen.Storm.View
}

// besideID is the id of the topology beside the running one, as of the last look.
func (seen Observed) besideID() string {
	if before := seen.Parent.Status.Beside; before != nil && storm.ValidID(before.StormID) {
		return before.StormID
	}
	return ""
}

// counts says whether of two answers the second one is what counts as running: the topology
// that processes. One that is active comes before one that rebalances, which may be INACTIVE
// after it. Of two that do not, the one that counted before, or else the older one.
func counts(seen Observed, first, second Answer) bool {
	a, b := first.Topology, second.Topology
	switch id := seen.Parent.Status.StormID; {
	case b == nil || first.Heard == Unreadable:
		return false
	case a == nil:
		return true
	case a.Alive() != b.Alive():
		return b.Alive()
	case processes(a) != processes(b):
		return processes(b)
	case a.Status != b.Status && (a.Status == storm.Active || b.Status == storm.Active):
		return b.Status == storm.Active
	case a.ID == id || b.ID == id:
		return b.ID == id
	}
	return startTime(b.ID, seen.Now).Before(startTime(a.ID, seen.Now))
}

// processes says whether a topology emits tuples, or may after a rebalance: Storm does not say
// which status that returns to.
func processes(t *storm.Topology) bool {
	return t.Alive() && t.Status != storm.Inactive
}

// beside is the same world, seen from the topology beside the running one.
func (seen Observed) beside() Observed {
	seen.Storm, seen.Other = seen.Other, seen.Storm
	return seen
}

// ranBefore says whether what is beside was submitted before what runs: it is the previous
// revision, and not the next one.
func (seen Observed) ranBefore() bool {
	running, beside := seen.Storm.Running(), seen.Other.Running()
	return running != nil && beside != nil && startTime(beside.ID, seen.Now).Before(startTime(running.ID, seen.Now))
}

// besideOf is what the status remembers of the topology beside the running one.
func besideOf(seen Observed) *v1beta1.Beside {
	before, t := seen.Parent.Status.Beside, seen.Other.Topology
	switch {
	case !seen.Storm.Known() || seen.Other.Heard == Unreadable:
		return before
	case t == nil:
		return nil
	}
	b := seen.beside()
	record := &v1beta1.Beside{
		StormName: t.Name, StormID: t.ID, StormStatus: t.Status, Revision: seen.Other.Revision,
		WorkersUp: fmt.Sprintf("%d/%d", t.WorkersUp, seen.Other.workersWanted()),
	}
	if same := before != nil && before.StormID == t.ID; same {
		record.Since, record.CountedSeconds = before.Since, before.CountedSeconds
		if !t.Counted() {
			record.WorkersUp = before.WorkersUp
		}
	}
	update := seen.Parent.Spec.Update
	switch isNext := runs(seen.Other, seen.Target) && !seen.Target.Runs && seen.Storm.Running() != nil; {
	case !isNext || update == nil || update.ProgressDeadlineSeconds == nil:
		record.Since, record.CountedSeconds = nil, 0
	case seen.Parent.Paused() || seen.Parent.Spec.Suspend || assignsFewer(b):
		record.CountedSeconds += int64(besideCounted(seen, record) / time.Second)
		record.Since = nil
	case record.Since == nil:
		record.Since = stamp(seen.Now)
	}
	return record
}

// besideCounted is for how long the clock of the topology beside has run, by the shorter of
// two clocks (sinceCounted).
func besideCounted(seen Observed, record *v1beta1.Beside) time.Duration {
	return min(age(record.Since, seen.Now), time.Duration(max(seen.Other.Topology.Uptime, 0))*time.Second)
}

// upBeside says whether all workers of the topology beside are up, and old enough as far as
// they tell. While it is INACTIVE, its spouts and bolts are not open.
func upBeside(seen Observed) bool {
	b := seen.beside()
	t := b.Storm.Topology
	return t.Counted() && workersUp(b) && (!t.Detailed || time.Duration(t.YoungestUptime)*time.Second >= minReady(seen))
}

// lateBeside says whether the target is beside what runs, and its workers were not up within
// the deadline.
func lateBeside(seen Observed) bool {
	record, update := seen.Beside, seen.Parent.Spec.Update
	if record == nil || record.Since == nil || update == nil || update.ProgressDeadlineSeconds == nil || seen.Deleting ||
		!runs(seen.Other, seen.Target) || seen.Target.Runs || !seen.Other.Topology.Detailed || upBeside(seen) {
		return false
	}
	since := besideCounted(seen, record)
	return since >= canBeOld(seen) && time.Duration(record.CountedSeconds)*time.Second+since >= deadline(seen)
}

// drainBeside is how long what runs drains before its successor is activated: as the spec has
// it, or for its message timeout, after which what has not been acked has failed. Storm tells of
// acked tuples once a minute and from a sample (topology.stats.sample.rate), so no look shows
// more.
func (seen Observed) drainBeside() time.Duration {
	if update := seen.Parent.Spec.Update; update != nil && update.DrainSeconds != nil {
		return time.Duration(*update.DrainSeconds) * time.Second
	}
	return min(seen.drain(), seen.runningTimeout())
}

// submitName is the name that a submission gets, and whether it must not kill what has it.
func (seen Observed) submitName() (name string, neverKills bool) {
	ran, other := seen.names()
	if seen.Storm.Name != "" && seen.Storm.Name != ran {
		ran, other = other, ran
	}
	if seen.Parent.BlueGreen() {
		if seen.Storm.Topology != nil {
			return other, true
		}
		return ran, true
	}
	return ran, false
}

// keptBeside says what stays beside the running topology until that has come up; empty where
// nothing does.
func keptBeside(seen Observed) string {
	if !seen.ranBefore() || seen.Other.Revision == seen.Storm.Revision {
		return ""
	}
	return fmt.Sprintf(" Revision %s stays INACTIVE beside it until then.", text.Cut(seen.Other.revisionName(), 40))
}

// stoppedHere says whether Stormhooks has stopped what is INACTIVE, for a revision beside it, or
// has submitted it INACTIVE and not activated it since.
func (seen Observed) stoppedHere() bool {
	before, t := seen.Parent.Status, seen.Storm.Running()
	if t == nil || t.Status != storm.Inactive {
		return false
	}
	neverActive := pending(seen.Progress) && seen.Progress.Since == nil && seen.Progress.CountedSeconds == 0
	drained := before.Beside != nil && before.Beside.DrainingSince != nil
	return seen.Other.Running() != nil || before.StormID != t.ID || neverActive || drained || seen.wasSwitching()
}

// wasSwitching says whether the status tells that one topology takes over from the other.
func (seen Observed) wasSwitching() bool {
	ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady)
	return ready.Reason == v1beta1.Switching
}
