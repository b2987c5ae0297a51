package hooks

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// largeRequest is the body of a call for a StormTopology that has no StormCluster any more
// and was to be abandoned. It is made while it is read.
type largeRequest struct {
	// status of the parent, children and pods in bytes.
	status, children, pods int
	// lives: the oldest pod still runs.
	lives      bool
	finalizing bool
}

func (l largeRequest) body() io.Reader {
	from, to := io.Pipe()
	go func() {
		defer to.Close()
		fmt.Fprintf(to, `{"controller":{},"parent":{"apiVersion":"storm.apache.org/v1beta1","kind":"StormTopology","metadata":{"name":"t","namespace":"n","uid":"u","generation":1,"annotations":{"storm.apache.org/abandon":"true"}},`+
			`"spec":{"clusterRef":"c","topology":{"mainClass":"m","jar":{"container":{"image":"i","path":"/j"}}}},`+
			`"status":{"message":"%s","deletion":{"quietSince":"2020-01-01T00:00:00Z","stillQuietSince":"2020-01-01T00:01:00Z"}}},"children":{"Job.batch/v1":{`, strings.Repeat("s", l.status))
		filler := strings.Repeat("x", 100<<10)
		objects(to, "j", l.children, len(filler), func(i int) string {
			return fmt.Sprintf(`"metadata":{"name":"j%d","namespace":"n"},"spec":{"template":{"spec":{"containers":[{"name":"c","args":["%s"]}]}}}`, i, filler)
		})
		_, _ = io.WriteString(to, `}},"related":{"Pod.v1":{`)
		objects(to, "p", l.pods, 9<<10, func(i int) string {
			phase := "Succeeded"
			if i == 0 && l.lives {
				phase = "Running"
			}
			return fmt.Sprintf(`"metadata":{"name":"p%d","namespace":"n","creationTimestamp":%q,"labels":{"storm.apache.org/topology":"t","storm.apache.org/step":"Submit"}},"spec":{"containers":[{"name":"submit","image":"i","args":["%s"]}]},"status":{"phase":%q}`,
				i, time.Unix(int64(i), 0).UTC().Format(time.RFC3339), filler[:9<<10], phase)
		})
		fmt.Fprintf(to, `}},"finalizing":%t}`, l.finalizing)
	}()
	return from
}

// objects writes about so many bytes of objects.
func objects(to io.Writer, prefix string, bytes, each int, object func(i int) string) {
	for i := range bytes / each {
		comma := ","
		if i == 0 {
			comma = ""
		}
		if _, err := fmt.Fprintf(to, `%s"n/%s%d":{%s}`, comma, prefix, i, object(i)); err != nil {
			return
		}
	}
}

// A StormTopology can be synced and deleted, however much belongs to it: pods that another
// program keeps, children that it adopted, a status of megabytes. The memory of a call does
// not grow with it.
func TestLargeRequestsAreAnswered(t *testing.T) {
	handler := quietServer(t).Handler() // without the time limits of a connection
	for name, of := range map[string]largeRequest{
		"12 MiB of pods":           {pods: 12 << 20},
		"40 MiB of pods":           {pods: 40 << 20},
		"64 MiB of pods":           {pods: 64 << 20},
		"64 MiB of pods, one runs": {pods: 64 << 20, lives: true},
		"12 MiB of children":       {children: 12 << 20},
		"40 MiB of children":       {children: 40 << 20},
		"a status of 3 MiB":        {status: 3 << 20},
		"all of them":              {status: 3 << 20, children: 20 << 20, pods: 40 << 20},
	} {
		for _, finalizing := range []bool{false, true} {
			of.finalizing = finalizing
			path, says := "/topology/sync", `StormCluster "c" does not exist`
			switch {
			case finalizing && of.lives:
				path, says = "/topology/finalize", "Waiting for the submitting pod to exit"
			case finalizing:
				path, says = "/topology/finalize", "This StormTopology is being removed."
			}
			w, began := httptest.NewRecorder(), time.Now()
			heap := mostHeap(func() { handler.ServeHTTP(w, httptest.NewRequest("POST", path, of.body())) })
			t.Logf("%s, %s: %d after %s, heap %d MiB", name, path, w.Code, time.Since(began).Round(time.Millisecond), heap>>20)
			var answer struct {
				Finalized bool
				Status    struct{ Message string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 || !strings.Contains(answer.Status.Message, says) || answer.Finalized != (finalizing && !of.lives) {
				t.Errorf("%s, %s: %d %.500s (%v)", name, path, w.Code, w.Body, err)
			}
			if heap > 96<<20 {
				t.Errorf("%s, %s: the heap grew by %d MiB", name, path, heap>>20)
			}
		}
	}
}
