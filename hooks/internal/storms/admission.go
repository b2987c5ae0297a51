package storms

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// BusyError turns a call away that would have waited too long for its Storm.
type BusyError struct {
	// RetryAfter is when the caller should come back.
	RetryAfter time.Duration
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("Storm is slow, or its list of topologies was read just now; retry in %s", e.RetryAfter.Round(time.Millisecond))
}

func newSlots() *semaphore.Weighted { return semaphore.NewWeighted(slotsAtOnce) }

// acquireSoon waits for a slot, but no longer than patience.
func acquireSoon(slots *semaphore.Weighted) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return slots.Acquire(ctx, 1) == nil
}

// latency is how fast a Storm answers. A slow one stays slow until it is fast once.
type latency struct {
	mu          sync.Mutex
	slowStreak  int
	lastTrial   time.Time
	rejected    int // calls since windowStart
	windowStart time.Time
}

func (l *latency) slow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.slowStreak >= slowAfter
}

// trial allows one call from time to time without a slot, for no longer than patience:
// otherwise a Storm could not show that it is fast again.
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

// reject says when to come back.
func (l *latency) reject() *BusyError {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slowStreak < slowAfter {
		return &BusyError{time.Second}
	}
	if now := time.Now(); now.Sub(l.windowStart) > rejectionWindow {
		l.windowStart, l.rejected = now, 0
	}
	l.rejected++
	return &BusyError{min(minRetry+time.Duration(l.rejected/10)*time.Second, maxRetry)}
}

// inquiry is a question to one Storm, beside which there may be others.
type inquiry[T any] struct {
	storm  *client
	others bool
	slots  *semaphore.Weighted
	ask    func(context.Context) (T, error)
	silent func(problem string) T // the answer that stands for none
}

// run asks within the limits of the Storm. One that did not answer just now is not
// asked again at once.
func (i inquiry[T]) run(ctx context.Context) (T, error) {
	problem, justNow := i.storm.silent()
	switch {
	case justNow:
		return i.silent(problem), nil
	case !i.others:
		return i.limited(ctx)
	case problem != "":
		if answer, err, done := i.retry(&i.storm.trying); done {
			return answer, err
		}
		return i.silent(problem), nil
	}
	return i.admit(ctx, &i.storm.lookLatency)
}

func (i inquiry[T]) limited(ctx context.Context) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return i.ask(ctx)
}

// admit asks at once where the Storm is fast, and in a slot where it is not. What has
// begun then ends by itself, and the calls that come back find what it cached.
func (i inquiry[T]) admit(ctx context.Context, l *latency) (T, error) {
	var none T
	hasSlot := false
	if l.slow() {
		if hasSlot = i.slots.TryAcquire(1); !hasSlot && !l.trial() {
			return none, l.reject()
		}
	}
	began := time.Now()
	call := runAsync(func() (T, error) { return i.limited(context.WithoutCancel(ctx)) })
	if answer, err, done := call.within(patience); done {
		if hasSlot {
			i.slots.Release(1)
		}
		l.record(time.Since(began) > patience)
		return answer, err
	}
	l.record(true)
	if !hasSlot && !i.slots.TryAcquire(1) {
		return none, l.reject()
	}
	defer i.slots.Release(1)
	answer, err, done := call.within(Longest)
	if !done {
		return none, l.reject()
	}
	return answer, err
}

// retry asks a Storm that did not answer last time: one call tries, and the others
// continue with what is known. So does that one when its patience ends.
func (i inquiry[T]) retry(trying *atomic.Bool) (answer T, err error, done bool) {
	if !trying.CompareAndSwap(false, true) {
		return answer, nil, false
	}
	return runAsync(func() (T, error) {
		defer trying.Store(false)
		return i.limited(context.Background())
	}).within(patience)
}
