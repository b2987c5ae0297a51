package nimbus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func TestTheLeaderIsFollowed(t *testing.T) {
	fakes := startFakes(t, 3)
	leader := fakes[2]
	leader.does("getTopologySummaries", noTopologies)
	fakes[0].does("getLeader", func(*cursor, string, int32) []byte { return nil }) // a seed that is broken
	fakes[1].leads(leader)
	c := client(t, fakes[0], fakes[1])
	for range 3 {
		if _, err := c.List(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if got := leader.called("getTopologySummaries"); got != 3 {
		t.Errorf("the leader was asked %d times, want 3", got)
	}
	if got := fakes[1].called("getLeader"); got != 1 {
		t.Errorf("the seed got getLeader %d times, want once: the connection is kept", got)
	}
}

func TestNothingIsConnectedUnasked(t *testing.T) {
	fake := startFake(t)
	client(t, fake)
	time.Sleep(20 * time.Millisecond)
	if got := fake.called("getLeader"); got != 0 {
		t.Errorf("%d calls before the first question", got)
	}
}

// An untyped failure is a verdict only from a Nimbus that still leads.
func TestUntypedFailures(t *testing.T) {
	cases := map[string]struct {
		call    func(*Client) error
		method  string
		answer  answerer
		moves   bool
		wantNew int
		wantErr bool
		reason  string
	}{
		"a read, and another leads": {
			func(c *Client) error { _, err := c.List(context.Background()); return err },
			"getTopologySummaries", noTopologies, true, 1, false, "the new leader is asked"},
		"a kill, and another leads": {
			func(c *Client) error { return c.Kill(context.Background(), "x", nil) },
			"killTopologyWithOpts", void, true, 1, false, "the first did not do it"},
		"a submission, and another leads": {
			func(c *Client) error { return c.submitRaw(context.Background(), offer(), time.Second) },
			"submitTopologyWithOpts", void, true, 0, true, "its JAR is not there"},
		"a read, and the same leads": {
			func(c *Client) error { _, err := c.List(context.Background()); return err },
			"getTopologySummaries", noTopologies, false, 0, true, "then the failure is Nimbus's verdict"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fakes := startFakes(t, 2)
			old, next := fakes[0], fakes[1]
			old.does(c.method, func(_ *cursor, method string, seq int32) []byte {
				if c.moves {
					old.leads(next)
				}
				return internalError(method, seq)
			})
			next.does(c.method, c.answer)
			err := c.call(client(t, old))
			var untyped *UntypedError
			if errors.As(err, &untyped) != c.wantErr || (err != nil) != c.wantErr {
				t.Errorf("error %v, want an untyped one: %t: %s", err, c.wantErr, c.reason)
			}
			if got := next.called(c.method); got != c.wantNew {
				t.Errorf("the new leader got %d calls, want %d: %s", got, c.wantNew, c.reason)
			}
		})
	}
}

func offer() submissionOffer {
	return submissionOffer{Name: "x", Location: "inbox/1", Conf: "{}", Topology: []byte{typeStop}, Options: []byte{typeStop}}
}

func TestTypedErrors(t *testing.T) {
	fake := startFake(t)
	c := client(t, fake)
	fake.does("killTopologyWithOpts", throws(1, "x is not alive"))
	fake.does("activate", throws(2, "not authorized"))
	var notAlive *NotAliveError
	if err := c.Kill(context.Background(), "x", nil); !errors.As(err, &notAlive) || notAlive.Msg != "x is not alive" {
		t.Errorf("kill: %v", err)
	}
	var authorization *AuthorizationError
	if err := c.Activate(context.Background(), "x"); !errors.As(err, &authorization) {
		t.Errorf("activate: %v", err)
	}
	var alive *AlreadyAliveError
	var invalid *InvalidTopologyError
	for id, want := range map[int16]any{1: &alive, 2: &invalid, 3: &authorization} {
		fake.does("submitTopologyWithOpts", throws(id, "no"))
		if err := c.submitRaw(context.Background(), offer(), time.Second); !errors.As(err, want) {
			t.Errorf("submission, exception %d: %v", id, err)
		}
	}
}

// The server may be anything but a Nimbus.
func TestJunkAnswers(t *testing.T) {
	size := func(n uint32, rest string) []byte { return append(binary.BigEndian.AppendUint32(nil, n), rest...) }
	cases := map[string]struct {
		answer answerer
		why    string
	}{
		"HTTP":                  {func(*cursor, string, int32) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }, "does not speak Nimbus's Thrift"},
		"a huge frame":          {func(*cursor, string, int32) []byte { return size(maxList+1, "") }, "larger than the limit of 32 MiB"},
		"an empty frame":        {func(*cursor, string, int32) []byte { return size(0, "") }, "does not speak Nimbus's Thrift"},
		"a frame of noise":      {func(*cursor, string, int32) []byte { return size(8, "\xff\xff\xff\xff\x7f\xff\xff\xff") }, "does not speak Nimbus's Thrift"},
		"half a frame":          {func(*cursor, string, int32) []byte { return nil }, "closed the connection"},
		"another call's answer": {func(_ *cursor, method string, seq int32) []byte { return void(nil, method, seq+1) }, "does not speak Nimbus's Thrift"},
		"another method's":      {func(_ *cursor, _ string, seq int32) []byte { return void(nil, "other", seq) }, "does not speak Nimbus's Thrift"},
		"a list of a milliard": {func(_ *cursor, method string, seq int32) []byte {
			return reply(method, seq, func(w *writer) { w.field(typeList, 0).raw([]byte{typeStruct, 0x3f, 0, 0, 0}) })
		}, "does not speak Nimbus's Thrift"},
		"an answer cut short": {func(_ *cursor, method string, seq int32) []byte {
			w := newMessage(messageReply, method, seq)
			w.field(typeList, 0).raw([]byte{typeStruct, 0, 0, 0, 1, typeString, 0, 1})
			return w.frame()
		}, "does not speak Nimbus's Thrift"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fake := startFake(t)
			fake.does("getTopologySummaries", c.answer)
			_, err := client(t, fake).List(context.Background())
			var unreachable *UnreachableError
			if !errors.As(err, &unreachable) || !strings.Contains(unreachable.Why, c.why) {
				t.Errorf("%v, want the text %q", err, c.why)
			}
			fake.does("getTopologySummaries", noTopologies)
			if _, err := client(t, fake).List(context.Background()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// A call has 2 s, here 0.5 s, unless its cost grows with the Storm: then it has what its
// caller has.
func TestSlowAnswers(t *testing.T) {
	fake := startFake(t)
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	for _, method := range []string{"getTopologySummaries", "getClusterInfo", "getTopologyConf"} {
		fake.does(method, func(*cursor, string, int32) []byte { <-hold; return nil })
	}
	c := client(t, fake)
	for name, test := range map[string]struct {
		call     func(context.Context) error
		answered bool
		within   time.Duration
		of       time.Duration
	}{
		"a conf":                        {func(ctx context.Context) error { _, err := c.Conf(ctx, "a-1-1"); return err }, false, 500 * time.Millisecond, 5 * time.Second},
		"a list":                        {func(ctx context.Context) error { _, err := c.List(ctx); return err }, true, 800 * time.Millisecond, 800 * time.Millisecond},
		"what the Storm says of itself": {func(ctx context.Context) error { _, err := c.ClusterInfo(ctx); return err }, true, 800 * time.Millisecond, 800 * time.Millisecond},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), test.of)
		started := time.Now()
		err := test.call(ctx)
		took := time.Since(started)
		cancel()
		var unreachable *UnreachableError
		if !errors.As(err, &unreachable) || unreachable.Why != "it does not answer in time" || unreachable.Unsent || unreachable.Answered != test.answered {
			t.Errorf("%s: %+v", name, err)
		}
		if took < test.within || took > test.within+test.within*2/3 {
			t.Errorf("%s took %v of %v: a call that ran out of time is not repeated", name, took, test.within)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(30*time.Millisecond, cancel)
	started := time.Now()
	if _, err := c.List(ctx); err == nil || time.Since(started) > 300*time.Millisecond {
		t.Errorf("a cancelled call ended after %v: %v", time.Since(started), err)
	}
}

// A list that takes 4 s, as that of some thousand topologies does: a look, a call and a
// handover succeed.
func TestASlowList(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := startStorm(t)
	s.runs(submission().Fingerprint)
	s.does("getTopologySummaries", func(args *cursor, method string, seq int32) []byte {
		time.Sleep(4 * time.Second)
		return s.list(args, method, seq)
	})
	c := New([]string{s.host}, s.port, AllowLoopback())
	t.Cleanup(c.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if view := c.Look(ctx, "wordcount", ""); view.Topology == nil || !view.Listed {
		t.Errorf("the look of the hook server: %s", view.Problem)
	}
	jar := filepath.Join(t.TempDir(), "topology.jar")
	if err := os.WriteFile(jar, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	sub := submission()
	sub.Jar = jar
	if handed, failed := c.HandOver(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf); failed != nil || handed.ID == "" {
		t.Errorf("the handover: %+v %v", handed, failed)
	}
	if outcome := c.Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "wordcount", ID: s.there.ID}, direct{c}); outcome.Problem != "" {
		t.Errorf("the kill: %s", outcome.Problem)
	}
}

// Seeds are asked side by side: those that do not answer hold up no one, and a message
// names each that was asked.
func TestSilentSeedsHoldUpNoOne(t *testing.T) {
	fakes := startFakes(t, 4)
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	silent := func(*cursor, string, int32) []byte { <-hold; return nil }
	for _, fake := range fakes[:3] {
		fake.does("getLeader", silent)
	}
	started := time.Now()
	leader, err := client(t, fakes...).Leader(context.Background())
	if took := time.Since(started); err != nil || leader.Host != fakes[3].host || took > 400*time.Millisecond {
		t.Errorf("%+v %v after %v", leader, err, took)
	}
	fakes[3].leads(nil)
	started = time.Now()
	_, err = client(t, fakes...).Leader(context.Background())
	if took := time.Since(started); took > 900*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	for i, fake := range fakes {
		why := []string{"it does not answer in time", "it names no leader: Nimbus is starting, or has no ZooKeeper"}[i/3]
		if want := fmt.Sprintf("%s (%s)", join(fake.host, fake.port), why); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// The seeds of two Storms, each with its own leader: the first seed counts at each new
// connection, also where the second answers sooner.
func TestTheFirstSeedCounts(t *testing.T) {
	fakes := startFakes(t, 2)
	for i := range 20 {
		fakes[0].does("getLeader", func(_ *cursor, method string, seq int32) []byte {
			time.Sleep(time.Duration(i) * time.Millisecond)
			return reply(method, seq, func(w *writer) {
				w.field(typeStruct, 0)
				fakes[0].summary(w)
			})
		})
		leader, err := client(t, fakes...).Leader(context.Background())
		if err != nil || leader.At() != join(fakes[0].host, fakes[0].port) {
			t.Fatalf("connection %d: %+v, %v", i, leader, err)
		}
	}
}

func TestFirstOf(t *testing.T) {
	fails, leads, silent := &followed{err: errNoLeader}, &followed{}, (*followed)(nil)
	for _, tc := range []struct {
		reason string
		heard  []*followed
		best   int
		sure   bool
	}{
		{"none has answered", []*followed{silent, silent}, -1, false},
		{"the first has", []*followed{leads, silent}, 0, true},
		{"the first still may", []*followed{silent, leads}, 1, false},
		{"those before it have failed", []*followed{fails, leads, silent}, 1, true},
		{"one before it has not", []*followed{fails, silent, leads}, 2, false},
		{"all have failed", []*followed{fails, fails}, -1, true},
	} {
		best, sure := firstOf(tc.heard)
		if tc.best < 0 && best != nil || tc.best >= 0 && best != tc.heard[tc.best] || sure != tc.sure {
			t.Errorf("%s: %v, %v", tc.reason, best, sure)
		}
	}
}

// A read whose kept connection was closed is made again. A change never is.
func TestBrokenConnections(t *testing.T) {
	fake := startFake(t)
	fake.does("getTopologySummaries", noTopologies)
	c := client(t, fake)
	if _, err := c.List(context.Background()); err != nil {
		t.Fatal(err)
	}
	var failed atomic.Bool
	fake.does("getTopologySummaries", func(args *cursor, method string, seq int32) []byte {
		if failed.CompareAndSwap(false, true) {
			return nil
		}
		return noTopologies(args, method, seq)
	})
	if _, err := c.List(context.Background()); err != nil {
		t.Errorf("the read was not made again: %v", err)
	}
	fake.does("killTopologyWithOpts", func(*cursor, string, int32) []byte { return nil })
	err := c.Kill(context.Background(), "x", nil)
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || unreachable.Unsent {
		t.Errorf("kill: %v: it is unknown whether it was done", err)
	}
	if got := fake.called("killTopologyWithOpts"); got != 1 {
		t.Errorf("the kill was made %d times, want once", got)
	}
}

func TestUnreachable(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	_ = closed.Close()
	noLeader, badLeader := startFake(t), startFake(t)
	noLeader.leads(nil)
	badLeader.leads(&fakeNimbus{host: "127.0.0.1", port: int32(port)})
	at := func(f *fakeNimbus) string { return join(f.host, f.port) }
	cases := map[string]struct {
		client *Client
		want   string
	}{
		"refused": {New([]string{"127.0.0.1"}, int32(port), AllowLoopback()),
			"Storm cannot be reached at 127.0.0.1:" + strconv.Itoa(port) + ": connection refused. Check that Nimbus is running, and check spec.nimbus of the StormCluster"},
		"no leader": {New([]string{noLeader.host}, noLeader.port, AllowLoopback()),
			"Storm cannot be reached at " + at(noLeader) + ": it names no leader: Nimbus is starting, or has no ZooKeeper. Check ZooKeeper. If this lasts for more than two minutes, restart each Nimbus, one after the other"},
		"a leader that does not answer": {New([]string{badLeader.host}, badLeader.port, AllowLoopback()),
			"Storm cannot be reached at " + at(badLeader) + ": it names 127.0.0.1:" + strconv.Itoa(port) + " as the leader, which cannot be reached: connection refused. Check that Nimbus is running, and check spec.nimbus of the StormCluster"},
		"loopback": {New([]string{noLeader.host}, noLeader.port),
			"Stormhooks refuses to connect to " + at(noLeader) + ": it resolves to 127.0.0.1, a loopback address, which is never Nimbus's. Set spec.nimbus of the StormCluster to an address of Nimbus"},
		"no seed": {New(nil, 6627), "Storm cannot be reached at no address: no seed is given. Check that Nimbus is running, and check spec.nimbus of the StormCluster"},
	}
	for name, c := range cases {
		for range 2 { // the second time the same
			_, err := c.client.Leader(context.Background())
			if err == nil || err.Error() != c.want {
				t.Errorf("%s:\n got %v\nwant %s", name, err, c.want)
			}
			for _, fault := range testkit.Form(Message(err), true) {
				t.Errorf("%s: %s: %v", name, fault, err)
			}
			var unreachable *UnreachableError
			if errors.As(err, &unreachable) && !unreachable.Unsent {
				t.Errorf("%s: nothing was sent", name)
			}
		}
	}
}

func TestAddressesThatAreNeverDialled(t *testing.T) {
	cases := map[string]bool{
		"10.0.0.7:6627": true, "192.168.1.1:6627": true, "8.8.8.8:6627": true, "[fd12::7]:6627": true, "[2001:db8::1]:6627": true,
		"127.0.0.1:6627": false, "127.8.8.8:6627": false, "[::1]:6627": false, "[::ffff:127.0.0.1]:6627": false,
		"169.254.169.254:80": false, "169.254.1.1:6627": false, "[fe80::1]:6627": false, "[fe80::1%eth0]:6627": false,
		"[::ffff:169.254.169.254]:80": false, "[64:ff9b::a9fe:a9fe]:80": false, "[64:ff9b::a00:7]:6627": true,
		"0.0.0.0:6627": false, "[::]:6627": false, "224.0.0.1:6627": false, "[ff02::1]:6627": false,
		"100.100.100.200:80": false, "[fd00:ec2::254]:80": false, "192.0.0.192:80": false, "junk": false,
		"168.63.129.16:80": false, "[fd20:ce::254]:80": false, "255.255.255.255:1": false, "0.1.2.3:1": false,
		"[::127.0.0.1]:1": false, "[2002:a9fe:a9fe::]:80": false, "[2002:a00:7::]:6627": true,
		"[64:ff9b:1::a9fe:a9fe]:80": false, "[64:ff9b:1::a00:7]:6627": true,
	}
	for address, allowed := range cases {
		if err := checkAddress(address, false); (err == nil) != allowed {
			t.Errorf("%s: %v, allowed %t", address, err, allowed)
		}
	}
	if err := checkAddress("127.0.0.1:6627", true); err != nil {
		t.Errorf("loopback where it is allowed: %v", err)
	}
	if err := checkAddress("169.254.169.254:80", true); err == nil {
		t.Error("the metadata service where loopback is allowed")
	}
}

// One Nimbus gets only a few calls at once.
func TestCallsAtOnce(t *testing.T) {
	fake := startFake(t)
	var now, most atomic.Int32
	fake.does("getTopologySummaries", func(args *cursor, method string, seq int32) []byte {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		return noTopologies(args, method, seq)
	})
	c := client(t, fake)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := c.List(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := most.Load(); got > atOnce || got < 2 {
		t.Errorf("%d calls at once, want 2 to %d", got, atOnce)
	}
}

// The leader's disk may be slow: a piece of an upload has longer than other calls.
func TestASlowUpload(t *testing.T) {
	fake := startFake(t)
	fake.does("beginFileUpload", textAnswer("/inbox/x.jar"))
	fake.does("finishFileUpload", void)
	fake.does("uploadChunk", func(args *cursor, method string, seq int32) []byte {
		time.Sleep(700 * time.Millisecond) // the limit of other calls is 500 ms here
		return void(args, method, seq)
	})
	if _, err := client(t, fake).Upload(t.Context(), strings.NewReader("jar")); err != nil {
		t.Error(err)
	}
}
