package nimbusmodel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Comparison makes the same calls to another Nimbus and to the model.
//
// The other one's timers never fire before they are due. How long after, depends on
// its machine, and no answer tells. So the model may be in several states at once,
// in which what is due has happened or not: each call is answered by all of them, and
// those stay that answered as the other one did. None left is a difference.
//
// That something never happens shows at no single call: Settled tells.
type Comparison struct {
	// Calls were compared, Sure were those to which the model had one answer.
	Calls, Sure int

	at     time.Time
	states []*Storm
}

// Compare begins with a model as it is.
func Compare(model *Storm) *Comparison {
	c := &Comparison{at: model.Now(), states: []*Storm{model}}
	model.Now = func() time.Time { return c.at }
	return c
}

// Settled says whether all that was begun may have ended.
func (c *Comparison) Settled() bool {
	return slices.ContainsFunc(c.states, func(s *Storm) bool { return len(s.timers) == 0 })
}

// Call compares an answer of the other Nimbus, to a call that was made between
// two times, with the model's.
func (c *Comparison) Call(began, ended time.Time, answer string, call func(*Storm) string) error {
	var left []*Storm
	answers := map[string]bool{}
	for _, s := range c.inCall(ended) {
		c.at, s.doubt = began, ended.Sub(began)
		got := call(s)
		s.meanwhile = false
		s.dropIdle()
		answers[got] = true
		if got == answer {
			left = append(left, s)
		}
	}
	c.Calls++
	if len(answers) == 1 {
		c.Sure++
	}
	if len(left) == 0 {
		return fmt.Errorf("the other: %s\nthe model: %s\nin:        %s", answer, strings.Join(sorted(answers), "\n       or: "), c.states[0])
	}
	c.states = distinct(left)
	return nil
}

// inCall are the states in which a call may find the model: what is due may happen
// before the call does its work, in the middle of it, or later.
func (c *Comparison) inCall(ended time.Time) []*Storm {
	all := c.possible(ended)
	for _, s := range all {
		with := s.Clone()
		with.meanwhile = true
		all = append(all, with)
	}
	return all
}

// possible are the states that the model may be in by a time: each thing that is
// due has happened or not, in any order.
func (c *Comparison) possible(by time.Time) []*Storm {
	var all []*Storm
	seen := map[string]bool{}
	var spread func(s *Storm)
	spread = func(s *Storm) {
		key := s.String()
		if seen[key] {
			return
		}
		seen[key] = true
		all = append(all, s.Clone())
		for i, t := range s.timers {
			if !t.at.After(by) {
				c.at = t.at
				fired := s.Clone()
				fired.fire(i)
				fired.dropIdle()
				spread(fired)
			}
		}
	}
	for _, s := range c.states {
		spread(s)
	}
	return all
}

// dropIdle drops the timers that can change nothing any more: those of a topology
// that is gone, of a rebalance that a kill has ended, and, of two that do the same,
// the later. Without it each of them would double the states.
func (s *Storm) dropIdle() {
	slices.SortStableFunc(s.timers, func(a, b timer) int { return a.at.Compare(b.at) })
	type deed struct {
		event event
		id    string
	}
	seen := map[deed]bool{}
	s.timers = slices.DeleteFunc(s.timers, func(t timer) bool {
		b, same := s.bases[t.id], deed{t.event, t.id}
		idle := t.id != "" && (seen[same] || b == nil || t.event == rebalanced && b.Status != storm.Rebalancing)
		seen[same] = true
		return idle
	})
}

func distinct(states []*Storm) []*Storm {
	seen := map[string]bool{}
	return slices.DeleteFunc(states, func(s *Storm) bool {
		key := s.String()
		was := seen[key]
		seen[key] = true
		return was
	})
}

// String is all that tells two states apart.
func (s *Storm) String() string {
	var text strings.Builder
	for _, id := range sortedKeys(s.bases) {
		b := s.bases[id]
		fmt.Fprintf(&text, "%s %s (%s) %d %s %v; ", b.ID, b.Status, b.Previous, b.Workers, b.wait, b.changes)
	}
	var timers []string
	for _, t := range s.timers {
		timers = append(timers, fmt.Sprintf("%d of %s at %d", t.event, t.id, t.at.UnixMilli()))
	}
	slices.Sort(timers)
	fmt.Fprintf(&text, "%v; leader %d", timers, s.leads)
	for _, n := range s.nimbuses {
		fmt.Fprintf(&text, "; %v", n.names)
	}
	for _, id := range sortedKeys(s.confs) {
		fmt.Fprintf(&text, "; %s %v", id, s.confs[id].settings)
	}
	return text.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func sorted(set map[string]bool) []string { return sortedKeys(set) }

// Answer is the class of an error, which is what a caller goes by.
func Answer(err error) string {
	var notAlive *nimbus.NotAliveError
	var alive *nimbus.AlreadyAliveError
	var invalid *nimbus.InvalidTopologyError
	var authorization *nimbus.AuthorizationError
	var untyped *nimbus.UntypedError
	var unreachable *nimbus.UnreachableError
	switch {
	case err == nil:
		return "taken"
	case errors.As(err, &notAlive):
		return "not alive"
	case errors.As(err, &alive):
		return "already alive"
	case errors.As(err, &invalid):
		return "invalid"
	case errors.As(err, &authorization):
		return "not authorized"
	case errors.As(err, &untyped):
		return "untyped"
	case errors.As(err, &unreachable):
		return "unreachable"
	}
	return err.Error()
}
