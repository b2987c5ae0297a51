package hooks

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Metacontroller has five workers for each controller, and a call that waits for
// a slow Storm holds one. So where there are several Storms, a prompt one is
// waited for as ever; of those that are not, only a few calls at once wait, and
// the others are sent away with a 429, to come again:
//
//	workers   1  2  3  4  5
//	          │  │  └──┴──┴── prompt Storms, and up to patience for a new one
//	          └──┴─────────── seats: whoever waits longer than patience
const (
	// patience is how long anybody may wait. A Nimbus answers in milliseconds.
	patience = 80 * time.Millisecond
	// seatsAtOnce of each kind.
	seatsAtOnce = 2
	// strikes is how often in a row a Storm has to be slow to count as slow: a
	// busy node makes any Storm slow for a moment.
	strikes = 3
	// chanceEach is how often a slow Storm is asked though no seat is free.
	chanceEach = 2 * time.Second
	// slowAct is what a call that changes something may take and still be prompt:
	// Nimbus writes to ZooKeeper before it answers.
	slowAct = time.Second
	// Those sent away come again after soonest to latest: the more, the later,
	// since each costs Metacontroller a read of the API server.
	soonest, latest = 2, 30
	awayWithin      = 10 * time.Second
)

// turnedAway is a call that was not waited for.
type turnedAway struct{ after int }

func (e *turnedAway) Error() string {
	return fmt.Sprintf("the Storm of this object is slow, and others wait for it: again in %d s", e.after)
}

// seats are those on which a slow Storm is waited for.
type seats chan struct{}

func newSeats() seats { return make(seats, seatsAtOnce) }

func (s seats) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// soon is take that waits for a moment.
func (s seats) soon() bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

func (s seats) free() { <-s }

// pace is how quick a Storm is. A slow one is slow until it was quick once.
type pace struct {
	mu     sync.Mutex
	slowly int       // times in a row
	tried  time.Time // when it was last given a chance without a seat
	away   int       // sent away since
	since  time.Time
}

func (p *pace) slow() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slowly >= strikes
}

// chance lets one call in a while go without a seat, for no longer than
// patience: else a Storm that had one bad moment could not show it.
func (p *pace) chance() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.tried) >= chanceEach {
		p.tried = now
		return true
	}
	return false
}

func (p *pace) was(slow bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slowly++
	if !slow {
		p.slowly, p.tried = 0, time.Time{}
	}
}

// sendAway says when to come again.
func (p *pace) sendAway() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slowly < strikes {
		return &turnedAway{1}
	}
	if now := time.Now(); now.Sub(p.since) > awayWithin {
		p.since, p.away = now, 0
	}
	p.away++
	return &turnedAway{min(soonest+p.away/10, latest)}
}

// wait does what may take long: at once where the Storm is prompt, on a seat
// where it is not. The error is a *turnedAway; what was begun is then left to
// end by itself, and those who come again profit from what it found.
func wait[T any](ctx context.Context, p *pace, s seats, do func(context.Context) T) (T, error) {
	var none T
	seated := false
	if p.slow() {
		if seated = s.take(); !seated && !p.chance() {
			return none, p.sendAway()
		}
	}
	began := time.Now()
	doing := begin(func() T { return do(context.WithoutCancel(ctx)) })
	if answer, done := doing.within(patience); done {
		if seated {
			s.free()
		}
		p.was(time.Since(began) > patience)
		return answer, nil
	}
	p.was(true)
	if !seated && !s.take() {
		return none, p.sendAway()
	}
	defer s.free()
	answer, _ := doing.within(lookFor + patience)
	return answer, nil
}

// again asks a Storm that did not answer last time: one call asks and the others
// go on with what is known, and so does that one when its patience ends.
func again[T any](one *oneStorm, ask func(context.Context) T) (answer T, done bool) {
	if !one.trying.CompareAndSwap(false, true) {
		return answer, false
	}
	return begin(func() T {
		defer one.trying.Store(false)
		return ask(context.Background())
	}).within(patience)
}

// doing is something that is done beside its caller. Its panic is the caller's:
// there it becomes a 500, and not the end of the server.
type doing[T any] struct {
	done     chan struct{}
	answer   T
	panicked any
}

func begin[T any](do func() T) *doing[T] {
	d := &doing[T]{done: make(chan struct{})}
	go func() {
		defer close(d.done)
		d.panicked = caught(func() { d.answer = do() })
	}()
	return d
}

// caught is what a function panicked with, nil where it did not.
func caught(do func()) (panicked any) {
	defer func() {
		if value := recover(); value != nil {
			panicked = bug{value: value, stack: string(debug.Stack())}
		}
	}()
	do()
	return nil
}

func (d *doing[T]) within(limit time.Duration) (answer T, done bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-d.done:
		if d.panicked != nil {
			panic(d.panicked)
		}
		return d.answer, true
	case <-timer.C:
		return answer, false
	}
}
