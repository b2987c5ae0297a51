package sim

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Two schedules in seven are of an object with strategy BlueGreen, which has two names in
// Storm.
const (
	greenEach = 7
	greenName = stormName + v1beta1.GreenSuffix
)

var bothNames = []string{stormName, greenName}

// isGreen says whether the object of a seed has strategy BlueGreen.
func isGreen(seed uint64) bool { return seed%greenEach < 2 }

// inStorm is what a Storm has of the object: the one of its two topologies that processes, or
// else the one under the first name.
func (s *Storm) inStorm() *running {
	first, second := s.topologies[stormName], s.topologies[greenName]
	switch {
	case second == nil || second.Fingerprint.Owner != owner:
		return first
	case first == nil || !first.Alive() || second.processes() && !first.processes():
		return second
	case first.Fingerprint.Owner != owner && second.Alive():
		return second
	}
	return first
}

// processes says whether a topology emits tuples, or will once it has been rebalanced.
func (t *running) processes() bool {
	if t.Status == storm.Rebalancing {
		return t.next.Status != storm.Inactive
	}
	return t.Alive() && t.Status != storm.Inactive
}

// own are the topologies of the object in a Storm that are alive.
func (w *World) own(s *Storm) []*running {
	var own []*running
	for _, name := range bothNames {
		t, other := s.topologies[name], s.topologies[twin(name)]
		if t == nil || !t.Alive() || !w.mayTouch(t) {
			continue
		}
		if t.Fingerprint.Owner != owner && other != nil && other.Alive() && other.Fingerprint.Owner == owner && !startedBefore(t.ID, other.ID) {
			continue // an adoption has no effect while the object's own topology runs
		}
		own = append(own, t)
	}
	return own
}

// oneActive: Must 1: at no time two topologies of an object are active, but for what a person
// activated.
func (w *World) oneActive() {
	for _, s := range w.storms {
		s.settle()
		own := w.own(s)
		if len(own) == 2 && own[0].processes() && own[1].processes() && !own[0].byHand && !own[1].byHand {
			w.violate("Must 1: %s and %s are both active", own[0].ID, own[1].ID)
		}
	}
}

// killsBeside says whether the hook kills one of two topologies of the object, which does not
// process.
func (w *World) killsBeside(call storm.Call) bool {
	t := w.storm.topologies[call.Name]
	return t != nil && !t.processes() && slices.ContainsFunc(w.own(w.storm), func(other *running) bool { return other != t })
}

// stopsFor: Must 2 at an answer that deactivates or kills what the object has, while it lives:
// it is suspended, or another topology of it processes, or is there to take its place, with
// its workers up unless it ran before.
func (w *World) stopsFor(result topology.Result) {
	seen := result.Observed
	if seen.Deleting || seen.Parent.Spec.Suspend {
		return
	}
	for _, call := range result.Decision.Calls {
		beside := seen.Other.Topology
		if beside != nil && beside.ID == call.ID {
			beside = seen.Storm.Topology
		}
		switch {
		case call.Verb == storm.Kill && (!beside.Alive() || beside.Status == storm.Inactive):
			w.violate("Must 2: the hook killed %s, and nothing else of the object processes", call.ID)
		case call.Verb != storm.Deactivate:
		case result.Decision.Rule == "two active":
			if beside == nil || beside.Status != storm.Active {
				w.violate("Must 2: the hook deactivates %s, and nothing else of the object is active", call.ID)
			}
		case !beside.Alive():
			w.violate("Must 2: the hook deactivates %s, and nothing can take its place", call.ID)
		case beside.WorkersUp < max(beside.Workers, 1) && seen.Aim.Because == nil && result.Observed.Other.Revision == seen.Aim.Fingerprint.Revision:
			w.violate("Must 2: the hook deactivates %s, and the workers of %s are not up", call.ID, beside.ID)
		}
	}
}

// greenMoves are those of worlds with two names.
func (w *World) greenMoves(there func() bool) []move {
	if !w.green {
		return nil
	}
	beside := func() *running {
		for _, t := range w.own(w.storm) {
			if len(w.own(w.storm)) == 2 && t != w.storm.inStorm() {
				return t
			}
		}
		return nil
	}
	return []move{
		{"another strategy", 2, there, w.anotherStrategy},
		{"the topology beside is activated by hand", 12, func() bool { return beside() != nil && beside().Status == storm.Inactive && !w.storm.Down }, func() {
			t := beside()
			w.note("hand: activates %s", t.ID)
			t.turns(storm.Active, w.now)
			t.byHand = true
		}},
		{"the topology beside is killed by hand", 4, func() bool { return beside() != nil && !w.storm.Down }, func() {
			w.note("hand: kills %s", beside().Name)
			_, _ = w.storm.Kill(beside().Name, new(int32(1)))
		}},
		{"another owner submits under the second name", 1, func() bool { return w.storm.topologies[greenName] == nil && !w.storm.Down }, func() {
			of := submitted{name: greenName, status: storm.Active, fingerprint: storm.Fingerprint{Cluster: "other", Owner: othersOwner, Revision: "x"}}
			if id, err := w.storm.Submit(of); err == nil {
				w.note("another owner: submits %s", id)
			}
		}},
	}
}

// anotherStrategy changes spec.update.strategy.
func (w *World) anotherStrategy() {
	strategy := []string{"BlueGreen", "BlueGreen", "Replace"}[w.choose(3)]
	w.note("user: wants strategy %s", strategy)
	w.set(strategy, "spec", "update", "strategy")
}

func (w *World) losesStatus() {
	w.note("the status is lost")
	w.rolled, w.answered = rolledBack{}, rolledBack{}
	_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		unstructured.RemoveNestedField(o.Object, "status")
	})
}

// othersAtGreen: another owner's topology has the second name.
func (w *World) othersAtGreen() *running {
	if t := w.storm.topologies[greenName]; t != nil && t.Fingerprint.Owner != owner {
		return t
	}
	return nil
}

// onlyOne: Must 5 at the end of a fair world: what was beside has gone.
func (w *World) onlyOne(parent *unstructured.Unstructured) {
	if own := w.own(w.storm); len(own) == 2 {
		w.violate("Must 5: %s (%s) and %s (%s) are both left: %s", own[0].ID, own[0].Status, own[1].ID, own[1].Status, message(parent))
	}
}
