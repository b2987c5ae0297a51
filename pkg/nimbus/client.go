package nimbus

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// callLimit is what one call, or one try to connect, may take.
	callLimit = 2 * time.Second
	// leaderFor is how long the leader's word that it leads is taken for a read.
	// A call that changes something asks it again every time.
	leaderFor = 5 * time.Second
	// atOnce bounds the calls, and so the connections, to one Nimbus.
	atOnce = 4
)

// Client speaks with one Storm. It connects when it is first asked, to the
// leader that the seeds name, and again when that leader is gone. It may be used
// by many at once.
type Client struct {
	seeds    []string
	loopback bool
	limit    time.Duration
	slots    chan struct{}

	mu     sync.Mutex
	leader storm.Leader
	asked  time.Time
	idle   []*conn
	closed bool
}

// Option changes a Client.
type Option func(*Client)

// AllowLoopback lets the client dial loopback addresses: for tests, and for the
// recorder's own.
func AllowLoopback() Option { return func(c *Client) { c.loopback = true } }

// WithLimit replaces the 2 s that a call may take.
func WithLimit(limit time.Duration) Option { return func(c *Client) { c.limit = limit } }

// New is a Client for the Storm that the seeds lead to. Nothing is connected yet.
func New(seeds []string, port int32, options ...Option) *Client {
	c := &Client{limit: callLimit, slots: make(chan struct{}, atOnce)}
	for _, seed := range seeds {
		c.seeds = append(c.seeds, join(seed, port))
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Close gives up the connections. A later call connects no more.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.dropIdle()
}

// At names the seeds as a person would type them.
func (c *Client) At() string { return strings.Join(c.seeds, ", ") }

// Leader asks who leads now.
func (c *Client) Leader(ctx context.Context) (storm.Leader, error) {
	if err := c.acquire(ctx); err != nil {
		return storm.Leader{}, err
	}
	defer c.release()
	conn, err := c.take(ctx, true)
	if err != nil {
		return storm.Leader{}, err
	}
	c.give(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leader, nil
}

// callKind of a call. verify: the Nimbus that it goes to says right before that it
// leads. repeat: it may be made again when its connection breaks, or when the
// Nimbus that failed at it turns out to lead no more.
type callKind struct{ verify, repeat bool }

func readCall() callKind   { return callKind{repeat: true} }
func changeCall() callKind { return callKind{verify: true, repeat: true} } // made twice it does the same
func singleCall() callKind { return callKind{verify: true} }
func pieceCall() callKind  { return callKind{} } // of an upload: it goes where the upload began, or fails

// do makes one call on a connection to the leader. An untyped failure is a
// verdict only from a Nimbus that still leads.
func (c *Client) do(ctx context.Context, method string, kind callKind, call func(context.Context, *conn) (sent bool, err error)) error {
	return c.doWithin(ctx, method, kind, c.limit, call)
}

func (c *Client) doWithin(ctx context.Context, method string, kind callKind, limit time.Duration, call func(context.Context, *conn) (sent bool, err error)) error {
	if err := c.acquire(ctx); err != nil {
		return err
	}
	defer c.release()
	for again := true; ; again = false {
		conn, err := c.take(ctx, kind.verify)
		if err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, limit)
		sent, err := call(limited, conn)
		cancel()
		verdict := typed(method, err)
		var untyped *UntypedError
		switch {
		case err == nil:
			c.give(conn)
			return nil
		case errors.As(verdict, &untyped):
			led := conn.at
			c.give(conn)
			if again && kind.repeat && c.movedFrom(ctx, led) {
				continue
			}
			return verdict
		case verdict != nil:
			c.give(conn)
			return verdict
		}
		at := conn.at
		c.drop(conn)
		// What Nimbus's closing of a kept connection broke is tried on a new one.
		// What ran out of time is not: that would double the time.
		if again && (kind == readCall() || !sent) && ctx.Err() == nil && !isTimeout(err) {
			continue
		}
		return &UnreachableError{At: at, Why: why(err), Unsent: !sent, Answered: tooLarge(err)}
	}
}

// movedFrom asks the seeds anew and says whether someone else leads now.
func (c *Client) movedFrom(ctx context.Context, at string) bool {
	conn, err := c.take(ctx, true)
	if err != nil {
		return false
	}
	c.give(conn)
	return conn.at != at
}

func (c *Client) acquire(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &UnreachableError{At: c.At(), Why: "too many calls wait for it", Unsent: true, Busy: true}
	}
}

func (c *Client) release() { <-c.slots }

// give keeps a connection for the next call.
func (c *Client) give(conn *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || conn.at != c.leader.At() || len(c.idle) >= atOnce {
		_ = conn.Close()
		return
	}
	c.idle = append(c.idle, conn)
}

// drop gives a broken connection up, and with it the word that its peer leads.
func (c *Client) drop(conn *conn) {
	_ = conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = time.Time{}
	c.dropIdle()
}

func (c *Client) dropIdle() {
	for _, conn := range c.idle {
		_ = conn.Close()
	}
	c.idle = nil
}
