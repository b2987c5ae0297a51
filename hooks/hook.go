package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/stormhooks/stormhooks/hooks/internal/storms"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// admitted turns away who is not admitted, and all while the server stops.
func (s *Server) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := s.Door.admits(r)
		if err == nil && s.stopping.Load() {
			err = errStopping
		}
		if err != nil {
			callOf(r).fails(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// atOnce turns away who is one too many. chi words the answer; its code and its
// Retry-After are those of every other 429.
func atOnce(limit int) func(http.Handler) http.Handler {
	return middleware.ThrottleWithOpts(middleware.ThrottleOpts{
		Limit: limit, StatusCode: http.StatusTooManyRequests,
		RetryAfterFn: func(bool) time.Duration { return retryAfter },
	})
}

// large lets large bodies, and those of unknown length, through a throttle of their own.
func large(throttle func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		few := throttle(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength < 0 || r.ContentLength > largeBody {
				few.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// hook calls one of the hooks, within the time of a call.
func (s *Server) hook(to route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call := callOf(r)
		call.w, call.from, call.length = w, r.Body, r.ContentLength
		ctx, cancel := context.WithTimeout(r.Context(), callTime)
		defer cancel()
		answer, err := to.call(s.calls, ctx, call)
		if err != nil {
			call.fails(w, err)
			return
		}
		respond(w, answer)
	}
}

// whole reads the body for a hook that needs all of it: in one piece if the caller gave
// a plausible length, since a buffer that grows step by step would be copied a dozen
// times.
func whole(hook func(Calls, context.Context, []byte) ([]byte, error)) func(Calls, context.Context, io.Reader) ([]byte, error) {
	return func(calls Calls, ctx context.Context, from io.Reader) ([]byte, error) {
		var body bytes.Buffer
		call := from.(*call)
		if 0 < call.length && call.length <= largeBody {
			body.Grow(int(call.length) + bytes.MinRead)
		}
		size, err := body.ReadFrom(call.from)
		call.size, call.head = int(size), body.Bytes()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUnread, err)
		}
		return hook(calls, ctx, body.Bytes())
	}
}

// call is a call of Metacontroller: the reader of its body and, once it has its answer,
// its entry in the log and the metrics.
type call struct {
	server *Server
	hook   string
	w      http.ResponseWriter
	from   io.Reader
	length int64
	size   int
	head   []byte // what was read first, which has the name of the parent
	err    error
}

// headBytes of a body that is not read whole are kept for the log.
const headBytes = 512 << 10

var (
	_ middleware.LogFormatter = (*Server)(nil)
	_ middleware.LogEntry     = (*call)(nil)
)

// NewLogEntry implements middleware.LogFormatter.
func (s *Server) NewLogEntry(r *http.Request) middleware.LogEntry {
	return &call{server: s, hook: r.URL.Path[1:]}
}

func callOf(r *http.Request) *call { return middleware.GetLogEntry(r).(*call) }

// Read implements io.Reader for the body.
func (c *call) Read(into []byte) (int, error) {
	n, err := c.from.Read(into)
	c.size += n
	if more := headBytes - len(c.head); more > 0 {
		c.head = append(c.head, into[:min(n, more)]...)
	}
	return n, err
}

// fails answers with an error.
func (c *call) fails(w http.ResponseWriter, err error) {
	c.err = err
	respondError(w, err)
}

// Panic implements middleware.LogEntry. It answers before chi does, which would leave the
// body of the answer empty.
func (c *call) Panic(value any, stack []byte) {
	panicked, isOther := value.(storms.Panic) // of another goroutine, with its own stack
	if !isOther {
		panicked = storms.Panic{Value: value, Stack: string(stack)}
	}
	c.fails(c.w, panicked)
}

// Write implements middleware.LogEntry: it counts a call and logs it, once it has its
// answer. The body is never logged: settings may hold secrets. The log names the parent
// only if a person has to look for it.
func (c *call) Write(code, _ int, _ http.Header, took time.Duration, _ any) {
	if c.err == nil && code == http.StatusTooManyRequests {
		c.err = errBusy // chi's throttle
	}
	c.server.metrics.answered(c.hook, code, c.size, took)
	log := c.server.log
	if c.err == nil {
		log.Debug("answered", "hook", c.hook, "bytes", c.size, "took", took)
		return
	}
	attributes := []any{"hook", c.hook, "code", code, "parent", metacontroller.ParentName(c.head), "bytes", c.size, "error", c.err, "took", took}
	var panicked storms.Panic
	var busy *storms.BusyError
	switch {
	case errors.As(c.err, &busy):
		log.Debug("asked to retry later", attributes...)
	case errors.As(c.err, &panicked):
		log.Error("a bug of Stormhooks: please report it", append(attributes, "stack", panicked.Stack)...)
	case code >= http.StatusInternalServerError:
		log.Error("the hook failed", attributes...)
	default:
		log.Warn("the call was refused", attributes...)
	}
}
