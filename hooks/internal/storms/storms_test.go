package storms

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// countedStorm is a Nimbus that counts its calls, and may be slow.
type countedStorm struct {
	wait, listTakes, infoTakes time.Duration
	err, listFails             error
	leaders, selves, clusters  atomic.Int32
	lists, infos, confs, acts  atomic.Int32
	byName                     atomic.Int32
	closed                     atomic.Bool

	mu       sync.Mutex
	start    int64
	status   string
	names    []string
	revision string
	gone     map[string]bool // ids that are not alive
	read     []time.Time     // when the list was read
}

func (c *countedStorm) hold(ctx context.Context) error {
	if c.wait > 0 {
		select {
		case <-time.After(c.wait):
		case <-ctx.Done():
		}
	}
	return c.err
}

func (c *countedStorm) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *countedStorm) At() string { return "nimbus:6627" }

func (c *countedStorm) Leader(ctx context.Context) (storm.Leader, error) {
	c.leaders.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	return storm.Leader{Host: "nimbus", Port: 6627, Start: c.start}, c.hold(ctx)
}

func (c *countedStorm) Self(ctx context.Context) (nimbus.Self, error) {
	c.selves.Add(1)
	return nimbus.Self{Identity: "storm-a", Scheduler: "of-a"}, c.hold(ctx)
}

func (c *countedStorm) ClusterInfo(ctx context.Context) (storm.ClusterView, error) {
	c.clusters.Add(1)
	time.Sleep(c.infoTakes)
	return storm.ClusterView{Supervisors: 2}, c.hold(ctx)
}

func (c *countedStorm) EachTopology(ctx context.Context, each func(nimbus.Summary)) error {
	c.lists.Add(1)
	c.set(func() {
		for _, name := range c.names {
			each(nimbus.Summary{ID: name + "-1-100", Name: name, Status: storm.Active})
		}
		c.read = append(c.read, time.Now())
	})
	if c.listTakes > 0 {
		select {
		case <-time.After(c.listTakes):
		case <-ctx.Done():
			return &nimbus.UnreachableError{At: c.At(), Why: "it does not answer in time", Unsent: true}
		}
	}
	if err := c.hold(ctx); err != nil {
		return err
	}
	return c.listFails
}

func (c *countedStorm) IDOf(ctx context.Context, name string) (string, error) {
	c.byName.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if id := name + "-1-100"; slices.Contains(c.names, name) && !c.gone[id] {
		return id, c.hold(ctx)
	}
	return "", &nimbus.NotAliveError{Msg: name}
}

func (c *countedStorm) Info(ctx context.Context, id string) (nimbus.Info, error) {
	c.infos.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	status := c.status
	if c.gone[id] {
		return nimbus.Info{}, &nimbus.NotAliveError{Msg: id}
	}
	if status == "" {
		status = storm.Active
	}
	return nimbus.Info{ID: id, Name: id[:len(id)-len("-1-100")], Status: status}, c.hold(ctx)
}

func (c *countedStorm) Conf(ctx context.Context, id string) (map[string]any, error) {
	c.confs.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	return map[string]any{"topology.workers": json.Number("2"), "stormhooks.cluster": "k", "stormhooks.owner": "n/x", "stormhooks.revision": c.revision}, c.hold(ctx)
}

func (c *countedStorm) Act(_ context.Context, call storm.Call, _ nimbus.Source) storm.Outcome {
	c.acts.Add(1)
	return storm.Outcome{Call: call}
}

func (c *countedStorm) Close() { c.closed.Store(true) }

// stormsOf leads each seed to its Storm.
func stormsOf(t *testing.T, by map[string]*countedStorm) *Storms {
	t.Helper()
	s := New()
	s.connect = func(at Target) caller { return by[at.Seeds[0]] }
	t.Cleanup(s.Close)
	return s
}

func target(seed string) Target { return Target{Seeds: []string{seed}, Port: 6627} }

// query is a look of one sync; each sync has a request of its own.
func query(seed, name, id string) Query {
	return Query{Target: target(seed), Name: name, ID: id, Request: RequestOf(fmt.Appendf(nil, "%s %d", name, requests.Add(1)))}
}

func freshly(q Query) Query {
	q.Fresh = true
	return q
}

var requests atomic.Int32

func TestManyAskAtOnce(t *testing.T) {
	one := &countedStorm{wait: 20 * time.Millisecond}
	s := stormsOf(t, map[string]*countedStorm{"a": one})
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			view, _ := s.Look(context.Background(), query("a", fmt.Sprintf("topology-%d", i), ""))
			if !view.Gone() || view.Identity != "storm-a" || view.Scheduler != "of-a" {
				t.Errorf("%+v", view)
			}
		})
	}
	all.Wait()
	if lists, selves := one.lists.Load(), one.selves.Load(); lists != 1 || selves != 1 {
		t.Errorf("%d lists and %d confs of Nimbus for 300 topologies that wake at once, want 1 and 1", lists, selves)
	}
}

// A fresh look uses only calls that began after it did.
func TestFreshLooks(t *testing.T) {
	one := &countedStorm{wait: 5 * time.Millisecond, names: []string{"x"}}
	s := stormsOf(t, map[string]*countedStorm{"a": one})
	ctx := context.Background()
	first, _ := s.Look(ctx, query("a", "x", ""))
	kept, _ := s.Look(ctx, query("a", "x", ""))
	fresh, _ := s.Look(ctx, freshly(query("a", "x", "")))
	if !first.Fresh || kept.Fresh || !fresh.Fresh {
		t.Errorf("fresh: first %t, kept %t, with fresh %t", first.Fresh, kept.Fresh, fresh.Fresh)
	}
	if lists, confs := one.lists.Load(), one.confs.Load(); lists != 2 || confs != 3 {
		t.Errorf("%d lists, %d confs, want 2 and 3", lists, confs)
	}
	// A fresh look during the load of a list waits for the next load.
	one.set(func() { one.names = nil })
	one.lists.Store(0)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if view, _ := s.Look(ctx, freshly(query("a", "x", ""))); !view.Gone() || !view.Fresh {
				t.Errorf("%+v", view)
			}
		})
	}
	all.Wait()
	if got := one.lists.Load(); got > 5 {
		t.Errorf("%d lists for 50 fresh looks at once: all that wait share the next", got)
	}
}

func TestSteadyLooks(t *testing.T) {
	one := &countedStorm{}
	s := stormsOf(t, map[string]*countedStorm{"a": one})
	for range 10 {
		view, _ := s.Look(context.Background(), query("a", "x", "x-1-100"))
		if view.Topology == nil || view.Topology.WorkersWanted != 2 {
			t.Fatalf("%+v", view)
		}
	}
	if infos, confs, lists := one.infos.Load(), one.confs.Load(), one.lists.Load(); infos != 10 || confs != 10 || lists != 0 {
		t.Errorf("%d infos, %d confs, %d lists, want 10, 10 and none", infos, confs, lists)
	}
}

func TestAStormsSelfIsReadOnceForEachRunOfALeader(t *testing.T) {
	one := &countedStorm{}
	s := stormsOf(t, map[string]*countedStorm{"a": one})
	for range 3 {
		s.Look(context.Background(), freshly(query("a", "x", "x-1-100")))
	}
	if got := one.selves.Load(); got != 1 {
		t.Errorf("%d, want 1", got)
	}
	one.set(func() { one.start = 500 })
	s.Look(context.Background(), freshly(query("a", "x", "x-1-100")))
	if got := one.selves.Load(); got != 2 {
		t.Errorf("%d, want 2: the seeds may lead to another Storm now", got)
	}
}

func TestASlowStormDelaysNoOther(t *testing.T) {
	slow, quick := &countedStorm{wait: time.Second}, &countedStorm{}
	s := stormsOf(t, map[string]*countedStorm{"slow": slow, "quick": quick})
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if view, _ := s.Look(ctx, query("slow", "x", "")); view.Answered() {
				t.Error("the slow one answered")
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	started := time.Now()
	if view, _ := s.Look(ctx, freshly(query("quick", "x", ""))); !view.Answered() {
		t.Errorf("%+v", view)
	}
	if took := time.Since(started); took > 100*time.Millisecond {
		t.Errorf("the quick one took %v", took)
	}
	all.Wait()
}

func TestASilentStormIsNotAskedByEachInTurn(t *testing.T) {
	one := &countedStorm{err: &nimbus.UnreachableError{At: "nimbus:6627", Why: "connection refused"}}
	s := stormsOf(t, map[string]*countedStorm{"a": one})
	want := "Storm cannot be reached at nimbus:6627: connection refused. Check that Nimbus is running, and check spec.nimbus of the StormCluster."
	for range 5 {
		if got, _ := s.Look(context.Background(), freshly(query("a", "x", ""))); got.Problem != want {
			t.Errorf("%q, want %q", got.Problem, want)
		}
		if got, _ := s.Cluster(context.Background(), target("a"), 0); got.Problem != want {
			t.Errorf("%q, want %q", got.Problem, want)
		}
	}
	if got := one.leaders.Load(); got != 1 {
		t.Errorf("asked %d times within %v, want once", got, silentFor)
	}
}

// A Metacontroller that ends leaves its calls. The Storm is not silent then; one that does
// not answer in time is.
func TestACallerThatLeaves(t *testing.T) {
	for _, left := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			one := &countedStorm{wait: time.Second}
			s := New()
			s.connect = func(Target) caller { return cutShort{one} }
			if _, err := s.Look(t.Context(), query("a", "x", "x-1-100")); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if left {
				ctx, cancel = context.WithCancel(t.Context())
				time.AfterFunc(500*time.Millisecond, cancel)
			}
			if view, err := s.Look(ctx, query("a", "x", "x-1-100")); err != nil || view.Answered() {
				t.Fatalf("%+v %v", view, err)
			}
			if view, err := s.Look(t.Context(), query("a", "y", "y-1-100")); err != nil || view.Answered() != left {
				t.Errorf("the caller left: %t; then another topology: %q %v", left, view.Problem, err)
			}
		})
	}
}

// cutShort words the end of a call's context as *nimbus.Client does.
type cutShort struct{ *countedStorm }

func (c cutShort) Info(ctx context.Context, id string) (nimbus.Info, error) {
	info, err := c.countedStorm.Info(ctx, id)
	if ctx.Err() != nil {
		return nimbus.Info{}, &nimbus.UnreachableError{At: c.At(), Why: "the call was cancelled"}
	}
	return info, err
}

// A kept list gives no more than an id: what has changed since shows all the same.
func TestCallsLeaveTheList(t *testing.T) {
	one := &countedStorm{names: []string{"x"}}
	s := stormsOf(t, map[string]*countedStorm{"a": one})
	s.Look(context.Background(), query("a", "x", ""))
	call := storm.Call{Verb: storm.Kill, Name: "x", ID: "x-1-100"}
	if outcome, _ := s.Act(context.Background(), target("a"), 0, call); !cmp.Equal(outcome.Call, call) || one.acts.Load() != 1 {
		t.Errorf("%+v", outcome)
	}
	one.set(func() { one.status = storm.Killed })
	view, _ := s.Look(context.Background(), query("a", "x", ""))
	if view.Topology.Alive() || view.Fresh {
		t.Errorf("%+v %+v", view, view.Topology)
	}
	if got := one.lists.Load(); got != 1 {
		t.Errorf("%d lists, want 1", got)
	}
}

// Two hook servers ask one Storm, and one of them rebalances a topology: the other says
// so with its next look, as it does after a rebalance by a person.
func TestAnotherServerRebalances(t *testing.T) {
	one := &countedStorm{names: []string{"x"}, revision: "r1"}
	servers := []*Storms{stormsOf(t, map[string]*countedStorm{"a": one}), stormsOf(t, map[string]*countedStorm{"a": one})}
	look := func(server int, want string) {
		t.Helper()
		view, err := servers[server].Look(context.Background(), query("a", "x", "x-1-100"))
		if err != nil || view.Topology == nil || view.Topology.Fingerprint.Revision != want {
			t.Errorf("server %d says %+v (%v), want revision %s", server, view.Topology, err, want)
		}
	}
	look(0, "r1")
	look(1, "r1")
	if _, err := servers[0].Act(context.Background(), target("a"), 0, storm.Call{Verb: storm.Rebalance, Name: "x", ID: "x-1-100"}); err != nil {
		t.Fatal(err)
	}
	one.set(func() { one.revision = "r2" })
	look(0, "r2")
	look(1, "r2")
}

func TestUnusedStormsAreClosed(t *testing.T) {
	old, used := &countedStorm{}, &countedStorm{}
	s := stormsOf(t, map[string]*countedStorm{"old": old, "used": used})
	s.Cluster(context.Background(), target("old"), 0)
	s.storms[target("old").key()].used = time.Now().Add(-2 * idleFor)
	if view, _ := s.Cluster(context.Background(), target("used"), 0); view.Supervisors != 2 || view.Identity != "storm-a" {
		t.Errorf("%+v", view)
	}
	if !old.closed.Load() || used.closed.Load() {
		t.Errorf("closed: the old one %t, the used one %t", old.closed.Load(), used.closed.Load())
	}
}

// A list tells who led only of a Nimbus that has led for a while, as far as is known.
func TestLeaderOfAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &countedStorm{start: 1000}
		c := newClient(fake, nil)
		leaderOf := func() storm.Leader {
			t.Helper()
			l, err := c.loadList(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return l.leader
		}
		if got := leaderOf(); got != (storm.Leader{}) {
			t.Errorf("at first: %+v", got)
		}
		time.Sleep(leaderSettles)
		if got, _ := fake.Leader(t.Context()); leaderOf() != got {
			t.Error("it has led for long enough")
		}
		fake.set(func() { fake.start += 100 })
		if got := leaderOf(); got != (storm.Leader{}) {
			t.Errorf("after its restart: %+v", got)
		}
		time.Sleep(leaderSettles)
		if got, _ := fake.Leader(t.Context()); leaderOf() != got {
			t.Error("the new run has led for long enough")
		}
	})
}
