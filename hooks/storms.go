package hooks

import (
	"context"
	"errors"
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
	Identity(context.Context) (string, error)
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
	if view.Identity, _, err = one.Identity(ctx, false); err != nil {
		return storm.ClusterView{Problem: nimbus.Problem(err)}
	}
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

// oneStorm is a client behind the cache: a nimbus.Source.
type oneStorm struct {
	client asked
	used   time.Time // under Storms.mu

	list     shared[[]nimbus.Summary]
	cluster  shared[storm.ClusterView]
	identity shared[identified]

	mu       sync.Mutex
	facts    map[string]keptFacts
	problem  string
	silentAt time.Time
}

type keptFacts struct {
	nimbus.Facts
	at time.Time
}

// identified is a Storm's identity, and the leader's run that told it.
type identified struct {
	leader   storm.Leader
	identity string
}

// Identity is read once for each run of a leader; that it still leads is asked
// every few seconds, or each time if fresh.
func (o *oneStorm) Identity(ctx context.Context, fresh bool) (string, bool, error) {
	got, new, err := o.identity.get(ctx, keepFor, fresh, func(ctx context.Context) (identified, error) {
		leader, err := o.client.Leader(ctx)
		if err != nil {
			return identified{}, err
		}
		if known := o.identity.last(); known.identity != "" && known.leader.Same(leader) {
			return known, nil
		}
		identity, err := o.client.Identity(ctx)
		return identified{leader, identity}, err
	})
	return got.identity, new, o.worded(o.heard(err))
}

// List is read once for all who ask within a few seconds.
func (o *oneStorm) List(ctx context.Context, fresh bool) ([]nimbus.Summary, bool, error) {
	list, new, err := o.list.get(ctx, keepFor, fresh, o.client.List)
	if err == nil && new {
		o.prune(list)
	}
	return list, new, o.worded(o.heard(err))
}

// Info is never kept: it is what changes.
func (o *oneStorm) Info(ctx context.Context, id string) (nimbus.Info, error) {
	info, err := o.client.Info(ctx, id)
	return info, o.heard(err)
}

// Facts of a conf are kept until the topology is rebalanced.
func (o *oneStorm) Facts(ctx context.Context, id string, rebalancing, fresh bool) (nimbus.Facts, bool, error) {
	o.mu.Lock()
	kept, ok := o.facts[id]
	if rebalancing {
		delete(o.facts, id)
	}
	o.mu.Unlock()
	if ok && !rebalancing && !fresh && time.Since(kept.at) < confFor {
		return kept.Facts, false, nil
	}
	conf, err := o.client.Conf(ctx, id)
	if err != nil {
		return nimbus.Facts{}, true, o.heard(err)
	}
	facts := nimbus.FactsOf(conf)
	if !rebalancing {
		o.mu.Lock()
		o.facts[id] = keptFacts{facts, time.Now()}
		o.mu.Unlock()
	}
	return facts, true, nil
}

// prune forgets topologies that are no longer listed.
func (o *oneStorm) prune(list []nimbus.Summary) {
	listed := make(map[string]bool, len(list))
	for _, t := range list {
		listed[t.ID] = true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.facts {
		if !listed[id] {
			delete(o.facts, id)
		}
	}
}

// heard keeps whether the Storm answered.
func (o *oneStorm) heard(err error) error {
	var unreachable *nimbus.UnreachableError
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case errors.As(err, &unreachable):
		if !unreachable.Busy {
			o.problem, o.silentAt = nimbus.Problem(err), time.Now()
		}
	case err == nil:
		o.problem = ""
	}
	return err
}

// silent is the problem of a Storm that did not answer just now.
func (o *oneStorm) silent() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.problem != "" && time.Since(o.silentAt) < silentFor {
		return o.problem
	}
	return ""
}

// worded puts the end of somebody's patience into words that do not change.
func (o *oneStorm) worded(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &nimbus.UnreachableError{At: o.client.At(), Why: "it does not answer in time", Unsent: true}
	}
	return err
}
