package nimbus

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
)

// arriving is the rest of a message that is still arriving. Its cursor has a window of it,
// or all that has arrived if it is kept whole.
type arriving struct {
	ctx  context.Context
	from io.Reader
	// left is how much may still come, short what it means if more were needed.
	left  int
	short error
	whole bool

	taken  int  // bytes that have arrived
	inTurn bool // has one of turns

	kept    int // bytes of memory for what is kept of it
	counted int // as much of them as room has counted
	giveUp  context.CancelCauseFunc
}

// bring makes at least n bytes available at the cursor.
func (a *arriving) bring(c *cursor, n int) {
	missing := n - (len(c.frame) - c.at)
	if missing > a.left {
		c.err = a.short
		return
	}
	if !a.whole {
		if c.frame == nil {
			c.frame = make([]byte, 0, window)
		}
		c.frame = c.frame[:copy(c.frame, c.frame[c.at:])]
		c.at = 0
	}
	for missing > 0 && c.err == nil {
		space := a.space(c, missing)
		var got int
		got, c.err = io.ReadAtLeast(a, space, min(missing, len(space)))
		if errors.Is(c.err, io.EOF) && a.taken > 0 {
			c.err = io.ErrUnexpectedEOF
		}
		c.frame = c.frame[:len(c.frame)+got]
		missing -= got
	}
}

// space is where the next bytes go. A message that is kept whole grows with what arrives,
// not with what was announced.
func (a *arriving) space(c *cursor, missing int) []byte {
	free := cap(c.frame)
	if a.whole {
		step := min(missing, 32<<10)
		c.frame = slices.Grow(c.frame, step)
		free = len(c.frame) + step
	}
	return c.frame[len(c.frame):min(free, len(c.frame)+a.left)]
}

// turns are for taking in what has arrived of large answers.
var turns = make(chan struct{}, largeAtOnce)

// Read implements io.Reader. An answer has no turn while it waits for its peer. A large one
// lets others run each time, who would otherwise wait for the end of a time slice (10 ms).
func (a *arriving) Read(p []byte) (int, error) {
	if a.inTurn {
		runtime.Gosched()
	}
	a.endTurn()
	n, err := a.from.Read(p)
	a.left -= n
	if a.taken += n; a.taken <= largeAnswer || a.ctx == nil {
		return n, err
	}
	select {
	case turns <- struct{}{}:
		a.inTurn = true
		return n, err
	case <-a.ctx.Done():
		return n, a.ctx.Err()
	}
}

func (a *arriving) endTurn() {
	if a.inTurn {
		a.inTurn = false
		<-turns
	}
}

// end gives back what the answer has of the process.
func (a *arriving) end() {
	a.endTurn()
	if a.counted > 0 {
		room.give(a)
	}
}

// keep counts the memory for what is kept of the answer.
func (a *arriving) keep(bytes int) error {
	if a.kept += bytes; a.kept > maxKept {
		return &tooLargeError{limit: maxKept, kept: true}
	}
	if a.kept > a.counted+keptStep {
		room.take(a, keptStep)
		return a.ctx.Err() // it may be the one that is given up
	}
	return nil
}

// errNoRoom: the answer was given up, since it was the largest of too many.
var errNoRoom = errors.New("too many large answers arrive at once")

// memory is what all answers share that are arriving.
type memory struct {
	mu     sync.Mutex
	limit  int
	shares map[*arriving]bool
}

var room = memory{limit: keptAtOnce, shares: map[*arriving]bool{}}

// take counts more memory for an answer, and gives up the largest ones where that is too
// much.
func (m *memory) take(a *arriving, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shares[a] = true
	a.counted += bytes
	for {
		sum, largest := 0, a
		for other := range m.shares {
			if sum += other.counted; other.counted > largest.counted {
				largest = other
			}
		}
		if sum <= m.limit {
			return
		}
		delete(m.shares, largest)
		largest.giveUp(errNoRoom)
	}
}

func (m *memory) give(a *arriving) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.shares, a)
}
