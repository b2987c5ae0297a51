package storms

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// caller is the part of *nimbus.Client that is used.
type caller interface {
	At() string
	Leader(context.Context) (storm.Leader, error)
	Self(context.Context) (nimbus.Self, error)
	ClusterInfo(context.Context) (storm.ClusterView, error)
	EachTopology(context.Context, func(nimbus.Summary)) error
	IDOf(ctx context.Context, name string) (string, error)
	Info(ctx context.Context, id string) (nimbus.Info, error)
	Conf(ctx context.Context, id string) (map[string]any, error)
	Act(context.Context, storm.Call, nimbus.Source) storm.Outcome
	Close()
}

// client is one Storm behind the cache.
type client struct {
	caller
	used        time.Time // under Storms.mu
	lookLatency latency
	actLatency  latency
	acting      *semaphore.Weighted
	trying      atomic.Bool // a call finds out whether it answers again
	tickets     tickets

	list    kept[list]
	cluster kept[storm.ClusterView]
	self    kept[selfOf]

	mu       sync.Mutex
	problem  string
	silentAt time.Time
	led      storm.Leader // who led when that was asked last
	ledSince time.Time
}

// selfOf is what a leader said of its Storm, and which run of it.
type selfOf struct {
	leader storm.Leader
	nimbus.Self
}

// newClient connects nothing yet. listed is called after each load of the list.
func newClient(to caller, listed func()) *client {
	c := &client{caller: to, acting: newSlots()}
	c.list.load, c.list.limit, c.list.pause, c.list.loaded = c.loadList, listLimit, list.pause, listed
	c.cluster.load, c.cluster.limit, c.cluster.pause = to.ClusterInfo, listLimit, infoPause
	c.self.load, c.self.limit = c.loadSelf, loadLimit
	return c
}

// loadSelf asks who leads. Nimbus's conf is read once for each run of a leader: it changes
// only with a restart.
func (c *client) loadSelf(ctx context.Context) (selfOf, error) {
	leader, err := c.Leader(ctx)
	if err != nil {
		return selfOf{}, err
	}
	c.hasLed(leader)
	if known := c.self.now(); known.Identity != "" && known.leader.Same(leader) {
		return known, nil
	}
	self, err := c.Self(ctx)
	return selfOf{leader, self}, err
}

// hasLed is for how long the leader has led, as far as is known.
func (c *client) hasLed(leader storm.Leader) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.led.Same(leader) {
		c.led, c.ledSince = leader, time.Now()
	}
	return time.Since(c.ledSince)
}

// loadList asks who leads before the list: a pod that relies on it must know of each change
// of leaders since then.
func (c *client) loadList(ctx context.Context) (list, error) {
	leader, err := c.Leader(ctx)
	if err != nil {
		return list{}, err
	}
	l := list{byName: map[string]listed{}}
	if c.hasLed(leader) >= leaderSettles {
		l.leader = leader
	}
	if err := c.EachTopology(ctx, l.add); err != nil {
		return list{}, err
	}
	return l, nil
}

// infoPause of getClusterInfo, whose answer has every topology too.
func infoPause(view storm.ClusterView, took time.Duration) time.Duration {
	return listPause(view.Topologies, took)
}

// Cluster is what the Storm says of itself.
func (c *client) clusterView(ctx context.Context, asked time.Time) (storm.ClusterView, error) {
	from := &source{client: c, asked: asked}
	view, _, err := c.cluster.get(ctx, need{asked: asked})
	if err = from.heard(ctx, err); err == nil {
		var self nimbus.Self
		self, err = from.Self(ctx)
		view.Identity, view.RunsOthers, view.AuthorizesNames = self.Identity, self.RunsOthers, self.AuthorizesNames
	}
	switch {
	case from.busy != nil:
		return storm.ClusterView{}, from.busy
	case err != nil:
		return storm.ClusterView{Problem: nimbus.Message(err), TooOld: nimbus.IsTooOld(err)}, nil
	}
	c.answered()
	return view, nil
}

// look is what the Storm has under a name.
func (c *client) look(ctx context.Context, q Query, asked time.Time) (storm.View, error) {
	from := &source{client: c, asked: asked, fresh: q.Fresh, ticket: ticketOf(q.Request, q.Fresh)}
	ask := nimbus.Look
	if q.NoList {
		ask = nimbus.LookWithoutList
	}
	view := ask(ctx, from, q.Name, q.ID)
	if q.Other != "" && view.Answered() {
		view = view.With(ask(ctx, from, q.Other, q.OtherID))
	}
	if from.busy != nil {
		return storm.View{}, from.busy
	}
	if view.Answered() {
		c.answered()
	}
	return view, nil
}

// act makes a call.
func (c *client) act(ctx context.Context, call storm.Call, of ticket) (storm.Outcome, error) {
	of.again = string(call.Verb) + " " + call.ID
	from := &source{client: c, fresh: true, ticket: of}
	outcome := c.Act(ctx, call, from)
	if from.busy != nil {
		return storm.Outcome{}, from.busy
	}
	return outcome, nil
}

// source is a Storm for one look, or one call: a nimbus.Source.
type source struct {
	*client
	// ticket of the request, and of what requires that the list is read again.
	ticket ticket
	// asked is when the look began; fresh: nothing may be older.
	asked time.Time
	fresh bool
	// selfAt and listAt are when the loads of what was answered began.
	selfAt, listAt time.Time
	listLeader     storm.Leader
	busy           *BusyError
}

// Self implements nimbus.Source. Whether the leader still leads is asked every few
// seconds, and in each fresh look.
func (s *source) Self(ctx context.Context) (nimbus.Self, error) {
	self, began, err := s.self.get(ctx, need{s.asked, s.fresh})
	s.selfAt = began
	return self.Self, s.heard(ctx, err)
}

// Named implements nimbus.Source.
func (s *source) Named(ctx context.Context, name string, again bool) (*nimbus.Summary, error) {
	if !again {
		return s.named(ctx, name, need{s.asked, s.fresh})
	}
	return withTicket(s.client, s.ticket, func(asked time.Time) (*nimbus.Summary, error) {
		return s.named(ctx, name, need{asked, true})
	})
}

func (s *source) named(ctx context.Context, name string, needs need) (*nimbus.Summary, error) {
	list, began, err := s.list.get(ctx, needs)
	s.listAt, s.listLeader = began, list.leader
	return list.named(name), s.heard(ctx, err)
}

// IDOf implements nimbus.Source.
func (s *source) IDOf(ctx context.Context, name string) (string, error) {
	id, err := s.caller.IDOf(ctx, name)
	return id, s.heard(ctx, err)
}

// Info implements nimbus.Source. It is never kept, since it changes all the time.
func (s *source) Info(ctx context.Context, id string) (nimbus.Info, error) {
	info, err := s.caller.Info(ctx, id)
	if err != nil {
		s.ticket.again = id
	}
	return info, s.heard(ctx, err)
}

// Facts implements nimbus.Source. They are never kept: another hook server or a person may
// rebalance the topology, and nothing that Nimbus says of it would show that its conf is
// another.
func (s *source) Facts(ctx context.Context, id string) (nimbus.Facts, error) {
	conf, err := s.Conf(ctx, id)
	return nimbus.FactsOf(conf), s.heard(ctx, err)
}

// ListLeader implements nimbus.Source.
func (s *source) ListLeader() storm.Leader { return s.listLeader }

// Fresh implements nimbus.Source.
func (s *source) Fresh() bool {
	return !s.selfAt.Before(s.asked) && (s.listAt.IsZero() || !s.listAt.Before(s.asked))
}

// heard remembers that the Storm did not answer, or that the call is turned away. A
// caller that leaves says nothing about the Storm. That one, and a deadline, get words
// that do not change.
func (s *source) heard(ctx context.Context, err error) error {
	if errors.As(err, &s.busy) {
		return err
	}
	var unreachable *nimbus.UnreachableError
	left := errors.Is(ctx.Err(), context.Canceled)
	if errors.As(err, &unreachable) && !unreachable.Busy && !unreachable.Answered && !left {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.problem, s.silentAt = nimbus.Message(err), time.Now()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &nimbus.UnreachableError{At: s.At(), Why: "it does not answer in time", Unsent: true}
	}
	return err
}

// answered remembers that a whole look was answered: a Storm that only says who leads
// counts as silent.
func (c *client) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problem = ""
}

// silent returns the problem of a Storm that did not answer its last call, and whether
// that was just now.
func (c *client) silent() (problem string, justNow bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.problem, c.problem != "" && time.Since(c.silentAt) < silentFor
}
