package storms

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// crowd is a Storm with many topologies, whose list takes a while.
func crowd(topologies int, listTakes time.Duration) *countedStorm {
	one := &countedStorm{listTakes: listTakes, gone: map[string]bool{}}
	for i := range topologies {
		one.names = append(one.names, fmt.Sprintf("topology-%d", i))
	}
	return one
}

// remove removes the first topologies.
func (c *countedStorm) remove(many int) (names []string) {
	c.set(func() {
		names, c.names = c.names[:many], c.names[many:]
		for _, name := range names {
			c.gone[name+"-1-100"] = true
		}
	})
	return names
}

// queue is Metacontroller's: five workers, and what is turned away comes back unchanged
// after the whole seconds of Retry-After.
type queue struct {
	due  []due
	took []time.Duration // from when a sync was due until it was answered
}

type due struct {
	at, since time.Time
	sync      func() error
}

func (q *queue) add(sync func() error) {
	q.due = append(q.due, due{time.Now(), time.Now(), sync})
}

// run works until all are answered.
func (q *queue) run(t *testing.T) {
	type result struct {
		due
		err error
	}
	results, free := make(chan result), 5
	for left := len(q.due); left > 0; {
		next := -1
		for i, d := range q.due {
			if !d.at.After(time.Now()) && (next < 0 || d.at.Before(q.due[next].at)) {
				next = i
			}
		}
		if next >= 0 && free > 0 {
			d := q.due[next]
			q.due = append(q.due[:next], q.due[next+1:]...)
			free--
			go func() { results <- result{d, d.sync()} }()
			continue
		}
		select {
		case r := <-results:
			free++
			var busy *BusyError
			switch {
			case errors.As(r.err, &busy):
				r.at = time.Now().Add(time.Duration(math.Ceil(busy.RetryAfter.Seconds())) * time.Second)
				q.due = append(q.due, r.due)
			case r.err != nil:
				t.Fatal(r.err)
			default:
				q.took = append(q.took, time.Since(r.since))
				left--
			}
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// everyFiveSeconds: no two lists began within longestPause.
func everyFiveSeconds(t *testing.T, one *countedStorm) {
	t.Helper()
	for i := 1; i < len(one.read); i++ {
		if between := one.read[i].Sub(one.read[i-1]); between < longestPause {
			t.Errorf("a list %s after the one before", between)
		}
	}
}

// 200 topologies of a Storm that has 5,000 are deleted at once. Each is read by its id
// until that is not alive; then each needs a list that is read after its sync began.
func TestManyDeletionsShareTheList(t *testing.T) {
	for _, with := range []string{"no other Storm", "another Storm"} {
		synctest.Test(t, func(t *testing.T) {
			one := crowd(5000, 4*time.Second)
			s := stormsOf(t, map[string]*countedStorm{"a": one, "b": {}})
			if with == "another Storm" {
				s.Look(t.Context(), query("b", "x", ""))
			}
			looks := func(names []string, gone bool) time.Duration {
				var q queue
				for _, name := range names {
					look := freshly(query("a", name, name+"-1-100"))
					q.add(func() error {
						view, err := s.Look(t.Context(), look)
						if err == nil && (view.Gone() != gone || !view.Fresh) {
							t.Errorf("%s: %+v, want gone: %t", name, view, gone)
						}
						return err
					})
				}
				began := time.Now()
				q.run(t)
				return time.Since(began)
			}
			looks(one.names[:200], false)
			if got := one.lists.Load(); got != 0 {
				t.Errorf("%d lists while all are alive, want none", got)
			}
			took := looks(one.remove(200), true)
			t.Logf("with %s: %d lists for 200 topologies that are gone, in %s", with, one.lists.Load(), took)
			if got := one.lists.Load(); got > 2 || took > time.Minute {
				t.Errorf("with %s: %d lists in %s, want at most 2 within a minute", with, got, took)
			}
			everyFiveSeconds(t, one)
		})
	}
}

// Deletions that wait read no list, whether their topologies run, are gone, or never were:
// each is looked at by its id, and by its name.
func TestDeletionsThatWaitReadNoList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(5000, 4*time.Second)
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		gone, alive := one.remove(100), one.names[:100]
		for i, names := range [][]string{gone, alive} {
			for _, name := range names {
				for _, id := range []string{"", name + "-1-100"} {
					look := query("a", name, id)
					look.NoList = true
					view, err := s.Look(t.Context(), look)
					if err != nil || !view.Answered() || view.Listed || (view.Topology != nil) != (i == 1) {
						t.Fatalf("%s by the id %q: %+v %v", name, id, view, err)
					}
				}
			}
		}
		if got := one.lists.Load(); got != 0 || one.byName.Load() != 300 {
			t.Errorf("%d lists and %d looks by name, want none and 300", got, one.byName.Load())
		}
	})
}

// 50 topologies of a Storm that has 5,000 are updated at once. For half a minute each is
// looked at several times, by the id that it had; then that id is not alive, and another
// one is in the list.
func TestManyUpdatesShareTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(5000, 2*time.Second)
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		var q queue
		for i := range 50 {
			name := fmt.Sprintf("topology-%d", i)
			q.add(func() error {
				for range 5 {
					if view, err := s.Look(t.Context(), freshly(query("a", name, name+"-1-100"))); err != nil || view.Listed || !view.Fresh {
						t.Errorf("%s: %+v, %v", name, view, err)
					}
					time.Sleep(100 * time.Millisecond)
				}
				return nil
			})
		}
		q.run(t)
		if got := one.lists.Load(); got != 0 {
			t.Errorf("%d lists, want none", got)
		}
		one.set(func() {
			for i := range 50 {
				one.gone[fmt.Sprintf("topology-%d-0-100", i)] = true
			}
		})
		for i := range 50 { // the id of the previous revision
			name := fmt.Sprintf("topology-%d", i)
			look := query("a", name, name+"-0-100")
			q.add(func() error {
				view, err := s.Look(t.Context(), look)
				if err == nil && (view.Topology == nil || view.Topology.ID != name+"-1-100") {
					t.Errorf("%s: %+v", name, view)
				}
				return err
			})
		}
		q.run(t)
		t.Logf("%d lists for 50 topologies with new ids", one.lists.Load())
		if got := one.lists.Load(); got > 2 {
			t.Errorf("%d lists, want at most 2", got)
		}
		everyFiveSeconds(t, one)
	})
}

// Calls that need a long list leave Metacontroller's workers to others: a topology that is
// known by its id is looked at in time, while 100 others wait for the list.
func TestALongListHoldsUpNoOtherTopology(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(5000, 7500*time.Millisecond)
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		var first, q queue
		look := freshly(query("a", "topology-1", ""))
		first.add(func() error { _, err := s.Look(t.Context(), look); return err })
		first.run(t) // so that it is known how long the list takes
		for _, name := range one.remove(100) {
			look := freshly(query("a", name, name+"-1-100"))
			q.add(func() error { _, err := s.Look(t.Context(), look); return err })
		}
		var longest time.Duration
		for i := range 60 {
			look, at := query("a", one.names[i], one.names[i]+"-1-100"), time.Now().Add(time.Duration(i)*500*time.Millisecond)
			q.due = append(q.due, due{at, at, func() error {
				longest = max(longest, time.Since(at))
				_, err := s.Look(t.Context(), look)
				return err
			}})
		}
		began := time.Now()
		q.run(t)
		t.Logf("%d lists in %s; the longest that another waited: %s", one.lists.Load(), time.Since(began), longest)
		if longest > time.Second || time.Since(began) > time.Minute {
			t.Errorf("a look by id waited for %s, and all of them took %s", longest, time.Since(began))
		}
	})
}

// A list that takes longer than a call may is read all the same: calls that wait for it
// are turned away, and find it when they come back.
func TestAListThatTakesLongerThanACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(20_000, 20*time.Second)
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		var q queue
		for i := range 30 {
			for _, look := range []Query{query("a", fmt.Sprintf("topology-%d", i), ""), freshly(query("a", fmt.Sprintf("other-%d", i), ""))} {
				q.add(func() error {
					view, err := s.Look(t.Context(), look)
					if err == nil && (!view.Answered() || !view.Listed || look.Fresh && !view.Fresh) {
						t.Errorf("%s: %+v", look.Name, view)
					}
					return err
				})
			}
		}
		q.run(t)
		// Each of 60 calls waits as long as a call may, five at a time: that takes 72 s.
		if got := one.lists.Load(); got > 4 {
			t.Errorf("%d lists, want at most 4", got)
		}
	})
}

// getClusterInfo too, whose answer has every topology.
func TestClusterInfoThatTakesLongerThanACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := &countedStorm{infoTakes: 20 * time.Second}
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		var q queue
		for i := range 10 {
			request := Request(i)
			q.add(func() error {
				view, err := s.Cluster(t.Context(), target("a"), request)
				if err == nil && view.Supervisors != 2 {
					t.Errorf("%+v", view)
				}
				return err
			})
		}
		q.run(t)
		if got := one.clusters.Load(); got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

// A list that never comes is a Storm that does not answer.
func TestAListThatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := &countedStorm{listTakes: time.Hour}
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		var q queue
		look := query("a", "x", "")
		q.add(func() error {
			view, err := s.Look(t.Context(), look)
			if err == nil && view.Answered() {
				t.Errorf("%+v", view)
			}
			return err
		})
		q.run(t)
		if q.took[0] > listLimit+lookLimit {
			t.Errorf("said so after %s", q.took[0])
		}
	})
}

// A list that fails is not read again for each topology: it would cost the hook server and
// Nimbus as much each time.
func TestAListThatFailsIsKept(t *testing.T) {
	for name, failed := range map[string]error{
		"too large":   &nimbus.UnreachableError{At: "a:6627", Answered: true, TooLarge: true, Method: "getTopologySummaries"},
		"too slow":    &nimbus.UnreachableError{At: "a:6627", Answered: true, Why: "it does not answer in time"},
		"no room":     &nimbus.UnreachableError{At: "a:6627", Busy: true, Why: "too many large answers arrive at once"},
		"not Thrift":  &nimbus.UnreachableError{At: "a:6627", Lasting: true, Why: "it does not speak Nimbus's Thrift protocol"},
		"no reason":   &nimbus.UntypedError{Method: "getTopologySummaries", Msg: "Internal error"},
		"not allowed": &nimbus.AuthorizationError{Msg: "no"},
	} {
		synctest.Test(t, func(t *testing.T) {
			one := &countedStorm{listFails: failed}
			s := stormsOf(t, map[string]*countedStorm{"a": one})
			look := func(topology int) {
				q := query("a", fmt.Sprintf("topology-%d", topology), "")
				if topology%2 == 0 {
					q = freshly(q)
				}
				if view, err := s.Look(t.Context(), q); err != nil || view.Answered() || view.Problem == "" {
					t.Errorf("%s: %+v, %v", name, view, err)
				}
			}
			for topology := range 100 {
				look(topology)
				time.Sleep(longestPause / 101)
			}
			if got := one.lists.Load(); got != 1 {
				t.Errorf("%s: the list was read %d times for 100 topologies, want once", name, got)
			}
			one.set(func() { one.listFails, one.names = nil, []string{"topology-0"} })
			time.Sleep(longestPause)
			if view, err := s.Look(t.Context(), query("a", "topology-0", "")); err != nil || view.Topology == nil {
				t.Errorf("%s, and then it is read: %+v, %v", name, view, err)
			}
		})
	}
}

// A request that comes back changed is another one: it must not rest on what was read
// before it.
func TestATicketIsForTheSameRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(2000, 10*time.Millisecond)
		s := stormsOf(t, map[string]*countedStorm{"a": one})
		first := freshly(query("a", "x", ""))
		if view, err := s.Look(t.Context(), first); err != nil || !view.Fresh {
			t.Fatalf("%+v %v", view, err)
		}
		time.Sleep(time.Second)
		for range 3 { // within the pause of the list
			if _, err := s.Look(t.Context(), first); err == nil {
				t.Fatal("a fresh look from a list that is older than it")
			}
		}
		time.Sleep(longestPause)
		if _, err := s.Look(t.Context(), query("a", "y", "")); err != nil { // loads it
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if view, err := s.Look(t.Context(), first); err != nil || !view.Fresh {
			t.Errorf("the request that comes back: %+v %v", view, err)
		}
		if _, err := s.Look(t.Context(), first); err == nil {
			t.Error("a ticket is good for one answer")
		}
		if _, err := s.Look(t.Context(), freshly(query("a", "x", ""))); err == nil {
			t.Error("a request that has changed is fresh from a list that is older than it")
		}
	})
}

// undescribed is a Storm that lists topologies and describes none.
type undescribed struct{ *countedStorm }

func (u undescribed) Info(context.Context, string) (nimbus.Info, error) {
	u.infos.Add(1)
	return nimbus.Info{}, &nimbus.UntypedError{Method: "getTopologyInfoWithOpts", Msg: "Internal error"}
}

// Act checks the name as *nimbus.Client does.
func (u undescribed) Act(ctx context.Context, call storm.Call, from nimbus.Source) storm.Outcome {
	summary, err := from.Named(ctx, call.Name, true)
	if err != nil || summary == nil || summary.ID != call.ID {
		return storm.Outcome{Call: call, Problem: "it has another id"}
	}
	return u.countedStorm.Act(ctx, call, from)
}

func (u undescribed) storms(t *testing.T) *Storms {
	s := New()
	s.connect = func(Target) caller { return u }
	t.Cleanup(s.Close)
	return s
}

// Looks at topologies that Nimbus lists and does not describe read the list again, once
// for all of them.
func TestManyWithoutADescriptionShareTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(5000, time.Second)
		s := undescribed{one}.storms(t)
		var q queue
		calls := 0
		for _, name := range one.names[:200] {
			look := query("a", name, "")
			q.add(func() error {
				calls++
				view, err := s.Look(t.Context(), look)
				if err == nil && (view.Topology == nil || !view.Topology.Undescribed) {
					t.Errorf("%s: %+v", name, view)
				}
				return err
			})
		}
		began := time.Now()
		q.run(t)
		took := time.Since(began)
		t.Logf("%d lists and %d calls for 200 topologies without a description, in %s", one.lists.Load(), calls, took)
		if one.lists.Load() > 3 || calls > 600 || took > time.Minute {
			t.Error("want at most 3 lists and 600 calls within a minute")
		}
		everyFiveSeconds(t, one)
	})
}

// What was decided for a topology that Nimbus does not describe rests on a list that was
// read after the decision. It is done although that list takes longer than a call may.
func TestACallThatNeedsALongList(t *testing.T) {
	for _, takes := range []time.Duration{0, 5900 * time.Millisecond, 7 * time.Second, 25 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			one := crowd(5000, takes)
			s := undescribed{one}.storms(t)
			var q queue
			for _, name := range one.names[:20] {
				look := freshly(query("a", name, name+"-1-100"))
				call := storm.Call{Verb: storm.Kill, Name: name, ID: name + "-1-100"}
				var decided time.Time
				q.add(func() error {
					view, err := s.Look(t.Context(), look)
					if err != nil {
						return err
					}
					if !view.Fresh || view.Topology == nil {
						t.Errorf("%s: %+v", name, view)
					}
					if decided.IsZero() {
						decided = time.Now()
					}
					outcome, err := s.Act(t.Context(), look.Target, look.Request, call)
					if newest := one.read[len(one.read)-1]; err == nil && (outcome.Problem != "" || newest.Before(decided)) {
						t.Errorf("%s: %s; decided at %s, the list is of %s", name, outcome.Problem, decided, newest)
					}
					return err
				})
			}
			began := time.Now()
			q.run(t)
			t.Logf("20 calls and %d lists of %s, in %s", one.lists.Load(), takes, time.Since(began))
			if took := time.Since(began); one.acts.Load() != 20 || took > 5*time.Minute {
				t.Errorf("%d calls in %s, want 20", one.acts.Load(), took)
			}
		})
	}
}

// A call never rests on a list that was read for the decision of another request or call.
func TestEachDecisionNeedsAListOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := crowd(2000, 10*time.Millisecond)
		s := undescribed{one}.storms(t)
		act := func(request, id string) error {
			_, err := s.Act(t.Context(), target("a"), RequestOf([]byte(request)), storm.Call{Verb: storm.Kill, Name: "topology-1", ID: id})
			return err
		}
		if err := act("other", "topology-1-1-100"); err != nil { // loads the list
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if act("one", "topology-1-1-100") == nil {
			t.Fatal("a call rests on a list that is older than its decision")
		}
		time.Sleep(longestPause)
		if err := act("other", "topology-1-1-100"); err != nil { // loads the next
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if act("one", "topology-1-2-200") == nil || act("two", "topology-1-1-100") == nil {
			t.Error("another call, or another request, rests on a list that is older than its decision")
		}
		if err := act("one", "topology-1-1-100"); err != nil {
			t.Errorf("the request that comes back: %v", err)
		}
		if act("one", "topology-1-1-100") == nil {
			t.Error("a ticket is good for one call")
		}
	})
}

// The lists of all Storms share keptBytes, and the largest goes first. The looks that
// waited for it have their answer.
func TestLargeListsMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small, large := crowd(100, 0), crowd(10, 0)
		for i := range 40 {
			large.names = append(large.names, strings.Repeat("x", 1<<20)+strconv.Itoa(i))
		}
		s := stormsOf(t, map[string]*countedStorm{"small": small, "large": large})
		for _, seed := range []string{"small", "large"} {
			if view, err := s.Look(t.Context(), query(seed, "topology-5", "")); err != nil || view.Topology == nil {
				t.Fatalf("%+v %v", view, err)
			}
		}
		synctest.Wait()
		kept := func(seed string) int { one, _ := s.storm(target(seed)); return len(one.list.now().byName) }
		if kept("small") != 100 || kept("large") != 0 {
			t.Errorf("kept %d and %d names, want 100 and none", kept("small"), kept("large"))
		}
	})
}

// What is kept of a list is enough for every part of a look.
func TestWhatIsKeptOfAList(t *testing.T) {
	all := []nimbus.Summary{
		{ID: "a-1-100", Name: "a", Status: storm.Active, Workers: 1, Executors: 2, Tasks: 3},
		{ID: "strange", Name: "b", Status: storm.Killed},
	}
	l := list{byName: map[string]listed{}}
	for _, s := range append(all, nimbus.Summary{ID: "a-0-50", Name: "a", Status: storm.Killed}) {
		l.add(s)
	}
	for _, want := range all {
		if got := l.named(want.Name); got == nil || *got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if l.named("c") != nil || list.named(list{}, "a") != nil {
		t.Error("a topology that is not in the list")
	}
}
