package nimbus

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A topology with 10,000 executors and their statistics, which Nimbus describes in tens
// of megabytes, can be looked at, suspended, rebalanced, updated and killed. Nimbus is not
// asked again and again for what is not read.
func TestALargeTopology(t *testing.T) {
	s, older := startStorm(t), submission().Fingerprint
	older.Revision, older.Generation = "r0", 1
	s.runs(older)
	executors := executorsWithStatistics(10_000)
	asked := 0
	s.does("getTopologyInfoWithOpts", func(args *cursor, method string, seq int32) []byte {
		id := (&cursor{frame: args.fields(0)[0].raw}).string()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.there == nil || s.there.ID != id {
			return throws(1, "not alive")(nil, method, seq)
		}
		asked++
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, 0)
			w.field(typeString, 1).string(id)
			w.field(typeString, 2).string("wordcount")
			w.field(typeI32, 3).i32(1)
			w.field(typeList, 4).raw(executors)
			w.field(typeString, 5).string(storm.Active)
			w.field(typeMap, 6).raw([]byte{typeString, typeList, 0, 0, 0, 0})
			w.stop()
		})
	})
	var calls []string
	for _, method := range []string{"deactivate", "activate", "rebalance"} {
		s.does(method, func(args *cursor, method string, seq int32) []byte {
			s.mu.Lock()
			defer s.mu.Unlock()
			calls = append(calls, method)
			return void(args, method, seq)
		})
	}
	c := New([]string{s.host}, s.port, AllowLoopback(), WithLimit(20*time.Second))
	t.Cleanup(c.Close)
	for _, id := range []string{"", "wordcount-1-1000"} {
		view := c.Look(context.Background(), "wordcount", id)
		if topology := view.Topology; topology == nil || topology.Detailed || !topology.Counted() || !topology.ConfKnown || !topology.TooLarge {
			t.Fatalf("%+v: %s", topology, view.Problem)
		}
	}
	for _, verb := range []storm.Verb{storm.Deactivate, storm.Activate, storm.Rebalance} {
		if outcome := c.Act(context.Background(), storm.Call{Verb: verb, Name: "wordcount", ID: "wordcount-1-1000"}, direct{c}); outcome.Problem != "" {
			t.Errorf("%s: %s", verb, outcome.Problem)
		}
		if outcome := c.Act(context.Background(), storm.Call{Verb: verb, Name: "wordcount", ID: "wordcount-9-1000"}, direct{c}); outcome.Problem == "" {
			t.Errorf("%s of another id", verb)
		}
	}
	if !slices.Equal(calls, []string{"deactivate", "activate", "rebalance"}) || asked != 1 {
		t.Errorf("called %v, and asked %d times for the description", calls, asked)
	}
	sub := submission()
	sub.Jar = filepath.Join(t.TempDir(), "topology.jar")
	if err := os.WriteFile(sub.Jar, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if handed, failed := c.HandOver(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf); failed != nil || handed.ID == "wordcount-1-1000" {
		t.Errorf("the update: %+v %v", handed, failed)
	}
	if outcome := c.Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "wordcount", ID: s.there.ID}, direct{c}); outcome.Problem != "" {
		t.Errorf("the kill: %s", outcome.Problem)
	}
}

// executorsWithStatistics is the list of as many executors of a bolt with three inputs and
// two outputs (storm-client/src/storm.thrift, v2.8.1).
func executorsWithStatistics(count int) []byte {
	windows := []string{"600", "10800", "86400", ":all-time"}
	one := &writer{}
	one.field(typeStruct, 1)
	one.field(typeI32, 1).i32(1)
	one.field(typeI32, 2).i32(1)
	one.stop()
	one.field(typeString, 2).string("enrichment-bolt")
	one.field(typeString, 3).string("supervisor-17.storm.example.com")
	one.field(typeI32, 4).i32(6700)
	one.field(typeI32, 5).i32(1000)
	one.field(typeStruct, 7)
	for id := int16(1); id <= 2; id++ {
		one.field(typeMap, id).raw([]byte{typeString, typeMap, 0, 0, 0, 4})
		for _, window := range windows {
			one.string(window)
			one.raw([]byte{typeString, typeI64, 0, 0, 0, 2})
			for _, stream := range []string{"default", "errors"} {
				one.string(stream)
				one.i32(0)
				one.i32(12345678)
			}
		}
	}
	one.field(typeStruct, 3)
	one.field(typeStruct, 1)
	for id := int16(1); id <= 5; id++ {
		one.field(typeMap, id).raw([]byte{typeString, typeMap, 0, 0, 0, 4})
		for _, window := range windows {
			one.string(window)
			one.raw([]byte{typeStruct, typeI64, 0, 0, 0, 3})
			for range 3 {
				one.field(typeString, 1).string("source-bolt-1")
				one.field(typeString, 2).string("default")
				one.stop()
				one.i32(0)
				one.i32(1234)
			}
		}
	}
	one.stop()
	one.stop()
	one.field(typeDouble, 4).i32(0)
	one.i32(0)
	one.stop()
	one.stop()
	all := &writer{}
	all.raw([]byte{typeStruct})
	all.i32(int32(count))
	for range count {
		all.raw(one.bytes)
	}
	return all.bytes
}
