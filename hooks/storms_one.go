package hooks

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// oneStorm is a client behind the cache: a nimbus.Source.
type oneStorm struct {
	client asked
	used   time.Time // under Storms.mu
	looks  pace
	acts   pace
	acting seats
	trying atomic.Bool // somebody asks whether it answers again

	list    shared[[]nimbus.Summary]
	cluster shared[storm.ClusterView]
	self    shared[told]

	mu       sync.Mutex
	facts    map[string]keptFacts
	problem  string
	silentAt time.Time
}

type keptFacts struct {
	nimbus.Facts
	at time.Time
}

// told is what a leader's run said of its Storm.
type told struct {
	leader storm.Leader
	nimbus.Self
}

// Self is read once for each run of a leader; that it still leads is asked
// every few seconds, or each time if fresh.
func (o *oneStorm) Self(ctx context.Context, fresh bool) (nimbus.Self, bool, error) {
	got, new, err := o.self.get(ctx, keepFor, fresh, func(ctx context.Context) (told, error) {
		leader, err := o.client.Leader(ctx)
		if err != nil {
			return told{}, err
		}
		if known := o.self.last(); known.Identity != "" && known.leader.Same(leader) {
			return known, nil
		}
		self, err := o.client.Self(ctx)
		return told{leader, self}, err
	})
	return got.Self, new, o.worded(o.heard(err))
}

// Cluster is what the Storm says of itself.
func (o *oneStorm) Cluster(ctx context.Context) storm.ClusterView {
	view, _, err := o.cluster.get(ctx, keepFor, false, o.client.ClusterInfo)
	if o.heard(err) != nil {
		return storm.ClusterView{Problem: nimbus.Problem(o.worded(err))}
	}
	self, _, err := o.Self(ctx, false)
	if err != nil {
		return storm.ClusterView{Problem: nimbus.Problem(err)}
	}
	view.Identity = self.Identity
	o.answered()
	return view
}

// Look is what the Storm has under a name.
func (o *oneStorm) Look(ctx context.Context, name, id string, fresh bool) storm.View {
	view := nimbus.Look(ctx, o, name, id, fresh)
	if view.Answered() {
		o.answered()
	}
	return view
}

// List is read once for all who ask within a few seconds.
func (o *oneStorm) List(ctx context.Context, fresh bool) ([]nimbus.Summary, bool, error) {
	list, new, err := o.list.get(ctx, keepFor, fresh, o.client.List)
	if err == nil && new {
		o.prune(list)
		if len(list) > longestKept {
			o.list.drop()
		} else {
			time.AfterFunc(keepFor, o.list.dropOld)
		}
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

// forget drops what a call of ours may have changed. A rebalance may be over before
// the next look, which then sees nothing of it.
func (o *oneStorm) forget(id string) {
	o.list.forget()
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.facts, id)
}

// heard keeps that the Storm did not answer.
func (o *oneStorm) heard(err error) error {
	var unreachable *nimbus.UnreachableError
	if errors.As(err, &unreachable) && !unreachable.Busy && !unreachable.Answered {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.problem, o.silentAt = nimbus.Problem(err), time.Now()
	}
	return err
}

// answered keeps that all of a look was answered: one that says who leads and
// nothing else is as good as silent.
func (o *oneStorm) answered() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.problem = ""
}

// silent is the problem of a Storm that did not answer when it was last asked,
// and whether that was just now.
func (o *oneStorm) silent() (problem string, justNow bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.problem, o.problem != "" && time.Since(o.silentAt) < silentFor
}

// worded puts the end of somebody's patience into words that do not change.
func (o *oneStorm) worded(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &nimbus.UnreachableError{At: o.client.At(), Why: "it does not answer in time", Unsent: true}
	}
	return err
}
