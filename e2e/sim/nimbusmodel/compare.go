package nimbusmodel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// Comparison makes the same calls to another Nimbus and to the model.
//
// The other one's timers fire when they are due, or a little later, and nobody
// sees when. So the model may be in several states at once: each call is answered
// by all of them, and those stay that answered as the other one did. None left
// is a difference.
type Comparison struct {
	// Calls were compared, Sure were those to which the model had one answer.
	Calls, Sure int

	slack  time.Duration
	at     time.Time
	states []*Storm
}

// Compare begins with a model as it is. A timer of the other one may fire so much
// later than it is due.
func Compare(model *Storm, slack time.Duration) *Comparison {
	c := &Comparison{slack: slack, at: model.Now(), states: []*Storm{model}}
	model.slow = slack
	model.Now = func() time.Time { return c.at }
	return c
}

// Call compares an answer of the other Nimbus, to a call that was made between
// two times, with the model's.
func (c *Comparison) Call(began, ended time.Time, answer string, call func(*Storm) string) error {
	var left []*Storm
	answers := map[string]bool{}
	for _, s := range c.inCall(began, ended) {
		c.at, s.doubt = began, ended.Sub(began)
		got := call(s)
		s.meanwhile = false
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

// Change is something that is done to the other Nimbus between two times.
func (c *Comparison) Change(began, ended time.Time, change func(*Storm)) {
	c.states = distinct(c.possible(began, ended))
	for _, s := range c.states {
		c.at, s.doubt = began, ended.Sub(began)
		change(s)
	}
}

// inCall are the states in which a call may find the model: what is due may happen in
// the middle of it, too.
func (c *Comparison) inCall(began, ended time.Time) []*Storm {
	all := c.possible(began, ended)
	for _, s := range all {
		if at, due := s.Due(); due && !at.After(ended) {
			with := s.Clone()
			with.meanwhile = true
			all = append(all, with)
		}
	}
	return all
}

// possible are the states that the model may be in: what is due may have
// happened, in any order, and what is overdue has.
func (c *Comparison) possible(began, ended time.Time) []*Storm {
	var all []*Storm
	seen := map[string]bool{}
	var spread func(s *Storm)
	spread = func(s *Storm) {
		if key := s.String(); seen[key] {
			return
		} else {
			seen[key] = true
		}
		overdue := false
		for i, t := range s.timers {
			overdue = overdue || t.late.Add(c.slack).Before(began)
			if !t.at.After(ended) {
				c.at = t.at
				fired := s.Clone()
				fired.fire(i)
				spread(fired)
			}
		}
		if !overdue {
			all = append(all, s.Clone())
		}
	}
	for _, s := range c.states {
		spread(s)
	}
	return all
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
