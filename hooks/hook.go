package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/stormhooks/stormhooks/hooks/internal/storms"
)

// hook wraps one of the hooks: limits around it, metrics and a log beside it.
func (s *Server) hook(name string, call func(context.Context, []byte) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		body, answer, err := s.answer(w, r, call)
		done := answeredCall{hook: name, code: respond(w, answer, err), body: body, err: err, took: time.Since(began)}
		s.metrics.answered(done)
		s.logCall(done)
	}
}

// answeredCall is a call of Metacontroller, once it has its answer.
type answeredCall struct {
	hook string
	code int
	body []byte
	err  error
	took time.Duration
}

// answer reads the body and calls the hook, if there is a free slot.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, call func(context.Context, []byte) ([]byte, error)) (body, answer []byte, err error) {
	if err := s.Door.admits(r); err != nil {
		return nil, nil, err
	}
	if s.stopping.Load() {
		return nil, nil, errStopping
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return nil, nil, errBusy
	}
	if r.ContentLength < 0 || r.ContentLength > largeBody {
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		default:
			return nil, nil, errBusy
		}
	}
	body, err = read(http.MaxBytesReader(w, r.Body, maxBody), r.ContentLength)
	if err != nil {
		return nil, nil, readError(err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTime)
	defer cancel()
	answer, err = recovered(func() ([]byte, error) { return call(ctx, body) })
	return body, answer, err
}

// read reads a body, in one piece if the caller gave a plausible length: a buffer
// that grows step by step would be copied a dozen times.
func read(body io.Reader, length int64) ([]byte, error) {
	var whole bytes.Buffer
	if 0 < length && length <= largeBody {
		whole.Grow(int(length) + bytes.MinRead)
	}
	_, err := whole.ReadFrom(body)
	return whole.Bytes(), err
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errTooLarge
	}
	return fmt.Errorf("%w: %w", errUnread, err)
}

func recovered(call func() ([]byte, error)) (answer []byte, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case storms.Panic: // of another goroutine, with its own stack
			answer, err = nil, value
		default:
			answer, err = nil, storms.Panic{Value: value, Stack: string(debug.Stack())}
		}
	}()
	return call()
}

// logCall is the only place that logs a call. The body is never logged: settings
// may hold secrets. The log names the parent only if a person has to look for it.
func (s *Server) logCall(c answeredCall) {
	if c.err == nil {
		s.log.Debug("answered", "hook", c.hook, "bytes", len(c.body), "took", c.took)
		return
	}
	attributes := []any{"hook", c.hook, "code", c.code, "parent", parentOf(c.body), "error", c.err, "took", c.took}
	var panicked storms.Panic
	var busy *storms.BusyError
	switch {
	case errors.As(c.err, &busy):
		s.log.Debug("asked to retry later", attributes...)
	case errors.As(c.err, &panicked):
		s.log.Error("a bug of Stormhooks: please report it", append(attributes, "stack", panicked.Stack)...)
	case c.code >= http.StatusInternalServerError:
		s.log.Error("the hook failed", attributes...)
	default:
		s.log.Warn("the call was refused", attributes...)
	}
}

// longestParent is a namespace, a slash and a name of Kubernetes. Whoever reaches the
// port can send a longer one.
const longestParent = 63 + 1 + 253

// parentOf is namespace/name of the parent in a body.
func parentOf(body []byte) string {
	var request struct {
		Parent struct {
			Metadata struct{ Namespace, Name string }
		}
	}
	if json.Unmarshal(body, &request) != nil {
		return ""
	}
	name := request.Parent.Metadata.Namespace + "/" + request.Parent.Metadata.Name
	return name[:min(len(name), longestParent)]
}
