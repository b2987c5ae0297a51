package hooks

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	// keepFor is how long the list, the leader and the figures are kept.
	keepFor = 5 * time.Second
	// longestKept is the longest list that is kept: memory is shared by all Storms.
	longestKept = 5_000
	// silentFor is how long a Storm that did not answer is not called again: each
	// attempt takes the time of a call that waits.
	silentFor = 3 * time.Second
	// lookFor limits a look, a call, and the wait before either.
	lookFor = 6 * time.Second
	// idleFor is when an unused Storm's connections are closed.
	idleFor = 2 * time.Minute
)

// Target is where the Nimbus of a StormCluster is.
type Target struct {
	Seeds []string
	Port  int32
}

func (t Target) key() string { return fmt.Sprintf("%s:%d", strings.Join(t.Seeds, ","), t.Port) }

// Storms holds the connections to each Storm and a few seconds' cache, shared by
// all calls. All of it may be lost at any time. Each Storm has its own limits and
// locks, and a slow one does not delay the topologies of another (admission.go).
type Storms struct {
	connect func(Target) client

	lookSlots, clusterSlots, actSlots slots

	mu     sync.Mutex
	storms map[string]*oneStorm
}

// NewStorms has no connections: a Storm is connected when it is first called.
func NewStorms(options ...nimbus.Option) *Storms {
	return &Storms{
		storms:    map[string]*oneStorm{},
		lookSlots: newSlots(), clusterSlots: newSlots(), actSlots: newSlots(),
		connect: func(at Target) client { return nimbus.New(at.Seeds, at.Port, options...) },
	}
}

// client is the part of *nimbus.Client that is used.
type client interface {
	At() string
	Leader(context.Context) (storm.Leader, error)
	Self(context.Context) (nimbus.Self, error)
	ClusterInfo(context.Context) (storm.ClusterView, error)
	List(context.Context) ([]nimbus.Summary, error)
	Info(ctx context.Context, id string) (nimbus.Info, error)
	Conf(ctx context.Context, id string) (map[string]any, error)
	Act(context.Context, storm.Call) storm.Outcome
	Close()
}

// Look asks what the Storm has under a name. With fresh, nothing comes from an
// earlier call: what changes something in Storm is decided on such views only. The
// error is a *slowError.
func (s *Storms) Look(ctx context.Context, q topology.Question, fresh bool) (storm.View, error) {
	one, others := s.storm(Target{Seeds: q.Seeds, Port: q.Port})
	return inquiry[storm.View]{
		storm: one, others: others, slots: s.lookSlots,
		ask:    func(ctx context.Context) storm.View { return one.Look(ctx, q.Name, q.ID, fresh) },
		silent: func(problem string) storm.View { return storm.View{Problem: problem} },
	}.run(ctx)
}

// Cluster asks what the Storm says of itself. The error is a *slowError.
func (s *Storms) Cluster(ctx context.Context, at Target) (storm.ClusterView, error) {
	one, others := s.storm(at)
	return inquiry[storm.ClusterView]{
		storm: one, others: others, slots: s.clusterSlots,
		ask:    one.Cluster,
		silent: func(problem string) storm.ClusterView { return storm.ClusterView{Problem: problem} },
	}.run(ctx)
}

// inquiry is a question to a Storm, beside which there may be others.
type inquiry[T any] struct {
	storm  *oneStorm
	others bool
	slots  slots
	ask    func(context.Context) T
	silent func(problem string) T // the answer that stands for none
}

// run asks within the limits of the Storm. One that did not answer just now is not
// asked again at once.
func (i inquiry[T]) run(ctx context.Context) (T, error) {
	limited := func(ctx context.Context) T {
		ctx, cancel := context.WithTimeout(ctx, lookFor)
		defer cancel()
		return i.ask(ctx)
	}
	problem, justNow := i.storm.silent()
	switch {
	case justNow:
		return i.silent(problem), nil
	case !i.others:
		return limited(ctx), nil
	case problem != "":
		if answer, done := retry(i.storm, limited); done {
			return answer, nil
		}
		return i.silent(problem), nil
	}
	return admit(ctx, &i.storm.lookLatency, i.slots, limited)
}

// Act makes a call that changes something in Storm, and forgets what was cached of
// that Storm. Act waits for a call that has begun; the error, a *slowError, means
// that it has not.
func (s *Storms) Act(ctx context.Context, at Target, call storm.Call) (storm.Outcome, error) {
	one, others := s.storm(at)
	if others {
		if !one.acting.acquireSoon() {
			return storm.Outcome{}, one.actLatency.reject()
		}
		defer one.acting.release()
		if one.actLatency.slow() {
			if !s.actSlots.acquire() {
				return storm.Outcome{}, one.actLatency.reject()
			}
			defer s.actSlots.release()
		}
	}
	began := time.Now()
	defer func() { one.actLatency.record(time.Since(began) > slowAct) }()
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	defer one.list.forget()
	return one.client.Act(ctx, call), nil
}

// Close closes all connections.
func (s *Storms) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.storms {
		one.client.Close()
		delete(s.storms, key)
	}
}

// storm returns the Storm of a target, and whether there are other Storms. It
// closes the connections of those that have been idle for a while.
func (s *Storms) storm(target Target) (one *oneStorm, others bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	key := target.key()
	for other, one := range s.storms {
		if other != key && now.Sub(one.used) > idleFor {
			one.client.Close()
			delete(s.storms, other)
		}
	}
	one = s.storms[key]
	if one == nil {
		one = &oneStorm{client: s.connect(target), acting: newSlots()}
		s.storms[key] = one
	}
	one.used = now
	return one, len(s.storms) > 1
}
