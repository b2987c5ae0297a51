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
	// leaderFor is how long the leader's answer that it leads is good for a read. A
	// call that changes something asks it again every time.
	leaderFor = 5 * time.Second
	// atOnce limits the calls, and so the connections, to one Nimbus at a time.
	atOnce = 4
)

// started is when this process began. unix counts from there by a clock that no one
// sets: a step of the wall clock must not lengthen a wait, nor make a leader another.
var started = time.Now()

// unix is the time in seconds since 1970.
func unix() int64 { return started.Add(time.Since(started)).Unix() }

// Client calls one Storm. It connects at the first call, to the leader that the seeds
// name, and again when that leader is gone. Several may use it at once.
type Client struct {
	seeds []string
	dial  dialer
	limit time.Duration
	slots chan struct{}

	tls      *secured // nil: without TLS
	identity Identity // nil: without a client certificate

	large tooLargeBefore

	mu     sync.Mutex
	leader storm.Leader
	route  string // where the leader was dialled
	// noList is the last leader that did not know getTopologySummaries.
	noList storm.Leader
	asked  time.Time
	idle   []*conn
	closed bool
}

// Option changes a Client.
type Option func(*Client)

// AllowLoopback makes the client dial loopback addresses: for tests, and for the
// recorder.
func AllowLoopback() Option { return func(c *Client) { c.dial = guarded(true) } }

// WithLimit replaces the 2 s that a call may take whose cost does not grow with the
// Storm.
func WithLimit(limit time.Duration) Option { return func(c *Client) { c.limit = limit } }

// New is a Client for the Storm that the seeds lead to. Nothing is connected yet.
func New(seeds []string, port int32, options ...Option) *Client {
	c := &Client{dial: guarded(false), limit: callLimit, slots: make(chan struct{}, atOnce)}
	for _, seed := range seeds {
		c.seeds = append(c.seeds, join(seed, port))
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Close closes the connections. A later call fails.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.dropIdle()
}

// At is the seeds as a person would type them.
func (c *Client) At() string { return strings.Join(c.seeds, ", ") }

// Leader asks which Nimbus leads now.
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

// request is one call of a method to the leader.
type request struct {
	client *Client
	method string
	// verify: right before the call, its Nimbus must say that it leads.
	verify bool
	// repeat: the call may be made again if the Nimbus that failed in it does not
	// lead any more.
	repeat bool
	limit  time.Duration
}

func (c *Client) read(method string) request {
	r := request{client: c, method: method, repeat: true, limit: c.limit}
	if growing(method) {
		return r.atLeast(growingLimit)
	}
	return r
}

// growing says whether the time that Nimbus needs for a call grows with the number of
// topologies: it reads several places of ZooKeeper and the blob store for each of them
// (Nimbus.java getTopologySummaryImpl, v2.8.1). 152 topologies took 0.2 to 0.5 s.
func growing(method string) bool {
	return method == "getTopologySummaries" || method == "getClusterInfo"
}

func (r request) isRead() bool { return r.repeat && !r.verify }

// change is a call that changes something in Storm, and has the same effect twice.
func (c *Client) change(method string) request {
	return request{client: c, method: method, verify: true, repeat: true, limit: c.limit}
}

// once is a call that must not be made twice.
func (c *Client) once(method string) request {
	return request{client: c, method: method, verify: true, limit: c.limit}
}

// piece is the call for a piece of an upload: the leader where the upload began
// accepts it, or it fails.
func (c *Client) piece(method string) request {
	return request{client: c, method: method, limit: c.limit}
}

// atLeast gives the call a longer limit.
func (r request) atLeast(limit time.Duration) request {
	r.limit = max(r.limit, limit)
	return r
}

// exchange makes a call on a connection. sent says whether any byte of it may have
// been sent.
type exchange func(context.Context, *conn) (sent bool, err error)

// do makes the call on a connection to the leader, at most twice.
func (r request) do(ctx context.Context, call exchange) error {
	if err := r.client.acquire(ctx); err != nil {
		return err
	}
	defer r.client.release()
	again, err := r.try(ctx, call)
	if again != nil && again() {
		_, err = r.try(ctx, call)
	}
	return err
}

// try makes the call once. The function says whether a second attempt may succeed; nil
// says no.
func (r request) try(ctx context.Context, call exchange) (func() bool, error) {
	conn, err := r.client.take(ctx, r.verify)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	sent, err := call(limited, conn)
	at := conn.at
	verdict := r.client.lacking(typed(r.method, err), at)
	switch {
	case err == nil:
		r.client.give(conn)
		return nil, nil
	case verdict != nil:
		r.client.give(conn)
		// An untyped failure is a verdict only from a Nimbus that still leads.
		return func() bool { return r.repeat && isUntyped(verdict) && r.client.movedFrom(ctx, at) }, verdict
	}
	r.client.drop(conn)
	// A call whose kept connection Nimbus had closed is made again on a new one. One
	// that ran out of time is not: that would double the time.
	// Nor is one whose answer was too large, or has been used in part.
	again := (r.isRead() || !sent) && !isTimeout(err) && !as[*tooLargeError](err) && !as[*partError](err)
	return func() bool { return again && ctx.Err() == nil }, r.unreachable(at, sent, r.client.alerted(err))
}

// unreachable is the error of a call that has no answer that can be read.
func (r request) unreachable(at string, sent bool, err error) *UnreachableError {
	e := &UnreachableError{At: at, Why: whyOf(err), fix: remedyOf(err), Unsent: !sent, Answered: growing(r.method) && isTimeout(err), Lasting: isForeign(err), Busy: errors.Is(err, errNoRoom)}
	var large *tooLargeError
	if errors.As(err, &large) {
		e.Answered, e.TooLarge, e.Method, e.than = true, true, r.method, large.than()
	}
	return e
}

// movedFrom asks the seeds again and says whether another Nimbus leads now.
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
		return &UnreachableError{At: c.At(), Why: "too many calls are waiting for it", Unsent: true, Busy: true}
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

// drop closes a broken connection, and forgets that its peer leads.
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
