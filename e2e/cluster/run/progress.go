package run

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// heartbeat is how often a long step says that it still runs: a person
// looking at a build of minutes should not think that it hangs.
const heartbeat = 30 * time.Second

// Progress prints each step in a line, with the time since the start.
// Steps may overlap.
type Progress struct {
	out   io.Writer
	began time.Time
	mu    sync.Mutex
}

// NewProgress starts the clock.
func NewProgress(out io.Writer) *Progress {
	return &Progress{out: out, began: time.Now()}
}

// Say prints one line.
func (p *Progress) Say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "[%5s] %s\n", clock(time.Since(p.began)), fmt.Sprintf(format, args...))
}

// Elapsed is the time since the start, as printed.
func (p *Progress) Elapsed() string { return clock(time.Since(p.began)) }

// Do runs a step and says when it began, that it still runs, and what it took.
func (p *Progress) Do(what string, step func() error) error {
	p.Say("%s …", what)
	began := time.Now()
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				p.Say("%s … for %s now", what, clock(time.Since(began)))
			}
		}
	}()
	err := step()
	close(done)
	if err != nil {
		p.Say("%s: failed after %s", what, clock(time.Since(began)))
		return fmt.Errorf("%s: %w", what, err)
	}
	p.Say("%s: done in %s", what, clock(time.Since(began)))
	return nil
}

func clock(d time.Duration) string {
	d = d.Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
