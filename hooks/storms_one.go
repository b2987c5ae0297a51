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

// oneStorm is a client behind the cache.
type oneStorm struct {
	client      client
	used        time.Time // under Storms.mu
	lookLatency latency
	actLatency  latency
	acting      slots
	trying      atomic.Bool // a call finds out whether it answers again

	list    shared[map[string]*nimbus.Summary]
	cluster shared[storm.ClusterView]
	self    shared[selfOf]

	mu       sync.Mutex
	problem  string
	silentAt time.Time
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

// Look is what the Storm has under a name. With fresh, nothing comes from an earlier
// call.
func (o *oneStorm) Look(ctx context.Context, name, id string, fresh bool) storm.View {
	view := nimbus.Look(ctx, &source{one: o, fresh: fresh}, name, id)
	if view.Answered() {
		o.answered()
	}
	return view
}

// source is a Storm for one look: a nimbus.Source.
type source struct {
	one *oneStorm
	// fresh: nothing may come from an earlier call.
	fresh bool
	// Whether something did.
	keptSelf, keptList bool
}

// Self implements nimbus.Source.
func (s *source) Self(ctx context.Context) (nimbus.Self, error) {
	self, loaded, err := s.one.Self(ctx, s.fresh)
	s.keptSelf = !loaded
	return self, err
}

// Named implements nimbus.Source.
func (s *source) Named(ctx context.Context, name string, again bool) (*nimbus.Summary, error) {
	list, loaded, err := s.one.List(ctx, s.fresh || again)
	s.keptList = !loaded
	return list[name], err
}

// Info implements nimbus.Source.
func (s *source) Info(ctx context.Context, id string) (nimbus.Info, error) {
	return s.one.Info(ctx, id)
}

// Facts implements nimbus.Source.
func (s *source) Facts(ctx context.Context, id string) (nimbus.Facts, error) {
	return s.one.Facts(ctx, id)
}

// Fresh implements nimbus.Source.
func (s *source) Fresh() bool { return !s.keptSelf && !s.keptList }

// List is the topology of each name, read once for all calls within a few seconds.
func (o *oneStorm) List(ctx context.Context, fresh bool) (map[string]*nimbus.Summary, bool, error) {
	list, loaded, err := o.list.get(ctx, keepFor, fresh, func(ctx context.Context) (map[string]*nimbus.Summary, error) {
		list, err := o.client.List(ctx)
		return nimbus.ByName(list), err
	})
	if err == nil && loaded {
		if len(list) > longestKept {
			o.list.drop()
		} else {
			time.AfterFunc(keepFor, o.list.dropOld)
		}
	}
	return list, loaded, o.describe(o.heard(err))
}

// Info is never kept, since it changes all the time.
func (o *oneStorm) Info(ctx context.Context, id string) (nimbus.Info, error) {
	info, err := o.client.Info(ctx, id)
	return info, o.heard(err)
}

// Facts are never kept: another hook server or a person may rebalance the topology, and
// nothing that Nimbus says of it would show that its conf is another.
func (o *oneStorm) Facts(ctx context.Context, id string) (nimbus.Facts, error) {
	conf, err := o.client.Conf(ctx, id)
	return nimbus.FactsOf(conf), o.heard(err)
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
