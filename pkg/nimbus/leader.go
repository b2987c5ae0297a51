package nimbus

import (
	"context"
	"errors"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// take returns a connection to the leader: a kept one if its peer said lately that it
// leads (or says so now, if verify), else a new one.
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
			c.setLeader(said)
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
		failed = append(failed, seed+" ("+whyOf(err)+")")
		if ctx.Err() != nil {
			break
		}
	}
	if len(c.seeds) == 1 {
		return nil, &UnreachableError{At: c.seeds[0], Why: whyOf(last), Unsent: true, Refused: refused}
	}
	return nil, &UnreachableError{At: c.At(), Why: strings.Join(failed, ", "), Unsent: true, Refused: refused}
}

// follow returns a connection to the leader that one seed names.
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
		c.setLeader(leader)
		return asked, nil
	}
	_ = asked.Close()
	conn, err := c.connect(ctx, leader.At())
	if err != nil {
		return nil, &leaderError{leader: leader.At(), err: err}
	}
	// The seed's answer may be old. What the leader says of itself counts.
	said, err := c.askLeader(ctx, conn)
	if err == nil && said.At() != leader.At() {
		err = &circleError{leader: leader.At(), other: said.At()}
		_ = conn.Close()
		return nil, err
	}
	if err != nil {
		_ = conn.Close()
		return nil, &leaderError{leader: leader.At(), err: err}
	}
	c.setLeader(said)
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
		// Storm answers null if ZooKeeper has no entry for the leader
		// (storm-server/.../nimbus/Nimbus.java getLeader, v2.8.1).
		return storm.Leader{}, errNoLeader
	case err != nil:
		return storm.Leader{}, err
	}
	if !hostName(said.Host) || said.Port < 1 || said.Port > math.MaxUint16 {
		return storm.Leader{}, errLeader
	}
	return storm.Leader{
		Host: said.Host, Port: said.Port, Version: shortWord(said.Version),
		Start: unix() - int64(said.UptimeSecs),
	}, nil
}

// setLeader remembers the leader, and closes connections to a previous one.
func (c *Client) setLeader(leader storm.Leader) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !leader.Same(c.leader) {
		c.dropIdle()
		c.leader = leader
	}
	c.asked = time.Now()
}

func join(host string, port int32) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }
