package inpod

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// What changes in Storm while main runs: what others do does not count against main, nor
// does what was not observed.
func TestMeanwhile(t *testing.T) {
	ours := storm.Fingerprint{Cluster: "kube", Owner: "apps/wordcount"}
	sub := storm.Submission{Name: "wordcount", Fingerprint: ours}
	mine, _ := json.Marshal(ours.Settings())
	others, _ := json.Marshal(storm.Fingerprint{Cluster: "kube", Owner: "apps/other"}.Settings())
	const running = "wordcount-1-1795507197"
	kill := func(f *fakeNimbus) { _ = f.KillTopologyWithOpts(t.Context(), "wordcount", nil) }
	forget := func(f *fakeNimbus) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.there = slices.DeleteFunc(f.there, func(s *gen.TopologySummary) bool { return s.ID == running })
	}
	for _, tc := range []struct {
		why      string
		does     func(f *fakeNimbus)
		names    []string
		lost     string
		missing  bool
		appeared []string
		reads    int
	}{
		{"nothing", func(*fakeNimbus) {}, nil, "", false, nil, 0},
		{"a kill", kill, []string{"wordcount"}, running, false, nil, 0},
		{"one list lacks it", forget, nil, running, true, nil, 0},
		{"another pod of this object replaces it, and others submit", func(f *fakeNimbus) {
			kill(f)
			f.runs("wordcount", string(mine))
			f.runs("other", string(others))
		}, nil, "", false, nil, 2},
		{"it is replaced behind many others", func(f *fakeNimbus) {
			kill(f)
			for i := range 300 {
				f.runs(fmt.Sprintf("other-%d", i), "{}")
			}
			f.runs("wordcount", string(mine))
		}, []string{"wordcount"}, "", false, nil, 1},
		{"its conf cannot be read", func(f *fakeNimbus) { kill(f); f.runs("wordcount", "no conf") }, nil, "", false, nil, 1},
		{"it appears more often than a Storm can have it", func(f *fakeNimbus) {
			kill(f)
			for range 100 {
				f.runs("wordcount", string(others))
			}
		}, nil, "", false, nil, confsRead},
		{"a push of many", func(f *fakeNimbus) {
			for i := range 300 {
				f.runs(fmt.Sprintf("other-%d", i), string(others))
			}
		}, nil, "", false, nil, confsRead},
		{"a name of main", func(f *fakeNimbus) { f.runs("other", "{}"); f.runs("legacy", "{}") }, []string{"mains-own", "legacy"}, "", false, []string{"legacy-3-1795507197"}, 1},
		{"another Storm answers", func(f *fakeNimbus) { forget(f); f.runs("wordcount", "{}"); f.isStorm("elsewhere") }, nil, "", false, nil, 0},
	} {
		t.Run(tc.why, func(t *testing.T) {
			fake := startNimbus(t)
			fake.isStorm("zookeeper")
			fake.runs("wordcount", string(mine))
			client := nimbus.New([]string{"127.0.0.1"}, fake.port, nimbus.AllowLoopback())
			defer client.Close()
			before := watch(t.Context(), client, sub)
			tc.does(fake)
			seen := before.after(t.Context(), tc.names)
			var appeared []string
			for _, s := range seen.appeared {
				appeared = append(appeared, s.ID)
			}
			if seen.lost != tc.lost || seen.missing != tc.missing || !slices.Equal(appeared, tc.appeared) || fake.reads != tc.reads {
				t.Errorf("%+v after %d confs, want %+v", seen, fake.reads, tc)
			}
			before.before = nil
			if seen := before.after(t.Context(), tc.names); seen.lost != "" || seen.appeared != nil {
				t.Errorf("%+v: without the first list nothing can be compared", seen)
			}
		})
	}
}

// A Storm that answers too late costs the submission only the limit of the look.
func TestMeanwhileHasALimit(t *testing.T) {
	fake := startNimbus(t)
	fake.isStorm("zookeeper")
	fake.runs("wordcount", "{}")
	client := nimbus.New([]string{"127.0.0.1"}, fake.port, nimbus.AllowLoopback())
	defer client.Close()
	before := watch(t.Context(), client, storm.Submission{Name: "wordcount"})
	_ = fake.KillTopologyWithOpts(t.Context(), "wordcount", nil)
	for range confsRead {
		fake.runs("wordcount", "{}")
	}
	fake.pause, before.limit = 400*time.Millisecond, time.Second
	start := time.Now()
	if seen := before.after(t.Context(), nil); seen.lost != "" || seen.appeared != nil || time.Since(start) > 2*time.Second {
		t.Errorf("%+v after %s", seen, time.Since(start))
	}
}
