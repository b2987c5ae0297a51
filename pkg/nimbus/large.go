package nimbus

import (
	"sync"
	"time"
)

const (
	// largeFor is how long a call whose answer was too large is not made again: Nimbus
	// makes all of the answer each time, and a topology rarely becomes smaller.
	largeFor = 10 * time.Minute
	// largeKept limits the calls that are remembered.
	largeKept = 1000
)

// tooLargeBefore are calls whose answer was too large, by method and argument.
type tooLargeBefore struct {
	mu    sync.Mutex
	calls map[string]largeCall
}

type largeCall struct {
	at  time.Time
	err error
}

// last is the error of the call, if its answer was too large a while ago.
func (l *tooLargeBefore) last(call string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, is := l.calls[call]; is && time.Since(known.at) < largeFor {
		return known.err
	}
	return nil
}

// remember keeps the error of a call whose answer was too large.
func (l *tooLargeBefore) remember(call string, err error) {
	if !isTooLarge(err) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) >= largeKept || l.calls == nil {
		l.calls = map[string]largeCall{}
	}
	l.calls[call] = largeCall{time.Now(), err}
}
