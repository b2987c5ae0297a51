package hooks

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Metacontroller has five workers for each controller, and a call that waits for a
// slow Storm occupies one of them. So where there are several Storms, a call to a
// fast one waits as long as it needs to. Of the calls to slow ones only a few wait
// at a time; the others are answered with 429 and retried later:
//
//	workers   1  2  3  4  5
//	          │  │  └──┴──┴── fast Storms, and a new one for up to patience
//	          └──┴─────────── slots: whatever waits longer than patience
const (
	// patience is how long a call may wait without a slot. A Nimbus answers in
	// milliseconds.
	patience = 80 * time.Millisecond
	// slotsAtOnce of each kind.
	slotsAtOnce = 2
	// slowAfter is how often in a row a Storm must be slow to count as slow: a
	// busy node makes any Storm slow for a moment.
	slowAfter = 3
	// trialEvery is how often a slow Storm is called although no slot is free.
	trialEvery = 2 * time.Second
	// slowAct is how long a call that changes something may take without being
	// slow: Nimbus writes to ZooKeeper before it answers.
	slowAct = time.Second
	// Rejected calls are retried after minRetry to maxRetry seconds: the more of
	// them, the later, since each costs Metacontroller a read of the API server.
	minRetry, maxRetry = 2, 30
	// rejectionWindow is how long rejections are counted together.
	rejectionWindow = 10 * time.Second
)

// slowError rejects a call that would have waited for a slow Storm.
type slowError struct{ retryAfter int }

func (e *slowError) Error() string {
	return fmt.Sprintf("Storm is slow and other objects are waiting for it; retry in %d s", e.retryAfter)
}

// slots limit the calls that wait for slow Storms.
type slots chan struct{}

func newSlots() slots { return make(slots, slotsAtOnce) }

func (s slots) acquire() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// acquireSoon waits for a slot, but no longer than patience.
func (s slots) acquireSoon() bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

func (s slots) release() { <-s }

// latency is how fast a Storm answers. A slow one stays slow until it is fast once.
type latency struct {
	mu          sync.Mutex
	slowStreak  int       // slow answers in a row
	lastTrial   time.Time // the last trial call
	rejected    int       // calls since windowStart
	windowStart time.Time
}

func (l *latency) slow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.slowStreak >= slowAfter
}

// trial allows one call from time to time without a slot, for no longer than
// patience: otherwise a Storm could not show that it is fast again.
func (l *latency) trial() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.lastTrial) >= trialEvery {
		l.lastTrial = now
		return true
	}
	return false
}

func (l *latency) record(slow bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowStreak++
	if !slow {
		l.slowStreak, l.lastTrial = 0, time.Time{}
	}
}

// reject says when to retry.
func (l *latency) reject() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slowStreak < slowAfter {
		return &slowError{1}
	}
	if now := time.Now(); now.Sub(l.windowStart) > rejectionWindow {
		l.windowStart, l.rejected = now, 0
	}
	l.rejected++
	return &slowError{min(minRetry+l.rejected/10, maxRetry)}
}

// admit runs what may take long: at once where the Storm is fast, in a slot where
// it is not. The error is a *slowError. What has begun then ends by itself, and
// the calls that are retried find what it cached.
func admit[T any](ctx context.Context, l *latency, s slots, do func(context.Context) T) (T, error) {
	var none T
	hasSlot := false
	if l.slow() {
		if hasSlot = s.acquire(); !hasSlot && !l.trial() {
			return none, l.reject()
		}
	}
	began := time.Now()
	call := runAsync(func() T { return do(context.WithoutCancel(ctx)) })
	if answer, done := call.within(patience); done {
		if hasSlot {
			s.release()
		}
		l.record(time.Since(began) > patience)
		return answer, nil
	}
	l.record(true)
	if !hasSlot && !s.acquire() {
		return none, l.reject()
	}
	defer s.release()
	answer, _ := call.within(lookFor + patience)
	return answer, nil
}

// retry calls a Storm that did not answer last time: one call tries, and the others
// continue with what is known. So does that one when its patience ends.
func retry[T any](one *oneStorm, ask func(context.Context) T) (answer T, done bool) {
	if !one.trying.CompareAndSwap(false, true) {
		return answer, false
	}
	return runAsync(func() T {
		defer one.trying.Store(false)
		return ask(context.Background())
	}).within(patience)
}

// async is a function that runs beside its caller. Its panic is the caller's:
// there it becomes a 500, and not the end of the server.
type async[T any] struct {
	done     chan struct{}
	answer   T
	panicked any
}

func runAsync[T any](do func() T) *async[T] {
	a := &async[T]{done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.panicked = caught(func() { a.answer = do() })
	}()
	return a
}

// caught is the panic of a function; nil if there was none.
func caught(do func()) (panicked any) {
	defer func() {
		if value := recover(); value != nil {
			panicked = bug{value: value, stack: string(debug.Stack())}
		}
	}()
	do()
	return nil
}

func (a *async[T]) within(limit time.Duration) (answer T, done bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-a.done:
		if a.panicked != nil {
			panic(a.panicked)
		}
		return a.answer, true
	case <-timer.C:
		return answer, false
	}
}
