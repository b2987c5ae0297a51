package nimbusmodel

import (
	"maps"
	"slices"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// timer is what a Nimbus will do, at the earliest at a time. The simulation's does it
// then (Settle); a real one does it later, one after the other in a single thread.
type timer struct {
	at     time.Time
	nimbus int
	event  event
	id     string
	sub    *Submission // that is at work
}

type event int

const (
	removal       event = iota // a killed topology leaves
	removed                    // and is listed no more
	rebalanced                 // a rebalance is carried out
	scheduled                  // and has been scheduled
	leadership                 // a Nimbus that leads takes up what its predecessor had begun
	names                      // a Nimbus that leads fills its memory
	election                   // a Nimbus comes to lead where none does
	lateAdmission              // a submission that waited for its replication is let in
)

// Due is the time of the next thing to happen by itself; false when nothing is.
func (s *Storm) Due() (time.Time, bool) {
	i := s.next()
	if i < 0 {
		return time.Time{}, false
	}
	return s.timers[i].at, true
}

// Settle lets happen what is due.
func (s *Storm) Settle() {
	for i := s.next(); i >= 0 && !s.timers[i].at.After(s.Now()); i = s.next() {
		s.fire(i)
	}
	for id, c := range s.confs {
		if !c.until.IsZero() && !s.Now().Before(c.until) {
			delete(s.confs, id)
		}
	}
}

// next is the timer that is due first, -1 when there is none.
func (s *Storm) next() int {
	first := -1
	for i, t := range s.timers {
		if first < 0 || t.at.Before(s.timers[first].at) {
			first = i
		}
	}
	return first
}

func (s *Storm) delay(n *Nimbus, wait time.Duration, event event, id string) {
	s.timers = append(s.timers, timer{at: s.Now().Add(wait), nimbus: n.at, event: event, id: id})
}

// fire is delayEvent's transition. One that a state does not know is not an error
// here (Nimbus.java transition, errorOnNoTransition false).
func (s *Storm) fire(i int) {
	t := s.timers[i]
	s.timers = slices.Delete(s.timers, i, i+1)
	if t.event == election {
		s.elected()
		return
	}
	n := s.nimbuses[t.nimbus]
	if !n.leading() && (t.event == removal || t.event == rebalanced) {
		// assertIsLeader fails in the timer's thread, and Nimbus halts
		// (StormTimer's onKill).
		s.count(TimerOfAFormerLeader)
		n.Restart()
		return
	}
	switch b := s.bases[t.id]; {
	case t.event == names:
		n.fillNames()
	case t.event == leadership:
		n.takeUp(t)
	case t.event == lateAdmission:
		n.admitLate(*t.sub)
	case b == nil:
	case t.event == removal && b.Status == storm.Killed:
		s.forget(b)
		s.half(n, removed, b.ID)
	case t.event == removed:
		s.remove(b)
	case t.event == rebalanced && b.Status == storm.Rebalancing:
		s.rebalance(b)
		s.half(n, scheduled, b.ID)
	case t.event == scheduled:
		s.schedule(b)
	}
}

// half is the time between two writes of a transition, during which Nimbus's lock is
// held: others see what was written first.
func (s *Storm) half(n *Nimbus, rest event, id string) {
	wait := time.Duration(0)
	if s.springs(HalfDone) {
		wait = halfFor
	}
	s.delay(n, wait, rest, id)
}

// halfFor is how long a busy Nimbus may be about a removal or a scheduling.
const halfFor = 3 * time.Second

// forget is the first half of REMOVE_TRANSITION: the name is unknown, and the
// topology still listed (StormClusterStateImpl.java removeStorm).
func (s *Storm) forget(b *Base) {
	for _, n := range s.nimbuses {
		if n.names[b.Name] == b.ID {
			delete(n.names, b.Name)
		}
	}
}

// remove is all of it. The conf stays for the clean-up, which removes what is gone
// and was seen five minutes ago, running or not (Nimbus.java getExpiredTopologyIds).
func (s *Storm) remove(b *Base) {
	s.forget(b)
	delete(s.bases, b.ID)
	if c, found := s.confs[b.ID]; found {
		c.until = b.admitted.Add(confsFor)
		s.confs[b.ID] = c
	}
}

// rebalance is the first half of DO_REBALANCE_TRANSITION: now only are the changes
// seen, while the topology is still REBALANCING (doRebalance).
func (s *Storm) rebalance(b *Base) {
	if b.changes.workers > 0 {
		b.Workers = b.changes.workers
	}
	if len(b.changes.overrides) > 0 {
		changed := maps.Clone(s.confs[b.ID].settings)
		maps.Copy(changed, b.changes.overrides)
		s.confs[b.ID] = conf{settings: changed}
	}
	if b.changes.overrides != nil || b.changes.workers > 0 {
		b.Assigned = s.Now()
	}
	b.changes = rebalance{}
}

// schedule is the second.
func (s *Storm) schedule(b *Base) {
	b.Status = b.Previous
	if _, fine := seconds(s.confs[b.ID].settings); !fine {
		// NumberFormatException in the scheduling: Nimbus halts, and again after
		// each start, since the conf stays.
		s.count(HaltedByAnOverride)
		for _, n := range s.nimbuses {
			n.Down = true
		}
	}
}
