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
	client      client
	used        time.Time // under Storms.mu
	lookLatency latency
	actLatency  latency
	acting      slots
	trying      atomic.Bool // a call finds out whether it answers again

	list    shared[[]nimbus.Summary]
	cluster shared[storm.ClusterView]
	self    shared[selfOf]

	mu       sync.Mutex
	facts    map[string]keptFacts
	problem  string
	silentAt time.Time
}

type keptFacts struct {
	nimbus.Facts
	at time.Time
}

// selfOf is what a leader said of its Storm, and which run of it.
type selfOf struct {
	leader storm.Leader
	nimbus.Self
}

// Self is read once for each run of a leader. Whether it still leads is checked
// every few seconds, and with fresh each time.
func (o *oneStorm) Self(ctx context.Context, fresh bool) (nimbus.Self, bool, error) {
	got, new, err := o.self.get(ctx, keepFor, fresh, func(ctx context.Context) (selfOf, error) {
		leader, err := o.client.Leader(ctx)
		if err != nil {
			return selfOf{}, err
		}
		if known := o.self.last(); known.Identity != "" && known.leader.Same(leader) {
			return known, nil
		}
		self, err := o.client.Self(ctx)
		return selfOf{leader, self}, err
	})
	return got.Self, new, o.describe(o.heard(err))
}

// Cluster is what the Storm says of itself.
func (o *oneStorm) Cluster(ctx context.Context) storm.ClusterView {
	view, _, err := o.cluster.get(ctx, keepFor, false, o.client.ClusterInfo)
	if o.heard(err) != nil {
		return storm.ClusterView{Problem: nimbus.Message(o.describe(err))}
	}
	self, _, err := o.Self(ctx, false)
	if err != nil {
		return storm.ClusterView{Problem: nimbus.Message(err)}
	}
	view.Identity = self.Identity
	o.answered()
	return view
}

// Look is what the Storm has under a name.
func (o *oneStorm) Look(ctx context.Context, name, id string, fresh bool) storm.View {
	view := nimbus.Look(ctx, o, nimbus.Question{Name: name, ID: id, Fresh: fresh})
	if view.Answered() {
		o.answered()
	}
	return view
}

// List is read once for all calls within a few seconds.
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
	return list, new, o.describe(o.heard(err))
}

// Info is never kept, since it changes all the time.
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

// forget drops what our call may have changed. A rebalance may be over before the
// next look, which then does not see it.
func (o *oneStorm) forget(id string) {
	o.list.forget()
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.facts, id)
}

// heard remembers that the Storm did not answer.
func (o *oneStorm) heard(err error) error {
	var unreachable *nimbus.UnreachableError
	if errors.As(err, &unreachable) && !unreachable.Busy && !unreachable.Answered {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.problem, o.silentAt = nimbus.Message(err), time.Now()
	}
	return err
}

// answered remembers that a whole look was answered: a Storm that only says who
// leads counts as silent.
func (o *oneStorm) answered() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.problem = ""
}

// silent returns the problem of a Storm that did not answer its last call, and
// whether that was just now.
func (o *oneStorm) silent() (problem string, justNow bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.problem, o.problem != "" && time.Since(o.silentAt) < silentFor
}

// describe gives a deadline, or a caller that has left, words that do not change.
func (o *oneStorm) describe(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &nimbus.UnreachableError{At: o.client.At(), Why: "it does not answer in time", Unsent: true}
	}
	return err
}
