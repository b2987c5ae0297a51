package nimbus

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// clusterInfoOf is Nimbus's answer to getClusterInfo with one topology, or none.
func clusterInfoOf(there *Summary) answerer {
	return func(_ *cursor, method string, seq int32) []byte {
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, 0)
			w.field(typeList, 1)
			emptyList(w)
			if w.field(typeList, 3); there == nil {
				emptyList(w)
			} else {
				there.line(w)
			}
			w.field(typeList, 4)
			emptyList(w)
			w.stop()
		})
	}
}

// A Storm before 2.3 has no getTopologySummaries. Its list is in getClusterInfo.
func TestAStormWithoutAList(t *testing.T) {
	there := &Summary{ID: "a-1-1767268830", Name: "a", Status: storm.Active}
	fake := startFake(t)
	fake.version = "2.2.1"
	fake.does("getTopologySummaries", unknown)
	fake.does("getClusterInfo", clusterInfoOf(there))
	c := client(t, fake)
	for range 3 {
		list, err := c.List(context.Background())
		if err != nil || !slices.Equal(list, []Summary{*there}) {
			t.Fatalf("%+v %v", list, err)
		}
	}
	if asked := fake.called("getTopologySummaries"); asked != 1 {
		t.Errorf("the unknown call was made %d times, want once", asked)
	}

	// The same Nimbus, upgraded.
	fake.mu.Lock()
	fake.up = 5
	fake.mu.Unlock()
	fake.does("getTopologySummaries", noTopologies)
	if _, err := c.Leader(context.Background()); err != nil {
		t.Fatal(err)
	}
	if list, err := c.List(context.Background()); err != nil || len(list) != 0 {
		t.Errorf("after the upgrade: %+v %v", list, err)
	}
}

func TestAStormThatIsTooOld(t *testing.T) {
	const advice = " Stormhooks needs Storm 2.0.0 or newer. Upgrade Storm, or set spec.nimbus of the StormCluster to another Nimbus."
	cases := map[string]struct {
		version string
		lacks   []string
		want    string // behind the address
	}{
		"a lower version":   {"1.2.4", nil, " (Storm 1.2.4) is too old."},
		"an unknown call":   {"2.0.0", []string{"getTopologyInfoWithOpts"}, " (Storm 2.0.0) does not know the call getTopologyInfoWithOpts."},
		"an unknown leader": {"0.9.1", []string{"getLeader"}, " does not know the call getLeader."},
		"no list at all":    {"2.2.1", []string{"getTopologySummaries", "getClusterInfo"}, " (Storm 2.2.1) does not know the call getClusterInfo."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := startStorm(t)
			s.version = c.version
			for _, method := range c.lacks {
				s.does(method, unknown)
			}
			s.run("wordcount", `{}`)
			id := s.there.ID
			if name == "no list at all" {
				id = ""
			}
			want := "Nimbus at " + join(s.host, s.port) + c.want + advice
			nimbus := client(t, s.fakeNimbus)
			view := nimbus.Look(context.Background(), "wordcount", id)
			if view.Problem != want || !view.TooOld || !view.Lasting {
				t.Errorf("the look says %+v,\nwant %s", view, want)
			}
			for _, fault := range testkit.Form(view.Problem, true) {
				t.Error(fault)
			}
			_ = nimbus.Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "wordcount", ID: id}, direct{nimbus})
			if called := s.called("killTopologyWithOpts"); called != 0 {
				t.Error("a topology was killed in a Storm that is too old")
			}
		})
	}
}

// A handover to a Nimbus that will not answer otherwise ends without a wait.
func TestNoWaitForWhatStaysSo(t *testing.T) {
	older := submission().Fingerprint
	older.Revision, older.Generation = "r0", 1
	garbage := func(*cursor, string, int32) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }
	cases := map[string]struct {
		method string
		does   answerer
		reason string
	}{
		"the list is unknown":       {"getTopologySummaries", unknown, v1beta1.StormTooOld},
		"the submission is unknown": {"submitTopologyWithOpts", unknown, v1beta1.StormTooOld},
		"the upload is unknown":     {"beginFileUpload", unknown, v1beta1.StormTooOld},
		"no Nimbus answers":         {"getTopologySummaries", garbage, v1beta1.ClusterUnreachable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := startStorm(t)
			s.runs(older)
			h, clock := handingOver(t, s, submission(), 1)
			s.does("getClusterInfo", unknown)
			s.does(c.method, c.does)
			if c.method == "getTopologySummaries" {
				s.does("getTopologyInfoWithOpts", throws(1, "not alive"))
			}
			_, failed := h.run(context.Background())
			if failed == nil || failed.Reason != c.reason || *clock > 1005 {
				t.Errorf("after %d s: %+v, want %s", *clock-1000, failed, c.reason)
			}
			for _, fault := range append(testkit.Form(failed.Message, true), formFaults(failed)...) {
				t.Errorf("%s: %s", fault, failed.Message)
			}
			if s.called("killTopologyWithOpts") != 0 {
				t.Error("the topology that ran was killed")
			}
		})
	}
}

func TestTooOldErrorsAreTyped(t *testing.T) {
	var old *TooOldError
	fake := startFake(t)
	fake.version = "1.2.4"
	if _, err := client(t, fake).Leader(context.Background()); !errors.As(err, &old) || old.Version != "1.2.4" {
		t.Errorf("%v", err)
	}
	for _, version := range []string{"2.0.0", "3.0.0-SNAPSHOT", "unknown", ""} {
		if err := tooOld(storm.Leader{Version: version}, ""); err != nil {
			t.Errorf("%q: %v", version, err)
		}
	}
}
