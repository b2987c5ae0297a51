package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// counters are what /metrics shows, in Prometheus' text format. Hook calls have
// the names and labels that Metacontroller gives them, so one query reads both.
type counters struct {
	mu     sync.Mutex
	counts map[string]uint64 // by name and labels, as they are printed
}

const (
	apiCallsMetric = "standin_api_requests_total"
	syncsMetric    = "standin_syncs_total"
)

func newCounters() *counters { return &counters{counts: map[string]uint64{}} }

func (c *counters) add(name string, labels ...string) {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, fmt.Sprintf("%s=%q", labels[i], labels[i+1]))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[name+"{"+strings.Join(pairs, ",")+"}"]++
}

func (c *counters) hookCall(request loop.HookRequest, code int) {
	c.add("metacontroller_"+string(request.Hook)+"_requests_total",
		"code", fmt.Sprint(code), "controller_name", request.Controller, "controller_type", "CompositeController", "method", "post", "url", request.URL)
}

// apiCall counts one live call of a controller: reads and writes, not watches.
func (c *counters) apiCall(controller string, op loop.Op, err error) {
	outcome := "ok"
	if err != nil {
		if outcome = string(apierrors.ReasonForError(err)); outcome == "" {
			outcome = "error"
		}
	}
	c.add(apiCallsMetric, "controller_name", controller, "outcome", outcome, "resource", op.Resource.GroupVersionResource.Resource, "verb", op.Verb)
}

func (c *counters) sync(controller string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "again"
	}
	c.add(syncsMetric, "controller_name", controller, "outcome", outcome)
}

// ServeHTTP prints all counters.
func (c *counters) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	var lines []string
	for key, count := range c.counts {
		lines = append(lines, fmt.Sprintf("%s %d", key, count))
	}
	c.mu.Unlock()
	slices.Sort(lines)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	last := ""
	for _, line := range lines {
		if name, _, _ := strings.Cut(line, "{"); name != last {
			fmt.Fprintf(w, "# TYPE %s counter\n", name)
			last = name
		}
		fmt.Fprintln(w, line)
	}
}
