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
// and locks: a slow one holds up nobody else's.
type Storms struct {
	connect func(Target) asked

	mu     sync.Mutex
	storms map[string]*oneStorm
}

// NewStorms is empty: a Storm is connected when it is first asked.
func NewStorms(options ...nimbus.Option) *Storms {
	return &Storms{storms: map[string]*oneStorm{}, connect: func(at Target) asked {
		return nimbus.New(at.Seeds, at.Port, options...)
	}}
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
// earlier call: calls are made on such views only.
func (s *Storms) Look(ctx context.Context, at Target, name, id string, fresh bool) storm.View {
	one := s.at(at)
	if problem := one.silent(); problem != "" {
		return storm.View{Problem: problem}
	}
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	return nimbus.Look(ctx, one, name, id, fresh)
}

// Cluster asks what the Storm says of itself.
func (s *Storms) Cluster(ctx context.Context, at Target) storm.ClusterView {
	one := s.at(at)
	if problem := one.silent(); problem != "" {
		return storm.ClusterView{Problem: problem}
	}
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	view, _, err := one.cluster.get(ctx, keepFor, false, one.client.ClusterInfo)
	if one.heard(err) != nil {
		return storm.ClusterView{Problem: nimbus.Problem(one.worded(err))}
	}
	self, _, err := one.Self(ctx, false)
	if err != nil {
		return storm.ClusterView{Problem: nimbus.Problem(err)}
	}
	view.Identity = self.Identity
	return view
}

// Act carries a call out; what was cached of the Storm is forgotten.
func (s *Storms) Act(ctx context.Context, at Target, call storm.Call) storm.Outcome {
	one := s.at(at)
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	defer one.list.forget()
	return one.client.Act(ctx, call)
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

// at is the Storm of a target. Those that nobody has asked for a while are
// closed on the way.
func (s *Storms) at(target Target) *oneStorm {
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
	one := s.storms[key]
	if one == nil {
		one = &oneStorm{client: s.connect(target), facts: map[string]keptFacts{}}
		s.storms[key] = one
	}
	one.used = now
	return one
}
