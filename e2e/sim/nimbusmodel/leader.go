package nimbusmodel

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// namesWithin is how long a new leader may be without names: 1.5 s were seen
	// with 152 topologies.
	namesWithin = 2 * time.Second
	// sessionFor is storm.zookeeper.session.timeout: for so long there is no leader after a
	// leader that has died silently, not even its own next run.
	sessionFor = 20 * time.Second
)

// leading is what assertIsLeader looks at.
func (n *Nimbus) leading() bool { return !n.Down && n.storm.leads == n.at }

// Restart is a Nimbus that is ended and started: its memory and its timers go,
// its disk stays. It leads no more until it is said to.
func (n *Nimbus) Restart() {
	s := n.storm
	n.Down, n.Start, n.names, n.counter = false, s.Now(), map[string]string{}, 0
	kept := s.timers[:0]
	for _, t := range s.timers {
		if t.nimbus != n.at {
			kept = append(kept, t)
		}
	}
	s.timers = kept
	if s.leads == n.at {
		s.leads = noLeader
		s.elect(sessionFor)
	}
}

// Stop ends a Nimbus.
func (n *Nimbus) Stop() {
	n.Restart()
	n.Down = true
}

// Run starts a Nimbus that was stopped.
func (n *Nimbus) Run() {
	n.Restart()
	n.storm.elect(0)
}

// elect lets a Nimbus lead in a while, if none does by then.
func (s *Storm) elect(in time.Duration) {
	s.timers = append(s.timers, timer{at: s.Now().Add(in), nimbus: noLeader, event: election})
}

// elected is the first that runs.
func (s *Storm) elected() {
	if _, leads := s.Leader(); leads {
		return
	}
	for i, n := range s.nimbuses {
		if !n.Down {
			s.Lead(i)
			return
		}
	}
}

// Between is what may happen between the question who leads and a call to that one.
func (s *Storm) Between() {
	if i, leads := s.Leader(); leads && s.springs(LeaderMoves) {
		s.LeadNext(i)
	}
}

// LeadNext makes another Nimbus the leader, if another one runs.
func (s *Storm) LeadNext(than int) {
	for i := range s.nimbuses {
		if next := (than + 1 + i) % len(s.nimbuses); next != than && !s.nimbuses[next].Down {
			s.Lead(next)
			return
		}
	}
}

// Lead makes a Nimbus the leader; with noLeader there is none. It knows the names at once or,
// if that trap springs, in a moment: until then it denies what lives, and accepts a
// second topology of a name (LeaderListenerCallback.java leaderCallBack).
func (s *Storm) Lead(i int) {
	if s.leads == i && (i == noLeader || !s.nimbuses[i].Down) {
		return
	}
	s.leads = i
	if i == noLeader {
		return
	}
	s.named = i
	n := s.nimbuses[i]
	if s.springs(LeaderWithoutNames) {
		s.delay(n, namesWithin, names, "")
	} else {
		n.fillNames()
	}
	s.delay(n, 0, leadership, "")
}

// Leader is the index of the Nimbus that leads; false when none does.
func (s *Storm) Leader() (int, bool) {
	if s.leads == noLeader || s.nimbuses[s.leads].Down {
		return 0, false
	}
	return s.leads, true
}

func (n *Nimbus) fillNames() {
	n.names = map[string]string{}
	for id, b := range n.storm.bases {
		if known := n.names[b.Name]; known < id {
			n.names[b.Name] = id
		}
	}
}

// takeUp is GAIN_LEADERSHIP: waits start again, in full.
func (n *Nimbus) takeUp(t timer) {
	if !n.leading() {
		return
	}
	for _, id := range sortedKeys(n.storm.bases) {
		b := n.storm.bases[id]
		again := timer{at: t.at.Add(b.wait), nimbus: n.at, id: id}
		switch b.Status {
		case storm.Killed:
			again.event = removal
		case storm.Rebalancing:
			again.event = rebalanced
		default:
			continue
		}
		n.storm.timers = append(n.storm.timers, again)
	}
}

// GetLeader is the leader that a Nimbus names. One that was restarted alone names
// itself before it leads: the latch in ZooKeeper is still its predecessor's.
func (n *Nimbus) GetLeader() (storm.Leader, error) {
	s := n.storm
	if n.Down {
		return storm.Leader{}, n.unreachable()
	}
	named := s.nimbuses[s.named]
	if named.Down || s.springs(NoLeader) {
		return storm.Leader{}, &nimbus.UnreachableError{At: n.Host, Why: "it names no leader", Unsent: true}
	}
	return storm.Leader{Host: named.Host, Port: 6627, Start: named.Start.Unix(), Version: "2.8.1"}, nil
}

func (n *Nimbus) unreachable() error {
	return &nimbus.UnreachableError{At: n.Host + ":6627", Why: "connection refused", Unsent: true}
}

// untyped is what a RuntimeException in Nimbus comes to.
func untyped(method string) error {
	return &nimbus.UntypedError{Method: method, Msg: "Internal error processing " + method}
}
