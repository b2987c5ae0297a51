package nimbus

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// told is a Source with prepared answers that records the calls.
type told struct {
	lists [][]Summary // one for each time the list is read; the last is repeated
	infos map[string]Info
	facts map[string]Facts
	errs  map[string]error // by "self", "list", "name", an id, or "conf " and an id
	named string           // the id that the name has; none is denied
	kept  bool             // the list was read before the look, until it is read again
	asked []string
}

func (s *told) Self(context.Context) (Self, error) {
	return Self{Identity: "storm-a", Scheduler: "of-a"}, s.errs["self"]
}

func (s *told) Named(_ context.Context, name string, again bool) (*Summary, error) {
	s.asked = append(s.asked, map[bool]string{true: "list again", false: "list"}[again])
	s.kept = s.kept && !again
	if len(s.lists) == 0 {
		return nil, s.errs["list"]
	}
	list := s.lists[0]
	if len(s.lists) > 1 {
		s.lists = s.lists[1:]
	}
	return bestOf(list, name), s.errs["list"]
}

func (s *told) IDOf(_ context.Context, name string) (string, error) {
	s.asked = append(s.asked, "name "+name)
	if s.named == "" && s.errs["name"] == nil {
		return "", &NotAliveError{name}
	}
	return s.named, s.errs["name"]
}

func (s *told) Info(_ context.Context, id string) (Info, error) {
	s.asked = append(s.asked, "info "+id)
	if err := s.errs[id]; err != nil {
		return Info{}, err
	}
	if info, ok := s.infos[id]; ok {
		return info, nil
	}
	return Info{}, &NotAliveError{id}
}

func (s *told) Facts(_ context.Context, id string) (Facts, error) {
	s.asked = append(s.asked, "conf "+id)
	return s.facts[id], s.errs["conf "+id]
}

func (s *told) ListLeader() storm.Leader { return storm.Leader{Host: "nimbus", Port: 6627, Start: 1} }

func (s *told) Fresh() bool { return !s.kept }

func TestLook(t *testing.T) {
	away := &UnreachableError{At: "nimbus:6627", Why: "connection refused"}
	mark := storm.Fingerprint{Cluster: "k8s", Owner: "ns/x", Revision: "r1"}
	info := func(id, status string) Info {
		return Info{ID: id, Name: "x", Status: status, Uptime: 70, Executors: []Executor{
			{FirstTask: 1, EndTask: 2, Host: "s1", Port: 6700, Uptime: 4},
			{FirstTask: 3, EndTask: 3, Host: "s1", Port: 6701},
			{FirstTask: 4, EndTask: 4, Host: "s2", Port: 6700},
		}}
	}
	full := func(id, status string) *storm.Topology {
		return &storm.Topology{
			ID: id, Name: "x", Status: status, Fingerprint: mark, ConfKnown: true, WorkersWanted: 3, MessageTimeout: 30,
			Workers: 3, WorkersUp: 1, Executors: 3, Tasks: 4, OldestUptime: 4, Uptime: 70, Detailed: true,
		}
	}
	facts := map[string]Facts{"x-1-100": {mark, 3, 30}, "x-2-200": {mark, 3, 30}}
	line := Summary{ID: "x-1-100", Name: "x", Status: storm.Active, Workers: 2, Executors: 5, Tasks: 6}
	large := &UnreachableError{At: "nimbus:6627", Answered: true, TooLarge: true}
	cases := map[string]struct {
		source *told
		id     string
		want   storm.View
		asked  string
		reason string
	}{
		"a steady topology": {
			source: &told{infos: map[string]Info{"x-1-100": info("x-1-100", storm.Active)}, facts: facts},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Fresh: true, Topology: full("x-1-100", storm.Active)},
			asked: "info x-1-100; conf x-1-100", reason: "the list costs Nimbus more, the more topologies there are",
		},
		"no id, nothing there": {
			source: &told{}, want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true},
			asked: "list", reason: "the list proves absence",
		},
		"no id, nothing in a kept list": {
			source: &told{kept: true}, want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true},
			asked: "list", reason: "not fresh",
		},
		"the id is not alive, another is": {
			source: &told{lists: [][]Summary{{{ID: "x-2-200", Name: "x"}}}, infos: map[string]Info{"x-2-200": info("x-2-200", storm.Active)}, facts: facts},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true, Topology: full("x-2-200", storm.Active)},
			asked: "info x-1-100; list; info x-2-200; conf x-2-200", reason: "NotAlive proves nothing",
		},
		"an id of another name": {
			source: &told{infos: map[string]Info{"y-1-1": {ID: "y-1-1", Name: "y"}}},
			id:     "y-1-1", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true},
			asked: "info y-1-1; list", reason: "a status can hold anything",
		},
		"it is removed between the list and the look": {
			source: &told{kept: true, lists: [][]Summary{{{ID: "x-1-100", Name: "x"}}, nil}},
			want:   storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true},
			asked:  "list; info x-1-100; list again", reason: "the list is read again",
		},
		"Nimbus fails for one that is being removed": {
			source: &told{errs: map[string]error{"x-1-100": &UntypedError{"getTopologyInfoWithOpts", "Internal error"}}},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true},
			asked: "info x-1-100; list", reason: "the list knows",
		},
		"Nimbus fails for one that stays": {
			source: &told{lists: [][]Summary{{line}}, errs: map[string]error{"x-1-100": &UntypedError{"getTopologyInfoWithOpts", "Internal error"}}, facts: facts},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true, Topology: &storm.Topology{
				ID: "x-1-100", Name: "x", Status: storm.Active, Workers: 2, WorkersUp: 2, Executors: 5, Tasks: 6, ConfKnown: true, Fingerprint: mark, WorkersWanted: 3, MessageTimeout: 30,
				Undescribed: true,
			}},
			asked: "info x-1-100; list; info x-1-100; list again; info x-1-100; conf x-1-100", reason: "the list and the conf say what is needed to change it or to kill it",
		},
		"its description is too large": {
			source: &told{lists: [][]Summary{{line}}, errs: map[string]error{"x-1-100": large}, facts: facts},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true, Topology: &storm.Topology{
				ID: "x-1-100", Name: "x", Status: storm.Active, Workers: 2, WorkersUp: 2, Executors: 5, Tasks: 6, ConfKnown: true, Fingerprint: mark, WorkersWanted: 3, MessageTimeout: 30,
				TooLarge: true,
			}},
			asked: "info x-1-100; list; info x-1-100; conf x-1-100", reason: "the list and the conf say what is needed to change it or to kill it",
		},
		"the list has its name with an id that Storm cannot make": {
			source: &told{lists: [][]Summary{{{Name: "x", Status: storm.Active}}}},
			want:   storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true, ImpossibleID: true},
			asked:  "list", reason: "it belongs to no one",
		},
		"listed, but not authorized to be read": {
			source: &told{
				lists: [][]Summary{{{ID: "x-1-100", Name: "x", Status: storm.Active, Workers: 2, Executors: 5, Tasks: 6}}},
				errs:  map[string]error{"x-1-100": &AuthorizationError{"not authorized"}, "conf x-1-100": &AuthorizationError{"not authorized"}},
			},
			want: storm.View{Identity: "storm-a", Scheduler: "of-a", Listed: true, Fresh: true, Topology: &storm.Topology{
				ID: "x-1-100", Name: "x", Status: storm.Active, Workers: 2, Executors: 5, Tasks: 6,
				ConfProblem: "Storm does not return the topology's conf: not authorized; if Stormhooks submitted it, allow that call in Storm's authorizer",
			}},
			asked: "list; info x-1-100; list again; info x-1-100; conf x-1-100", reason: "Stormhooks did not submit it",
		},
		"its conf is not authorized to be read": {
			source: &told{infos: map[string]Info{"x-1-100": {ID: "x-1-100", Name: "x", Status: storm.Active}}, errs: map[string]error{"conf x-1-100": &AuthorizationError{"not authorized"}}},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Scheduler: "of-a", Fresh: true, Topology: &storm.Topology{
				ID: "x-1-100", Name: "x", Status: storm.Active, Detailed: true, ConfProblem: "Storm does not return the topology's conf: not authorized; if Stormhooks submitted it, allow that call in Storm's authorizer"}},
			asked: "info x-1-100; conf x-1-100", reason: "its owner is unknown",
		},
		"Storm does not answer": {
			source: &told{errs: map[string]error{"self": away}}, id: "x-1-100",
			want:  storm.View{Problem: "Storm cannot be reached at nimbus:6627: connection refused. Check that Nimbus is running, and check spec.nimbus of the StormCluster."},
			asked: "", reason: "",
		},
		"it stops answering before the conf": {
			source: &told{infos: map[string]Info{"x-1-100": info("x-1-100", storm.Active)}, errs: map[string]error{"conf x-1-100": away}},
			id:     "x-1-100", want: storm.View{Identity: "storm-a", Problem: "Storm cannot be reached at nimbus:6627: connection refused. Check that Nimbus is running, and check spec.nimbus of the StormCluster."},
			asked: "info x-1-100; conf x-1-100", reason: "half an answer is not an answer",
		},
	}
	for name, c := range cases {
		if c.want.Gone() && !c.want.ImpossibleID {
			c.want.Leader = c.source.ListLeader()
		}
		got := Look(context.Background(), c.source, "x", c.id)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got): %s\n%s", name, c.reason, diff)
		}
		if asked := strings.Join(c.source.asked, "; "); asked != c.asked {
			t.Errorf("%s: asked %q, want %q: %s", name, asked, c.asked, c.reason)
		}
	}
}

// bestOf is the topology that a list has under a name; nil if none.
func bestOf(list []Summary, name string) (best *Summary) {
	for _, s := range list {
		if s.Name == name && (best == nil || s.Outranks(*best)) {
			best = &s
		}
	}
	return best
}

// A look without the list is at one topology, by its id and then by its name.
func TestLookWithoutTheList(t *testing.T) {
	untyped := &UntypedError{"getTopologyInfoWithOpts", "Internal error"}
	alive := map[string]Info{"x-1-100": {ID: "x-1-100", Name: "x", Status: storm.Active}, "y-1-1": {ID: "y-1-1", Name: "y"}}
	list := [][]Summary{{{ID: "x-1-100", Name: "x", Status: storm.Active}}}
	for name, c := range map[string]struct {
		source        *told
		id            string
		finds, listed bool
		asked, reason string
	}{
		"the id is alive":     {&told{infos: alive}, "x-1-100", true, false, "info x-1-100; conf x-1-100", ""},
		"no id, a name":       {&told{infos: alive, named: "x-1-100"}, "", true, false, "name x; info x-1-100; conf x-1-100", ""},
		"another id, a name":  {&told{infos: alive, named: "x-1-100"}, "x-0-90", true, false, "info x-0-90; name x; info x-1-100; conf x-1-100", "it was submitted again"},
		"an id of another":    {&told{infos: alive, named: "x-1-100"}, "y-1-1", true, false, "info y-1-1; name x; info x-1-100; conf x-1-100", "a status can hold anything"},
		"neither":             {&told{lists: list}, "x-0-90", false, false, "info x-0-90; name x", "a Nimbus that does not lead denies what runs, so it proves nothing"},
		"a Storm before 2.3":  {&told{lists: list, infos: alive, errs: map[string]error{"name": &TooOldError{Method: "getTopologyInfoByNameWithOpts"}}}, "", true, true, "name x; list; info x-1-100; conf x-1-100", "it has the list only"},
		"none is described":   {&told{lists: list, errs: map[string]error{"name": untyped, "x-1-100": untyped}}, "x-1-100", true, true, "info x-1-100; name x; list; info x-1-100; list again; info x-1-100; conf x-1-100", "the list has what is needed to kill it"},
		"removed in between":  {&told{lists: [][]Summary{nil}, named: "x-1-100"}, "", false, true, "name x; info x-1-100; list", ""},
		"it stops to answer":  {&told{errs: map[string]error{"name": &UnreachableError{At: "nimbus:6627", Why: "connection refused"}}}, "", false, false, "name x", ""},
		"the name is guarded": {&told{lists: list, infos: alive, errs: map[string]error{"name": &AuthorizationError{"no"}}}, "", true, true, "name x; list; info x-1-100; conf x-1-100", "perhaps the id is not"},
	} {
		got := LookWithoutList(context.Background(), c.source, "x", c.id)
		if finds := got.Topology != nil; finds != c.finds || got.Listed != c.listed {
			t.Errorf("%s: found %t, listed %t, want %t and %t: %s", name, finds, got.Listed, c.finds, c.listed, c.reason)
		}
		if denied := strings.HasSuffix(c.asked, "name x") && got.Answered(); got.Denied != denied {
			t.Errorf("%s: denied %t, want %t: an error does not deny it", name, got.Denied, denied)
		}
		if asked := strings.Join(c.source.asked, "; "); asked != c.asked {
			t.Errorf("%s: asked %q, want %q: %s", name, asked, c.asked, c.reason)
		}
	}
}

func TestTheTopologyOfAName(t *testing.T) {
	of := func(pairs ...string) (list []Summary) {
		for _, p := range pairs {
			id, status, _ := strings.Cut(p, " ")
			list = append(list, Summary{ID: id, Name: "x", Status: status})
		}
		return append(list, Summary{ID: "xx-9-900", Name: "xx", Status: storm.Active})
	}
	cases := map[string]struct {
		list   []Summary
		want   string
		reason string
	}{
		"one":               {of("x-1-100 ACTIVE"), "x-1-100", ""},
		"none":              {of(), "", "another's name may begin the same"},
		"killed, and alive": {of("x-1-100 KILLED", "x-2-90 ACTIVE"), "x-2-90", "what is killed does not count while another runs"},
		"two alive":         {of("x-1-100 ACTIVE", "x-2-200 ACTIVE"), "x-2-200", "the younger, so that all see the same"},
	}
	for name, c := range cases {
		got := bestOf(c.list, "x")
		if got == nil {
			got = &Summary{}
		}
		if got.ID != c.want {
			t.Errorf("%s: %q, want %q: %s", name, got.ID, c.want, c.reason)
		}
	}
}

func TestTheNewestError(t *testing.T) {
	long := strings.Repeat("é", longestVerdict)
	errors := func(write func(*writer)) *storm.ComponentError {
		w, newest := &writer{}, newestError{}
		write(w)
		c := &cursor{frame: w.bytes}
		if c.errors(&newest); c.err != nil {
			t.Error(c.err)
		}
		return newest.kept()
	}
	got := errors(func(w *writer) {
		w.raw([]byte{typeString, typeList, 0, 0, 0, 3})
		for _, e := range []struct {
			of, said string
			second   int32
		}{{"c", "old", 10}, {"b", "new", 30}, {"a", "\n\x1b[31m" + long + "\n\tat a.B(C.java:1)", 30}} {
			w.string(e.of)
			w.raw([]byte{typeStruct, 0, 0, 0, 1})
			w.field(typeString, 1).string(e.said)
			w.field(typeI32, 2).i32(e.second)
			w.stop()
		}
	})
	want := &storm.ComponentError{Component: "a", Message: strings.Repeat("é", longestVerdict/2-2) + "…", Time: 30}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of two at one time the first component, one line, cut short, always the same (-want +got):\n%s", diff)
	}
	if errors(func(w *writer) { w.raw([]byte{typeString, typeList, 0, 0, 0, 0}) }) != nil {
		t.Error("an error where none was reported")
	}
}

// A worker is as old as the executor of it that reported last, and the youngest one
// counts. One that has not reported has no age.
func TestYoungestWorker(t *testing.T) {
	on := func(host string, port, uptime int) Executor { return Executor{Host: host, Port: port, Uptime: uptime} }
	for reason, test := range map[string]struct {
		executors []Executor
		want      int
	}{
		"no worker":                        {nil, 0},
		"one has not reported":             {[]Executor{on("s1", 6700, 64), on("s2", 6700, 0)}, 0},
		"one has restarted":                {[]Executor{on("s1", 6700, 64), on("s2", 6700, 4), on("s2", 6701, 70)}, 4},
		"executors of one worker":          {[]Executor{on("s1", 6700, 0), on("s1", 6700, 64)}, 64},
		"the same port on two supervisors": {[]Executor{on("s1", 6700, 64), on("s2", 6700, 30)}, 30},
		"two workers of the same age":      {[]Executor{on("s1", 6700, 64), on("s1", 6701, 64)}, 64},
		"an age that no worker can have":   {[]Executor{on("s1", 6700, -5)}, 0},
	} {
		if got := topologyOf(Info{Executors: test.executors}).YoungestUptime; got != test.want {
			t.Errorf("%s: %d, want %d", reason, got, test.want)
		}
	}
}
