package nimbusmodel

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// rebalance is what a rebalance changes once its wait is over.
type rebalance struct {
	workers   int32
	overrides map[string]any
}

// Kill ends a topology by name; wait nil is its own conf's. A topology that is
// killed or is rebalancing is killed, too, and of two waits the earlier ends
// it. The id is that of the topology which the name stood for.
func (n *Nimbus) Kill(name string, wait *int32) (id string, err error) {
	return n.act("killTopologyWithOpts", name, func(b *Base) error {
		b.wait = n.storm.wait(b, wait)
		n.storm.delay(n, b.wait, removal, b.ID)
		b.Status = storm.Killed
		return nil
	})
}

// Activate and Deactivate do nothing to what is so already.
func (n *Nimbus) Activate(name string) (id string, err error) {
	return n.act("activate", name, turn("activate", storm.Active))
}

// Deactivate stops a topology's spouts.
func (n *Nimbus) Deactivate(name string) (id string, err error) {
	return n.act("deactivate", name, turn("deactivate", storm.Inactive))
}

func turn(method, status string) func(*Base) error {
	return func(b *Base) error {
		if !settled(b) {
			return untyped(method) // no such transition
		}
		b.Status = status
		return nil
	}
}

// settled: the only states from which activate, deactivate and rebalance lead on.
func settled(b *Base) bool { return b.Status == storm.Active || b.Status == storm.Inactive }

// Rebalance changes workers and settings, which are not checked, after the wait.
func (n *Nimbus) Rebalance(name string, wait *int32, workers int32, overrides map[string]any) (id string, err error) {
	return n.act("rebalance", name, func(b *Base) error {
		if !settled(b) {
			return untyped("rebalance")
		}
		b.Previous, b.Status = b.Status, storm.Rebalancing
		b.wait = n.storm.wait(b, wait)
		b.changes = rebalance{workers: workers, overrides: overrides}
		n.storm.delay(n, b.wait, rebalanced, b.ID)
		return nil
	})
}

// act is the order in which Nimbus looks: the name in its memory, then whether it
// leads (transition), then the state.
func (n *Nimbus) act(method, name string, do func(*Base) error) (string, error) {
	if err := n.receives(method); err != nil {
		return "", err
	}
	id, known := n.names[name]
	if !known {
		if n.storm.Named(name) != nil {
			n.storm.count(DeniedByOneThatKnowsNot)
		}
		return "", &nimbus.NotAliveError{Msg: name + " is not alive"}
	}
	if !n.leading() {
		n.storm.count(NotTheLeader)
		return "", untyped(method)
	}
	if n.locked() {
		n.storm.count(Locked)
		return "", lost(n)
	}
	n.storm.goesMeanwhile(n.storm.bases[id])
	b := n.storm.bases[id]
	if b == nil {
		// "Cannot apply event … because topology no longer exists" is for the log:
		// the call is answered as if it had been done (transition).
		n.storm.count(TakenOfTheGone)
		return "", nil
	}
	if err := do(b); err != nil {
		n.storm.count(NoTransition)
		return "", err
	}
	return id, n.answers(method)
}

// goesMeanwhile: a killed topology may be removed after its name was looked up, and
// before the lock is had under which its status is looked at.
func (s *Storm) goesMeanwhile(b *Base) {
	if b == nil || b.Status != storm.Killed {
		return
	}
	if slices.ContainsFunc(s.timers, func(t timer) bool {
		return t.event == removal && t.id == b.ID && s.meanwhileDue(t.at)
	}) || s.springs(GoesMeanwhile) {
		s.remove(b)
	}
}

// meanwhileDue: what is due at a time happens in the middle of the call.
func (s *Storm) meanwhileDue(at time.Time) bool {
	return s.meanwhile && !at.After(s.Now().Add(s.doubt))
}

// wait is that of the call, else the conf's topology.message.timeout.secs.
func (s *Storm) wait(b *Base, wait *int32) time.Duration {
	if wait != nil {
		return time.Duration(*wait) * time.Second
	}
	own, _ := seconds(s.confs[b.ID].settings)
	return own
}

// seconds is topology.message.timeout.secs; false if it is not a number.
func seconds(settings map[string]any) (time.Duration, bool) {
	switch value := settings["topology.message.timeout.secs"].(type) {
	case nil:
		return messageTimeout * time.Second, true
	case int:
		return time.Duration(value) * time.Second, true
	case int64:
		return time.Duration(value) * time.Second, true
	case float64:
		return time.Duration(value) * time.Second, true
	case json.Number:
		n, err := value.Int64()
		return time.Duration(n) * time.Second, err == nil
	}
	return 0, false
}
