package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

const stormIdentity = "storm-1"

// Storm is a model of a Storm with one leader.
type Storm struct {
	now  func() time.Time
	Down bool
	// topologies by name; one that is killed keeps its name until goneAt.
	topologies map[string]*running
	counter    int
	blobs      blobs
	lacks      bool // no topology gets more than one slot
	holds      bool // it fails at each deactivation
}

type running struct {
	storm.Topology
	workers      workers
	goneAt       time.Time
	dependencies []string // keys of blobs
	// A rebalance: when it is over, and what the topology is then.
	balancedAt time.Time
	next       storm.Topology
	byHand     bool // a person activated it beside another one
	stopped    bool // a person deactivated it
}

// submitted is what a submission asks Storm for.
type submitted struct {
	name, status string
	fingerprint  storm.Fingerprint
	workers      int // topology.workers; 0 is Storm's default
	crashes      bool
	dependencies []string
	scales       map[string]storm.Scale
}

func newStorm(now func() time.Time) *Storm {
	return &Storm{now: now, topologies: map[string]*running{}, blobs: newBlobs()}
}

// settle removes what has drained, and ends rebalances.
func (s *Storm) settle() {
	for name, t := range s.topologies {
		if t.Status == storm.Rebalancing && !s.now().Before(t.balancedAt) {
			t.Topology = t.next
		}
		if t.Status == storm.Killed && !s.now().Before(t.goneAt) {
			delete(s.topologies, name)
			s.blobs.doom(t.dependencies, t.goneAt)
		}
	}
	s.blobs.settle(s.now())
}

// List is a look at the list, as it is now.
func (s *Storm) List(name string) storm.View {
	if s.Down {
		return storm.View{Problem: "Storm cannot be reached at nimbus:6627."}
	}
	s.settle()
	view := storm.View{Identity: stormIdentity, Listed: true, Fresh: true}
	if t := s.topologies[name]; t != nil {
		seen := s.observed(t)
		view.Topology = &seen
	}
	return view
}

// Kill acts by name, as Storm does, and says on which topology.
func (s *Storm) Kill(name string, wait *int32) (*running, error) {
	s.settle()
	t := s.topologies[name]
	if s.Down || t == nil {
		return nil, fmt.Errorf("%s is not alive", name)
	}
	drains := storm.DefaultMessageTimeout
	if wait != nil {
		drains = time.Duration(*wait) * time.Second
	}
	goneAt := s.now().Add(drains)
	if t.Status != storm.Killed || goneAt.Before(t.goneAt) {
		t.goneAt = goneAt
	}
	t.Status = storm.Killed
	return t, nil
}

// Submit takes a topology unless the name is held.
func (s *Storm) Submit(of submitted) (string, error) {
	s.settle()
	if s.topologies[of.name] != nil {
		return "", fmt.Errorf("%s is already alive", of.name)
	}
	s.counter++
	id := fmt.Sprintf("%s-%d-%d", of.name, s.counter, s.now().Unix())
	assigned := max(of.workers, 1)
	s.topologies[of.name] = &running{dependencies: of.dependencies, workers: workers{crash: of.crashes, began: s.now(), active: s.now()}, Topology: storm.Topology{
		ID: id, Name: of.name, Status: of.status, Fingerprint: of.fingerprint, ConfKnown: true,
		WorkersWanted: assigned, Workers: assigned, WorkersUp: assigned, Executors: 3, Tasks: 3, Detailed: true,
		Components: scaled(of.scales, assigned),
	}}
	return id, nil
}

// generation is that of a topology, or the one that a rebalance is making of it.
func (s *Storm) generation(name string) int64 {
	s.settle()
	switch t := s.topologies[name]; {
	case t == nil:
		return 0
	case t.Status == storm.Rebalancing:
		return t.next.Fingerprint.Generation
	default:
		return t.Fingerprint.Generation
	}
}

// Turn activates or deactivates by name.
func (s *Storm) Turn(name, status string) error {
	s.settle()
	t := s.topologies[name]
	switch {
	case s.Down || t == nil:
		return fmt.Errorf("%s is not alive", name)
	case t.Status == storm.Killed || t.Status == storm.Rebalancing:
		return fmt.Errorf("internal error") // no such transition, and no type
	case s.holds && status == storm.Inactive:
		return fmt.Errorf("internal error")
	}
	t.byHand, t.stopped = false, false
	t.turns(status, s.now())
	return nil
}

// Rebalance acts by name; what it changes is seen after the wait. The number of workers
// that it requests is not topology.workers, which only an override changes
// (StormBase.num_workers, storm: Nimbus.doRebalance, v2.8.1).
func (s *Storm) Rebalance(call storm.Call) error {
	s.settle()
	t := s.topologies[call.Name]
	switch {
	case s.Down || t == nil:
		return fmt.Errorf("%s is not alive", call.Name)
	case t.Status == storm.Killed || t.Status == storm.Rebalancing:
		return fmt.Errorf("internal error")
	}
	t.next, t.Status = t.Topology, storm.Rebalancing
	t.balancedAt = s.now().Add(time.Duration(*call.WaitSeconds) * time.Second)
	if call.Workers > 0 {
		t.next.Workers, t.next.WorkersUp = int(call.Workers), int(call.Workers)
	}
	if workers, set := call.Overrides[storm.Workers].(int64); set {
		t.next.WorkersWanted = int(workers)
	}
	t.next.Components = rebalanced(t.Components, call.Executors)
	if len(call.Overrides) > 0 {
		changed := t.Fingerprint.Settings()
		maps.Copy(changed, call.Overrides)
		t.next.Fingerprint = storm.FingerprintOf(changed)
	}
	return nil
}
