package storms

import (
	"context"
	"sync"
	"time"
)

// kept is one value that many calls need: it is loaded once for all calls that wait,
// used for keepFor, and not loaded again before its pause is over.
//
// golang.org/x/sync/singleflight would share a load, but its callers cannot say which
// load they join, and a fresh look may join only one that begins after it.
type kept[T any] struct {
	load func(context.Context) (T, error)
	// limit of a load, which belongs to all calls that wait and so has no context of its
	// own.
	limit time.Duration
	// pause is how long after its end the next load may begin; nil is at once. After a
	// failure it is failurePause.
	pause func(value T, took time.Duration) time.Duration
	// loaded is called after each load; nil is nothing.
	loaded func()

	mu     sync.Mutex
	runs   *load[T]
	last   *load[T]      // the newest that has ended; nil if it is too old
	next   time.Time     // when a load may begin again
	took   time.Duration // what the last one took, and the pause after it
	paused time.Duration
}

// load is one load. All but done is written before done is closed.
type load[T any] struct {
	done         chan struct{}
	value        T
	err          error
	panicked     any
	began, ended time.Time
}

// need is what a call needs: a value whose load began after asked or, if it need not be
// fresh, one that is not too old.
type need struct {
	asked time.Time
	fresh bool
}

func (n need) metBy(began, ended time.Time) bool {
	return !began.Before(n.asked) || !n.fresh && (!ended.Before(n.asked) || time.Since(ended) < keepFor)
}

// get returns the value, and when its load began. The error may be a *BusyError: the
// next load may not begin yet, or it takes longer than the call may wait.
func (k *kept[T]) get(ctx context.Context, needs need) (value T, began time.Time, err error) {
	if k.isLong() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, listPatience)
		defer cancel()
	}
	for {
		l, wait := k.join(needs)
		switch {
		case l == nil && (wait > shortPause || !sleep(ctx, wait)), l != nil && wait > listPatience:
			return value, began, &BusyError{RetryAfter: min(wait, maxRetry)}
		case l == nil:
			continue
		}
		select {
		case <-l.done:
		case <-ctx.Done():
			if k.isLong() { // it may succeed yet
				return value, began, &BusyError{RetryAfter: minRetry}
			}
			return value, began, ctx.Err()
		}
		if l.panicked != nil {
			panic(l.panicked) // every call that waits reports the bug
		}
		if l.err != nil || needs.metBy(l.began, l.ended) {
			return l.value, l.began, l.err
		}
	}
}

// isLong: a load may take longer than a call.
func (k *kept[T]) isLong() bool { return k.limit > lookLimit }

// join returns the load to wait for, which may have ended, and how long that will probably
// take; or nil, and how long to wait before one may begin.
func (k *kept[T]) join(needs need) (*load[T], time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	last, wait := k.last, time.Until(k.next)
	switch {
	case last != nil && last.err == nil && needs.metBy(last.began, last.ended):
		return last, 0
	case k.runs != nil:
		return k.runs, k.untilMet(needs)
	case last != nil && last.err != nil && (wait > 0 || !last.ended.Before(needs.asked)):
		return last, 0 // the call would have waited for it, or would wait for another failure
	case wait > 0:
		return nil, wait
	}
	k.runs = &load[T]{done: make(chan struct{}), began: time.Now()}
	go k.run(k.runs)
	return k.runs, k.untilMet(needs)
}

// untilMet is how long it will take until a need is met, if each load takes as long as the
// last one: by the load that runs, or by the one after it.
func (k *kept[T]) untilMet(needs need) time.Duration {
	if !k.isLong() {
		return 0
	}
	wait := k.took - time.Since(k.runs.began)
	if needs.fresh && k.runs.began.Before(needs.asked) {
		wait = max(wait, 0) + k.paused + k.took
	}
	return wait
}

func (k *kept[T]) run(l *load[T]) {
	ctx, cancel := context.WithTimeout(context.Background(), k.limit)
	defer cancel()
	l.panicked = caught(func() { l.value, l.err = k.load(ctx) })
	l.ended = time.Now()
	k.keep(l)
	close(l.done)
	if k.loaded != nil {
		k.loaded()
	}
	ended := l.ended // the timer must not hold the value
	time.AfterFunc(ticketFor, func() { k.dropOf(ended) })
}

func (k *kept[T]) keep(l *load[T]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.runs, k.last = nil, l
	if l.panicked != nil {
		k.last = nil
	}
	k.took, k.paused = 0, 0 // a failure says nothing of the next one
	switch {
	case l.err != nil && k.pause != nil:
		k.next = l.ended.Add(failurePause(l.err))
	case k.pause != nil:
		k.took = l.ended.Sub(l.began)
		k.paused = k.pause(l.value, k.took)
		k.next = l.ended.Add(k.paused)
	}
}

// drop frees the memory of the last load.
func (k *kept[T]) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = nil
}

// dropOf is drop, unless a newer load has ended.
func (k *kept[T]) dropOf(ended time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil && k.last.ended.Equal(ended) {
		k.last = nil
	}
}

// now returns the kept value, however old it is; the zero value if there is none.
func (k *kept[T]) now() (value T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil {
		value = k.last.value
	}
	return value
}

// sleep returns false if the context ends before.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
