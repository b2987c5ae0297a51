package nimbus

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net"
	"net/netip"
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
	leader, route, lately := c.leader, c.route, time.Since(c.asked) < leaderFor
	c.mu.Unlock()

	if kept != nil && lately && !verify {
		return kept, nil
	}
	if kept != nil {
		if said, err := c.askLeader(ctx, kept); err == nil && said.At() == kept.at {
			c.setLeader(said, kept.route)
			return kept, nil
		}
		c.drop(kept)
	} else if lately && !verify {
		if conn, err := c.connect(ctx, route); err == nil {
			conn.at = leader.At()
			return conn, nil
		}
	}
	return c.find(ctx)
}

// seedGrace is how long find waits for an earlier seed after the first answer of a later one.
const seedGrace = 200 * time.Millisecond

// find asks all seeds at once who leads, and connects there. The first seed in order that
// leads to a leader counts: the seeds of a StormCluster may be those of two Storms, and the
// second stands by. An earlier seed that does not answer holds up a later one by
// seedGrace at most.
func (c *Client) find(ctx context.Context) (*conn, error) {
	if len(c.seeds) == 0 {
		return nil, &UnreachableError{At: "no address", Why: "no seed is given", Unsent: true}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan followed, len(c.seeds))
	for i, seed := range c.seeds {
		go func() {
			f := c.follow(ctx, seed)
			f.seed = i
			answers <- f
		}()
	}
	heard := make([]*followed, len(c.seeds))
	var grace <-chan time.Time
	for late := false; ; {
		best, sure := firstOf(heard)
		switch {
		case best != nil && (sure || late):
			c.setLeader(best.leader, best.conn.route)
			go closeRest(answers, heard, best)
			return best.conn, nil
		case best != nil && grace == nil:
			grace = time.After(seedGrace)
		case best == nil && sure:
			return nil, c.unled(heard)
		}
		select {
		case f := <-answers:
			heard[f.seed] = &f
		case <-grace:
			late = true
		}
	}
}

// followed is a connection to the leader that one seed names, or why there is none.
type followed struct {
	seed   int
	conn   *conn
	leader storm.Leader
	err    error
}

// firstOf is the first in order that leads to a leader, nil if none does so far; sure: all
// before it, or all, have failed. A seed that has not answered is nil.
func firstOf(heard []*followed) (best *followed, sure bool) {
	sure = true
	for _, f := range heard {
		switch {
		case f == nil:
			sure = false
		case f.err == nil:
			return f, sure
		}
	}
	return nil, sure
}

// closeRest closes what the other seeds lead to, or still lead to.
func closeRest(answers <-chan followed, heard []*followed, best *followed) {
	for _, f := range heard {
		if f == nil {
			late := <-answers
			f = &late
		}
		if f.err == nil && f != best {
			_ = f.conn.Close()
		}
	}
}

// unled is why no seed leads to a leader, in the order of the seeds.
func (c *Client) unled(failed []*followed) error {
	refused, foreign, fix := true, true, ""
	var why []string
	var old *TooOldError
	for i, f := range failed {
		if errors.As(f.err, &old) {
			return old // the other seeds belong to the same Storm, or stand by for another one
		}
		fix = cmp.Or(fix, remedyOf(f.err))
		if errors.Is(f.err, errNoLeader) {
			fix = cmp.Or(fix, noLeaderFix)
		}
		refused, foreign = refused && as[*refusedAddress](f.err), foreign && isForeign(f.err)
		why = append(why, c.seeds[i]+" ("+whyOf(f.err)+")")
	}
	if len(failed) == 1 {
		why = []string{whyOf(failed[0].err)}
	}
	return &UnreachableError{At: c.At(), Why: strings.Join(why, ", "), fix: fix, Unsent: true, Refused: refused, Lasting: refused || foreign}
}

// follow connects to the leader that one seed names.
func (c *Client) follow(ctx context.Context, seed string) followed {
	asked, err := c.connect(ctx, seed)
	if err != nil {
		return followed{err: err}
	}
	leader, err := c.askLeader(ctx, asked)
	if err != nil {
		_ = asked.Close()
		return followed{err: c.recognized(ctx, seed, err)}
	}
	if leader.At() == seed {
		return followed{conn: asked, leader: leader}
	}
	_ = asked.Close()
	conn, err := c.connectTo(ctx, leader, seed)
	if err != nil {
		return followed{err: &leaderError{leader: leader.At(), err: err}}
	}
	// The seed's answer may be old. What the leader says of itself counts.
	said, err := c.askLeader(ctx, conn)
	switch {
	case err != nil:
		err = &leaderError{leader: leader.At(), err: c.recognized(ctx, conn.route, err)}
	case said.At() != leader.At():
		err = &circleError{leader: leader.At(), other: said.At()}
	default:
		return followed{conn: conn, leader: said}
	}
	_ = conn.Close()
	return followed{err: err}
}

func (c *Client) connect(ctx context.Context, at string) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, min(c.limit, callLimit))
	defer cancel()
	dialled, err := c.dial(ctx, at)
	switch {
	case err != nil:
		return nil, err
	case c.tls == nil:
		return &conn{Conn: dialled, at: at, route: at}, nil
	}
	secure, err := c.secure(ctx, dialled, hostOf(at))
	if err != nil {
		_ = dialled.Close()
		return nil, err
	}
	return &conn{Conn: unframed(secure), at: at, route: at, unframed: true}, nil
}

// connectTo connects to the leader that a seed names.
func (c *Client) connectTo(ctx context.Context, leader storm.Leader, seed string) (found *conn, err error) {
	for _, host := range fullNames(leader.Host, hostOf(seed)) {
		if found, err = c.connect(ctx, join(host, leader.Port)); err == nil {
			found.at = leader.At()
			return found, nil
		} else if !noSuchHost(err) {
			return nil, err
		}
	}
	return nil, err
}

// fullNames are the names under which a leader may be found. One without a dot is a name in
// the namespace of Nimbus: that of a Service beside the seed, or of a pod of the headless
// Service that the seed is.
func fullNames(leader, seed string) []string {
	if _, err := netip.ParseAddr(seed); err == nil || strings.ContainsAny(leader, ".:") {
		return []string{leader}
	}
	label, domain, _ := strings.Cut(seed, ".")
	switch {
	case label == leader:
		return []string{seed}
	case domain == "":
		return []string{leader}
	}
	return []string{leader + "." + domain, leader + "." + seed, leader}
}

func hostOf(at string) string {
	host, _, _ := net.SplitHostPort(at)
	return host
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
	case unknownMethod(err):
		return storm.Leader{}, &TooOldError{At: at.at, Method: "getLeader"}
	case err != nil:
		return storm.Leader{}, err
	}
	port := said.Port
	if c.tls != nil {
		port = said.GetTlsPort()
	}
	switch {
	case c.tls != nil && port == 0:
		return storm.Leader{}, errNoTLSPort
	case !storm.ValidHost(said.Host), port < 1, port > math.MaxUint16:
		return storm.Leader{}, errLeader
	}
	leader := storm.Leader{
		Host: said.Host, Port: port, Version: versionOf(said.Version),
		Start: unix() - int64(said.UptimeSecs),
	}
	return leader, tooOld(leader, leader.At())
}

const versionLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+"

// versionOf is a version that can stand in an advice: one plain word.
func versionOf(said string) string {
	if len(said) > longestWord || strings.Trim(said, versionLetters) != "" {
		return "unknown"
	}
	return said
}

// setLeader remembers the leader, and closes connections to a previous one.
func (c *Client) setLeader(leader storm.Leader, route string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !leader.Same(c.leader) {
		c.dropIdle()
		c.leader = leader
	}
	c.route, c.asked = route, time.Now()
}

func join(host string, port int32) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }
