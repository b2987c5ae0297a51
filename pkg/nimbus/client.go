package nimbus

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
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

// kind of a call. verify: the Nimbus that it goes to says right before that it
// leads. repeat: it may be made again when its connection breaks, or when the
// Nimbus that failed at it turns out to lead no more.
type kind struct{ verify, repeat bool }

func read() kind   { return kind{repeat: true} }
func change() kind { return kind{verify: true, repeat: true} } // made twice it does the same
func once() kind   { return kind{verify: true} }
func part() kind   { return kind{} } // of an upload: it goes where the upload began, or fails

// do makes one call on a connection to the leader. An untyped failure is a
// verdict only from a Nimbus that still leads.
func (c *Client) do(ctx context.Context, method string, kind kind, call func(context.Context, *conn) (sent bool, err error)) error {
	return c.doWithin(ctx, method, kind, c.limit, call)
}

func (c *Client) doWithin(ctx context.Context, method string, kind kind, limit time.Duration, call func(context.Context, *conn) (sent bool, err error)) error {
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
		if again && (kind == read() || !sent) && ctx.Err() == nil && !isTimeout(err) {
			continue
		}
		return &UnreachableError{At: at, Why: why(err), Unsent: !sent}
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

// take is a connection to the leader: a kept one where the leader said lately
// that it leads (and says so now, if verify), else a new one.
func (c *Client) take(ctx context.Context, verify bool) (*conn, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, &UnreachableError{At: c.At(), Why: "the client is closed", Unsent: true}
	}
	var kept *conn
	if n := len(c.idle); n > 0 {
		kept, c.idle = c.idle[n-1], c.idle[:n-1]
	}
	leader, lately := c.leader, time.Since(c.asked) < leaderFor
	c.mu.Unlock()

	if kept != nil && lately && !verify {
		return kept, nil
	}
	if kept != nil {
		if said, err := c.askLeader(ctx, kept); err == nil && said.At() == kept.at {
			c.led(said)
			return kept, nil
		}
		c.drop(kept)
	} else if lately && !verify {
		if conn, err := c.connect(ctx, leader.At()); err == nil {
			return conn, nil
		}
	}
	return c.find(ctx)
}

// find asks the seeds, each in turn, who leads, and connects there.
func (c *Client) find(ctx context.Context) (*conn, error) {
	if len(c.seeds) == 0 {
		return nil, &UnreachableError{At: "no address", Why: "no seed is given", Unsent: true}
	}
	var failed []string
	var last error
	refused := true
	for _, seed := range c.seeds {
		conn, err := c.follow(ctx, seed)
		if err == nil {
			return conn, nil
		}
		last = err
		var address *refusedAddress
		refused = refused && errors.As(err, &address)
		failed = append(failed, seed+" ("+why(err)+")")
		if ctx.Err() != nil {
			break
		}
	}
	if len(c.seeds) == 1 {
		return nil, &UnreachableError{At: c.seeds[0], Why: why(last), Unsent: true, Refused: refused}
	}
	return nil, &UnreachableError{At: c.At(), Why: strings.Join(failed, ", "), Unsent: true, Refused: refused}
}

// follow is a connection to the leader that one seed names.
func (c *Client) follow(ctx context.Context, seed string) (*conn, error) {
	asked, err := c.connect(ctx, seed)
	if err != nil {
		return nil, err
	}
	leader, err := c.askLeader(ctx, asked)
	if err != nil {
		_ = asked.Close()
		return nil, err
	}
	if leader.At() == seed {
		c.led(leader)
		return asked, nil
	}
	_ = asked.Close()
	conn, err := c.connect(ctx, leader.At())
	if err != nil {
		return nil, &leaderError{leader: leader.At(), err: err}
	}
	c.led(leader)
	return conn, nil
}

func (c *Client) connect(ctx context.Context, at string) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	return dial(ctx, at, c.loopback)
}

func (c *Client) askLeader(ctx context.Context, at *conn) (storm.Leader, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	asker := &asker{conn: at}
	said, err := gen.NewNimbusClient(asker).GetLeader(ctx)
	var application thrift.TApplicationException
	switch {
	case errors.As(err, &application) && application.TypeId() == thrift.MISSING_RESULT:
		// Storm answers null where ZooKeeper has no entry for the leader
		// (storm-server/.../nimbus/Nimbus.java getLeader, v2.8.1).
		return storm.Leader{}, errNoLeader
	case err != nil:
		return storm.Leader{}, err
	}
	return storm.Leader{
		Host: said.Host, Port: said.Port, Version: said.Version,
		Start: time.Now().Unix() - int64(said.UptimeSecs),
	}, nil
}

// led keeps who leads; connections to another one are given up.
func (c *Client) led(leader storm.Leader) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !leader.Same(c.leader) {
		c.dropIdle()
		c.leader = leader
	}
	c.asked = time.Now()
}

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

func join(host string, port int32) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }
