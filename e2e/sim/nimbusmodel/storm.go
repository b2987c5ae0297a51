package nimbusmodel

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Storm is all that the Nimbuses of one Storm share, and the Nimbuses.
type Storm struct {
	// Now is the clock.
	Now func() time.Time
	// Chance says whether a trap springs where it could; nil is never.
	Chance func(Trap) bool
	// Sprung counts the traps that did.
	Sprung map[Trap]int
	// Refuse is nimbus.topology.validator; nil takes everything.
	Refuse func(name string, conf map[string]any) error
	// Identity tells this Storm from another.
	Identity string

	bases    map[string]*Base // ZooKeeper's, by id
	confs    map[string]conf  // the blob store's, by id: they outlive their topology
	nimbuses []*Nimbus
	leads    int // the Nimbus that leads; noLeader when none does
	named    int // the one that getLeader names
	timers   []timer
	// Of a comparison: how much later than Now it may be in the call, and whether what
	// is due by then happens in the middle of it.
	doubt     time.Duration
	meanwhile bool
}

// Base is what ZooKeeper keeps of a topology (StormBase).
type Base struct {
	ID, Name, Status string
	// Previous is the status before a rebalance.
	Previous string
	// Workers is the requested number (num_workers).
	Workers int32
	// Assigned is when its workers were started last.
	Assigned time.Time

	wait     time.Duration // of the kill or the rebalance that is under way
	changes  rebalance
	private  bool
	admitted time.Time
}

// Alive says whether it counts as running.
func (b *Base) Alive() bool { return b != nil && b.Status != storm.Killed }

// conf is a blob. It is never changed: a rebalance puts another in its place.
type conf struct {
	settings map[string]any
	until    time.Time // when the clean-up removes it, at the earliest; zero while its topology lives
}

// Nimbus is one process, with what it has in memory and on its own disk.
type Nimbus struct {
	Host  string
	Down  bool
	Start time.Time

	storm *Storm
	at    int
	// names are the topologies that it knows, id by name: filled when it comes
	// to lead, and never forgotten afterwards (InMemoryAssignmentBackend.java).
	names   map[string]string
	counter int // of submissions since its start
	inbox   map[string]time.Time
	serial  int
}

const (
	noLeader = -1
	// messageTimeout is topology.message.timeout.secs (conf/defaults.yaml), the
	// wait of a kill and of a rebalance that name none.
	messageTimeout = 30
	// confsFor is nimbus.topology.blobstore.deletion.delay.ms.
	confsFor = 5 * time.Minute
	// jarsFor is nimbus.inbox.jar.expiration.secs.
	jarsFor = time.Hour
)

// New is a Storm with so many Nimbuses; the first one leads.
func New(now func() time.Time, nimbuses int) *Storm {
	s := &Storm{Now: now, Sprung: map[Trap]int{}, Identity: "storm-1", bases: map[string]*Base{}, confs: map[string]conf{}}
	for i := range nimbuses {
		s.nimbuses = append(s.nimbuses, &Nimbus{
			Host: fmt.Sprintf("nimbus-%d", i), Start: now(), storm: s, at: i,
			names: map[string]string{}, inbox: map[string]time.Time{},
		})
	}
	return s
}

// Nimbus is the i-th.
func (s *Storm) Nimbus(i int) *Nimbus { return s.nimbuses[i] }

// Named finds a name's topology in ZooKeeper. Of two, which only a change of
// leaders can bring about, it is the younger.
func (s *Storm) Named(name string) *Base {
	var found *Base
	for _, b := range s.bases {
		if b.Name == name && (found == nil || b.ID > found.ID) {
			found = b
		}
	}
	return found
}

// Count is how many topologies have a name, and are not killed.
func (s *Storm) Count(name string) (alive int) {
	for _, b := range s.bases {
		if b.Name == name && b.Alive() {
			alive++
		}
	}
	return alive
}

// Settings are a topology's, whether it still lives or not; nil when there are none.
func (s *Storm) Settings(id string) map[string]any { return s.confs[id].settings }

// Remove takes a topology out of ZooKeeper at once, as a hand there could.
func (s *Storm) Remove(id string) {
	if b := s.bases[id]; b != nil {
		s.remove(b)
	}
}

// Empty is a Storm whose ZooKeeper was wiped. Nimbuses keep what is in their memory.
func (s *Storm) Empty() {
	s.bases, s.confs, s.timers = map[string]*Base{}, map[string]conf{}, nil
	for _, n := range s.nimbuses {
		n.names = map[string]string{}
	}
}

// Clone is a copy that goes its own way. It shares the clock and the chance.
func (s *Storm) Clone() *Storm {
	c := *s
	c.Sprung = maps.Clone(s.Sprung)
	c.confs = maps.Clone(s.confs)
	c.timers = slices.Clone(s.timers)
	c.bases = make(map[string]*Base, len(s.bases))
	for id, b := range s.bases {
		copied := *b
		c.bases[id] = &copied
	}
	c.nimbuses = make([]*Nimbus, len(s.nimbuses))
	for i, n := range s.nimbuses {
		copied := *n
		copied.storm, copied.names, copied.inbox = &c, maps.Clone(n.names), maps.Clone(n.inbox)
		c.nimbuses[i] = &copied
	}
	return &c
}

// Restore puts back ZooKeeper and the blobs as they were in a copy, as a backup
// does; Nimbus is stopped for it and started again.
func (s *Storm) Restore(backup *Storm) {
	old := backup.Clone()
	s.bases, s.confs, s.timers = old.bases, old.confs, nil
	for _, n := range s.nimbuses {
		n.Restart()
	}
	s.Lead(0)
}
