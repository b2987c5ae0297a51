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
)

// hook wraps one of the hooks: limits around it, metrics and a log beside it.
func (s *Server) hook(name string, call func(context.Context, []byte) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		body, answer, err := s.answer(w, r, call)
		code := respond(w, answer, err)
		s.metrics.answered(name, code, len(body), time.Since(began))
		s.note(name, code, body, err, time.Since(began))
	}
}

// answer reads the body and calls the hook, if there is room for it.
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

// read reads a body, in one piece where its length is told and believable: grown
// step by step it would be copied a dozen times.
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

// bug is a panic of ours, with the stack for the log.
type bug struct {
	value any
	stack string
}

func (b bug) Error() string { return fmt.Sprintf("panic: %v", b.value) }

func recovered(call func() ([]byte, error)) (answer []byte, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case bug: // of a goroutine of ours, with its own stack
			answer, err = nil, value
		default:
			answer, err = nil, bug{value: value, stack: string(debug.Stack())}
		}
	}()
	return call()
}

// note is the one place that logs a call. The body is never logged: settings
// may hold secrets. The parent is named only where a person has to look for it.
func (s *Server) note(name string, code int, body []byte, err error, took time.Duration) {
	if err == nil {
		s.log.Debug("answered", "hook", name, "bytes", len(body), "took", took)
		return
	}
	attributes := []any{"hook", name, "code", code, "parent", parentOf(body), "error", err, "took", took}
	var panicked bug
	var away *turnedAway
	switch {
	case errors.As(err, &away):
		s.log.Debug("to come again", attributes...)
	case errors.As(err, &panicked):
		s.log.Error("a bug of Stormhooks: please report it", append(attributes, "stack", panicked.stack)...)
	case code >= http.StatusInternalServerError:
		s.log.Error("the hook failed", attributes...)
	default:
		s.log.Warn("the call was refused", attributes...)
	}
}

// parentOf is namespace/name of the parent that a body speaks of.
func parentOf(body []byte) string {
	var request struct {
		Parent struct {
			Metadata struct{ Namespace, Name string }
		}
	}
	if json.Unmarshal(body, &request) != nil {
		return ""
	}
	return request.Parent.Metadata.Namespace + "/" + request.Parent.Metadata.Name
}
