package hooks

import (
	"context"
	"sync"
	"time"
)

// shared is one value that many calls need: it is loaded once for all calls that
// wait, and kept for a few seconds.
type shared[T any] struct {
	mu     sync.Mutex
	value  T
	at     time.Time
	flight *flight[T]
}

type flight[T any] struct {
	done     chan struct{}
	value    T
	err      error
	panicked any
}

// loadLimit limits a load, which belongs to all calls that wait and so has no
// context of its own.
const loadLimit = 5 * time.Second

// get returns the value, and whether it was loaded for this call. With fresh, the
// load began after the call did.
func (s *shared[T]) get(ctx context.Context, keep time.Duration, fresh bool, load func(context.Context) (T, error)) (T, bool, error) {
	s.mu.Lock()
	if !fresh && !s.at.IsZero() && time.Since(s.at) < keep {
		defer s.mu.Unlock()
		return s.value, false, nil
	}
	joined := s.flight
	if joined == nil {
		joined = s.start(ctx, load)
		s.mu.Unlock()
		return joined.wait(ctx, true)
	}
	s.mu.Unlock()
	value, _, err := joined.wait(ctx, false)
	if !fresh || ctx.Err() != nil {
		return value, false, err
	}
	// That load began before this call. The next one does not.
	s.mu.Lock()
	if joined = s.flight; joined == nil {
		joined = s.start(ctx, load)
	}
	s.mu.Unlock()
	return joined.wait(ctx, true)
}

// start begins a load; s.mu is held.
func (s *shared[T]) start(ctx context.Context, load func(context.Context) (T, error)) *flight[T] {
	f := &flight[T]{done: make(chan struct{})}
	s.flight = f
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadLimit)
		defer cancel()
		defer close(f.done)
		f.panicked = caught(func() { f.value, f.err = load(ctx) })
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.flight = nil; f.err == nil && f.panicked == nil {
			s.value, s.at = f.value, time.Now()
		}
	}()
	return f
}

// last returns the value that was loaded last, however old it is.
func (s *shared[T]) last() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// drop discards the value; dropOld does so once it is too old to be used.
func (s *shared[T]) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none T
	s.value, s.at = none, time.Time{}
}

func (s *shared[T]) dropOld() {
	s.mu.Lock()
	old := time.Since(s.at) >= keepFor
	s.mu.Unlock()
	if old {
		s.drop()
	}
}

// forget makes the next call load again.
func (s *shared[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = time.Time{}
}

func (f *flight[T]) wait(ctx context.Context, fresh bool) (T, bool, error) {
	select {
	case <-f.done:
		if f.panicked != nil {
			panic(f.panicked) // every call that waits reports the bug
		}
		return f.value, fresh, f.err
	case <-ctx.Done():
		var none T
		return none, false, ctx.Err()
	}
}
