package hooks

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// keepFor is how long the list, the leader's word and figures are kept.
	keepFor = 5 * time.Second
	// confFor is how long a conf's facts are kept: only a rebalance changes them,
	// and one may pass unseen between two looks.
	confFor = 5 * time.Minute
	// longestKept is the longest list that is kept: memory is shared by all Storms.
	longestKept = 5_000
	// silentFor is how long a silent Storm is not asked again: each try costs
	// those who ask their time.
	silentFor = 3 * time.Second
	// lookFor bounds a look, a call, and the wait for their turn.
	lookFor = 6 * time.Second
	// idleFor is when an unused Storm's connections are closed.
	idleFor = 2 * time.Minute
)

// Target is where a StormCluster says that its Nimbus is.
type Target struct {
	Seeds []string
	Port  int32
}

func (t Target) key() string { return fmt.Sprintf("%s:%d", strings.Join(t.Seeds, ","), t.Port) }

// Storms holds the connections to each Storm and a few seconds' cache, shared by
// all who ask. All of it may be lost at any time. Each Storm has its own limits
// and locks, and a slow one holds up nobody else's topologies (patience.go).
type Storms struct {
	connect func(Target) asked

	lookers, clusters, actors seats

	mu     sync.Mutex
	storms map[string]*oneStorm
}

// NewStorms is empty: a Storm is connected when it is first asked.
func NewStorms(options ...nimbus.Option) *Storms {
	return &Storms{
		storms:  map[string]*oneStorm{},
		lookers: newSeats(), clusters: newSeats(), actors: newSeats(),
		connect: func(at Target) asked { return nimbus.New(at.Seeds, at.Port, options...) },
	}
}

// asked is what is asked of a *nimbus.Client.
type asked interface {
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

// Look asks what the Storm has under a name. With fresh nothing comes from an
// earlier call: calls are made on such views only. The error is a *turnedAway.
func (s *Storms) Look(ctx context.Context, at Target, name, id string, fresh bool) (storm.View, error) {
	one, crowded := s.at(at)
	return asking(ctx, one, crowded, s.lookers, func(problem string) storm.View { return storm.View{Problem: problem} },
		func(ctx context.Context) storm.View { return one.Look(ctx, name, id, fresh) })
}

// Cluster asks what the Storm says of itself.
func (s *Storms) Cluster(ctx context.Context, at Target) (storm.ClusterView, error) {
	one, crowded := s.at(at)
	return asking(ctx, one, crowded, s.clusters, func(problem string) storm.ClusterView { return storm.ClusterView{Problem: problem} }, one.Cluster)
}

// asking asks a Storm, within its limits. One that was silent just now is not
// asked again at once.
func asking[T any](ctx context.Context, one *oneStorm, crowded bool, s seats, silent func(problem string) T, ask func(context.Context) T) (T, error) {
	limited := func(ctx context.Context) T {
		ctx, cancel := context.WithTimeout(ctx, lookFor)
		defer cancel()
		return ask(ctx)
	}
	problem, justNow := one.silent()
	switch {
	case justNow:
		return silent(problem), nil
	case !crowded:
		return limited(ctx), nil
	case problem != "":
		if answer, done := again(one, limited); done {
			return answer, nil
		}
		return silent(problem), nil
	}
	return wait(ctx, &one.looks, s, limited)
}

// Act carries a call out; what was cached of the Storm is forgotten. A call that
// has begun is waited for; the error, a *turnedAway, says that it has not.
func (s *Storms) Act(ctx context.Context, at Target, call storm.Call) (storm.Outcome, error) {
	one, crowded := s.at(at)
	if crowded {
		if !one.acting.soon() {
			return storm.Outcome{}, one.acts.sendAway()
		}
		defer one.acting.free()
		if one.acts.slow() {
			if !s.actors.take() {
				return storm.Outcome{}, one.acts.sendAway()
			}
			defer s.actors.free()
		}
	}
	began := time.Now()
	defer func() { one.acts.was(time.Since(began) > slowAct) }()
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	defer one.forget(call.ID)
	return one.client.Act(ctx, call), nil
}

// Close gives all connections up.
func (s *Storms) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.storms {
		one.client.Close()
		delete(s.storms, key)
	}
}

// at is the Storm of a target, and whether there are others. Those that nobody has asked for a while are
// closed on the way.
func (s *Storms) at(target Target) (one *oneStorm, crowded bool) {
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
		one = &oneStorm{client: s.connect(target), facts: map[string]keptFacts{}, acting: newSeats()}
		s.storms[key] = one
	}
	one.used = now
	return one, len(s.storms) > 1
}
