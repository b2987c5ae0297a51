package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// script answers every hook by one function, which gets the name of the hook.
type script func(ctx context.Context, hook string, body []byte) ([]byte, error)

func (f script) TopologyCustomize(ctx context.Context, body []byte) ([]byte, error) {
	return f(ctx, "topology/customize", body)
}
func (f script) TopologySync(ctx context.Context, body io.Reader) ([]byte, error) {
	text, _ := io.ReadAll(body)
	return f(ctx, "topology/sync", text)
}
func (f script) TopologyFinalize(ctx context.Context, body io.Reader) ([]byte, error) {
	text, _ := io.ReadAll(body)
	return f(ctx, "topology/finalize", text)
}
func (f script) ClusterCustomize(ctx context.Context, body []byte) ([]byte, error) {
	return f(ctx, "cluster/customize", body)
}
func (f script) ClusterSync(ctx context.Context, body io.Reader) ([]byte, error) {
	text, _ := io.ReadAll(body)
	return f(ctx, "cluster/sync", text)
}
func (f script) ClusterFinalize(ctx context.Context, body io.Reader) ([]byte, error) {
	text, _ := io.ReadAll(body)
	return f(ctx, "cluster/finalize", text)
}

// echo answers with the hook's name and the body, so that a mixed-up route shows.
func echo(_ context.Context, hook string, body []byte) ([]byte, error) {
	return fmt.Appendf(nil, `{"hook":%q,"body":%s}`, hook, body), nil
}

// lockedBuffer is a log that the server and the test may touch at once.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// running is a server on a port of its own.
type running struct {
	url  string
	log  *lockedBuffer
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, calls Calls) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{url: "http://" + listener.Addr().String(), log: &lockedBuffer{}, stop: cancel, done: make(chan error, 1)}
	logger := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server := NewServer(calls, NewMetrics(), logger)
	server.lame, server.drain = 200*time.Millisecond, 5*time.Second
	go func() { r.done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() { cancel(); http.DefaultClient.CloseIdleConnections() })
	return r
}

type answer struct {
	code       int
	body       string
	retryAfter string
}

func (r *running) do(t *testing.T, method, path, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(text), response.Header.Get("Retry-After")}
}

func TestRoutes(t *testing.T) {
	server := start(t, script(echo))
	for _, hook := range []string{
		"topology/customize", "topology/sync", "topology/finalize",
		"cluster/customize", "cluster/sync", "cluster/finalize",
	} {
		want := answer{code: 200, body: fmt.Sprintf(`{"hook":%q,"body":{"a":1}}`, hook)}
		if diff := cmp.Diff(want, server.do(t, "POST", "/"+hook, `{"a":1}`), cmp.AllowUnexported(answer{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", hook, diff)
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404, "/topology/sync": 405} {
		if got := server.do(t, "GET", path, "").code; got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
}

func TestWhatGoesWrong(t *testing.T) {
	const secret = "hunter2"
	const body = `{"parent":{"metadata":{"namespace":"storm-system","name":"billing"},"spec":{"password":"` + secret + `"}}}`
	cases := map[string]struct {
		reason string
		call   script
		body   string
		code   int
		says   string // in the answer
		logs   []string
	}{
		"a body that is not a hook request": {
			reason: "another program calls: it is not a bug, and the answer has nothing of the body",
			call: func(context.Context, string, []byte) ([]byte, error) {
				return nil, fmt.Errorf("decoding: %w: invalid character", metacontroller.ErrBadRequest)
			},
			body: body, code: 400, says: "not a hook request of Metacontroller\n",
			logs: []string{"level=WARN", "invalid character"},
		},
		"an error": {
			reason: "a bug: the log names the parent, the answer does not",
			call: func(context.Context, string, []byte) ([]byte, error) {
				return nil, errors.New("encoding: unsupported value")
			},
			body: body, code: 500, says: "internal error. The log of the hook server says more\n",
			logs: []string{"level=ERROR", "parent=storm-system/billing", "encoding: unsupported value"},
		},
		"a panic": {
			reason: "the same, with a stack",
			call: func(context.Context, string, []byte) ([]byte, error) {
				panic("unforeseen")
			},
			body: body, code: 500, says: "internal error. The log of the hook server says more\n",
			logs: []string{"level=ERROR", "parent=storm-system/billing", "unforeseen", "server_test.go"},
		},
		"a part that is too large": {
			reason: "memory is bounded, and no object of the API server is so large",
			call: func(context.Context, string, []byte) ([]byte, error) {
				return nil, fmt.Errorf("decoding: %w", metacontroller.ErrLargePart)
			},
			body: body, code: 413, says: tooLargeText + "\n",
			logs: []string{"level=WARN", "parent=storm-system/billing"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := start(t, c.call)
			want := answer{code: c.code, body: c.says}
			if diff := cmp.Diff(want, server.do(t, "POST", "/topology/sync", c.body), cmp.AllowUnexported(answer{})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
			log := server.log.String()
			for _, part := range c.logs {
				if !strings.Contains(log, part) {
					t.Errorf("%s: the log lacks %q:\n%s", c.reason, part, log)
				}
			}
			if strings.Contains(log, secret) {
				t.Errorf("the log holds what the body held:\n%s", log)
			}
			if got := server.do(t, "GET", "/healthz", "").code; got != 200 {
				t.Errorf("the server does not continue: /healthz is %d", got)
			}
		})
	}
}

// block holds every call until free is closed, and reports each on held.
type block struct {
	held chan struct{}
	free chan struct{}
}

func newBlock() block { return block{make(chan struct{}, 2*maxCalls), make(chan struct{})} }

func (b block) answer(context.Context, string, []byte) ([]byte, error) {
	b.held <- struct{}{}
	<-b.free
	return []byte(`{}`), nil
}

func TestTooManyCallsAtOnce(t *testing.T) {
	b := newBlock()
	server := start(t, script(b.answer))
	answers := make(chan int, maxCalls)
	for range maxCalls {
		go func() { answers <- server.do(t, "POST", "/topology/sync", "{}").code }()
	}
	for range maxCalls {
		<-b.held
	}
	want := answer{code: 429, body: "Server capacity exceeded.\n", retryAfter: "1"}
	if diff := cmp.Diff(want, server.do(t, "POST", "/cluster/sync", "{}"), cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("one call too many (-want +got):\n%s", diff)
	}
	if got := server.do(t, "GET", "/readyz", "").code; got != 200 {
		t.Errorf("/readyz is %d while busy, want 200: another pod would be as busy", got)
	}
	close(b.free)
	for range maxCalls {
		if code := <-answers; code != 200 {
			t.Errorf("a call that was under way got %d, want 200", code)
		}
	}
	if got := server.do(t, "POST", "/cluster/sync", "{}").code; got != 200 {
		t.Errorf("afterwards a call gets %d, want 200", got)
	}
}

func TestGracefulStop(t *testing.T) {
	b := newBlock()
	server := start(t, script(b.answer))
	under := make(chan int, 1)
	go func() { under <- server.do(t, "POST", "/topology/sync", "{}").code }()
	<-b.held
	server.stop()

	var last answer
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		if last = server.do(t, "GET", "/readyz", ""); last.code == 503 {
			break
		}
	}
	if last.code != 503 {
		t.Fatalf("/readyz is %d while stopping, want 503", last.code)
	}
	want := answer{code: 429, body: "this server is stopping\n", retryAfter: "1"}
	if diff := cmp.Diff(want, server.do(t, "POST", "/topology/sync", "{}"), cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("a new call while stopping (-want +got):\n%s", diff)
	}
	close(b.free)
	if code := <-under; code != 200 {
		t.Errorf("the call that was under way got %d, want 200", code)
	}
	if err := <-server.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// A call must be answered before Metacontroller gives up on it.
func TestACallHasADeadline(t *testing.T) {
	var left time.Duration
	server := start(t, script(func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return []byte(`{}`), nil
	}))
	server.do(t, "POST", "/topology/sync", "{}")
	if left <= 0 || left > 9*time.Second {
		t.Errorf("a call has %s, want up to 9 s: manifests/install gives it 10 s", left)
	}
}

func TestMetrics(t *testing.T) {
	server := start(t, script(echo))
	server.do(t, "POST", "/topology/customize", `{"a":1}`)
	server.do(t, "POST", "/topology/customize", strings.Repeat("x", maxBody+1))
	text := server.do(t, "GET", "/metrics", "").body
	for _, line := range []string{
		`stormhooks_hook_calls_total{code="200",hook="topology/customize"} 1`,
		`stormhooks_hook_calls_total{code="413",hook="topology/customize"} 1`,
		`stormhooks_hook_duration_seconds_count{hook="topology/customize"} 2`,
		`stormhooks_hook_request_bytes_bucket{hook="topology/customize",le="1024"} 1`,
		`stormhooks_hook_request_bytes_count{hook="topology/customize"} 2`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

func TestDecisionsAreCounted(t *testing.T) {
	metrics := NewMetrics()
	metrics.Decided("topology/sync", "running", "Active")
	metrics.Decided("topology/sync", "running", "Active")
	families, err := metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "stormhooks_decisions_total" {
			continue
		}
		if got := family.GetMetric()[0].GetCounter().GetValue(); got != 2 {
			t.Errorf("counted %v decisions, want 2", got)
		}
		return
	}
	t.Error("stormhooks_decisions_total is not there")
}

// The rate of what has not happened yet is 0, so that alerts see the first time.
func TestMetricsAreThereFromTheStart(t *testing.T) {
	server := start(t, script(echo))
	text := server.do(t, "GET", "/metrics", "").body
	for _, line := range []string{
		`stormhooks_hook_calls_total{code="500",hook="topology/sync"} 0`,
		`stormhooks_hook_calls_total{code="429",hook="cluster/finalize"} 0`,
		`stormhooks_storm_looks_total{result="silent"} 0`,
		`stormhooks_storm_calls_total{result="failed",verb="kill"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}
