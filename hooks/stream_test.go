package hooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// finalizeOf is the body of a call for a StormCluster that is being deleted, with so many
// StormTopologies in its namespace, each of 10 KB. The first ones use it. The body is made
// while it is read.
func finalizeOf(topologies, users int) io.Reader {
	filler := strings.Repeat("x", 9<<10)
	from, to := io.Pipe()
	go func() {
		_, _ = io.WriteString(to, `{"controller":{},"parent":{"apiVersion":"storm.apache.org/v1beta1","kind":"StormCluster","metadata":{"name":"storm","namespace":"storm-system","uid":"u","generation":1,"deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"nimbus":{"seeds":["n"]},"image":"i"}},"children":{},"related":{"StormTopology.storm.apache.org/v1beta1":{`)
		for i := range topologies {
			uses, comma := "another", ","
			if i < users {
				uses = "storm"
			}
			if i == 0 {
				comma = ""
			}
			_, err := io.WriteString(to, fmt.Sprintf(`%s"storm-system/t%d":{"apiVersion":"storm.apache.org/v1beta1","kind":"StormTopology","metadata":{"annotations":{"a":"%s"},"name":"t%d","namespace":"storm-system"},"spec":{"clusterRef":"%s","topology":{"args":["%s"]}}}`,
				comma, i, filler[:2<<10], i, uses, filler[:7<<10]))
			if err != nil {
				return
			}
		}
		_, _ = io.WriteString(to, `}},"finalizing":true}`)
		_ = to.Close()
	}()
	return from
}

// mostHeap is the most memory that the heap takes while a function runs, beyond what it
// takes before.
func mostHeap(do func()) int {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before, most, done := stats.HeapAlloc, uint64(0), atomic.Bool{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ; !done.Load(); time.Sleep(5 * time.Millisecond) {
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
	}()
	do()
	done.Store(true)
	<-ended
	return int(most) - int(before)
}

// A StormCluster can be deleted, however many StormTopologies its namespace has. The
// memory of a call does not grow with them.
func TestManyTopologiesBesideADeletedCluster(t *testing.T) {
	handler := quietServer(t).Handler() // without the time limits of a connection
	for _, c := range []struct {
		users     int
		finalized bool
		says      string
	}{
		{0, true, "No StormTopology uses this StormCluster any more."},
		{8000, false, "in Storm: t0, t1, t10, t100, t1000 and 7995 more."},
	} {
		w := httptest.NewRecorder()
		began := time.Now()
		heap := mostHeap(func() {
			handler.ServeHTTP(w, httptest.NewRequest("POST", "/cluster/finalize", finalizeOf(10_000, c.users)))
		})
		t.Logf("100 MB, %d users: %d after %s, heap %d KiB", c.users, w.Code, time.Since(began).Round(time.Millisecond), heap>>10)
		var answer struct {
			Finalized bool
			Status    struct{ Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 || answer.Finalized != c.finalized || !strings.Contains(answer.Status.Message, c.says) {
			t.Errorf("%d %s (%v)", w.Code, w.Body, err)
		}
		if heap > 64<<20 {
			t.Errorf("the heap grew by %d MiB", heap>>20)
		}
	}
}

func quietServer(t *testing.T) *Server { return quietServerAt(t, time.Now) }

func quietServerAt(t *testing.T, now func() time.Time) *Server {
	hooks := &Hooks{Storms: NewStorms(), Now: now, HelperImage: "h", Log: slog.New(slog.DiscardHandler), Metrics: NewMetrics()}
	t.Cleanup(hooks.Storms.Close)
	return NewServer(hooks, hooks.Metrics, hooks.Log)
}

// A part of a request that is too large is refused, and the log names the object.
func TestALargePartOfARequest(t *testing.T) {
	server := start(t, quietServer(t).calls)
	body := `{"parent":{"metadata":{"name":"storm","namespace":"n"}},"related":{"A.b/v1":{"n/x":{"a":"` + strings.Repeat("x", 10<<20) + `"}}}}`
	if got := server.do(t, "POST", "/cluster/finalize", body); got.code != 413 {
		t.Errorf("%+v", got)
	}
	if log := server.log.String(); !strings.Contains(log, "parent=n/storm") || !strings.Contains(log, "larger than 4 MiB") {
		t.Errorf("the log: %s", log)
	}
}

// What the hooks of a StormCluster answer does not depend on how the body arrives.
func TestSlowBodies(t *testing.T) {
	handler := quietServerAt(t, func() time.Time { return time.Unix(1767268800, 0) }).Handler()
	body, err := io.ReadAll(finalizeOf(3, 2))
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	for _, from := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body))} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", "/cluster/finalize", from))
		answers = append(answers, fmt.Sprint(w.Code, w.Body))
	}
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" || !strings.HasPrefix(answers[0], "200") {
		t.Errorf("%s\n%s", answers[0], diff)
	}
}
