package nimbus

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// However a loopback address is spelled, nothing is ever connected there.
func TestSpellingsOfLoopback(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	var connected atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connected.Add(1)
			_ = conn.Close()
		}
	}()
	port := int32(listener.Addr().(*net.TCPAddr).Port)
	for _, seed := range []string{
		"127.0.0.1", "localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.000.000.001",
		"::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0.0.0.0", "0", "::", "ip6-localhost",
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		_, err := New([]string{seed}, port, WithLimit(time.Second)).Leader(ctx)
		cancel()
		if err == nil {
			t.Errorf("%q was asked", seed)
		}
	}
	if n := connected.Load(); n > 0 {
		t.Errorf("%d connections", n)
	}
}

// A leader is dialled like a seed: under the same rules.
func TestLeadersThatAreNeverDialled(t *testing.T) {
	for host, want := range map[string]string{
		"169.254.169.254":        "which cannot be reached: it resolves to 169.254.169.254, a link-local address",
		"::ffff:169.254.169.254": "a link-local address",
		"fd00:ec2::254":          "a cloud's metadata service",
		"0.0.0.0":                "not a host's address",
		"":                       errLeader.Error(),
		"a b":                    errLeader.Error(),
		"nimbus\x1b[31m":         errLeader.Error(),
		"evil/../x":              errLeader.Error(),
		strings.Repeat("a", 254): errLeader.Error(),
	} {
		fake := startFake(t)
		fake.leads(&fakeNimbus{host: host, port: 80})
		_, err := client(t, fake).Leader(context.Background())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want the text %q", host, err, want)
		}
	}
}

// Of Nimbuses that name each other as the leader, none leads.
func TestLeadersInACircle(t *testing.T) {
	fakes := startFakes(t, 2)
	fakes[0].leads(fakes[1])
	fakes[1].leads(fakes[0])
	_, err := client(t, fakes[0]).Leader(context.Background())
	want := "it names " + join(fakes[1].host, fakes[1].port) + " as the leader, but that one names " + join(fakes[0].host, fakes[0].port) + "."
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// A peer's texts are shown to people, and kept: of limited length, and without commands
// for terminals.
func TestLongWords(t *testing.T) {
	fake := startFake(t)
	long := strings.Repeat("\x1b[31mé\x00", 20_000)
	fake.does("killTopologyWithOpts", throws(2, long))
	fake.does("getTopologySummaries", func(_ *cursor, method string, seq int32) []byte {
		return reply(method, seq, func(w *writer) {
			w.field(typeList, 0).raw(binary.BigEndian.AppendUint32([]byte{typeStruct}, 1))
			for id := range int16(2) {
				w.field(typeString, id+1).string(long)
			}
			for id := range int16(4) {
				w.field(typeI32, id+3).i32(1)
			}
			w.field(typeString, 7).string(long)
			w.field(typeString, 513).string(long)
			w.stop()
		})
	})
	c := client(t, fake)
	err := c.Kill(context.Background(), "a", nil)
	var denied *AuthorizationError
	if !errors.As(err, &denied) || len(denied.Msg) > longestSaid || strings.ContainsAny(denied.Msg, "\x1b\x00") {
		t.Errorf("%.200v", err)
	}
	list, err := c.List(context.Background())
	if err != nil || len(list) != 1 {
		t.Fatalf("%d topologies, %v", len(list), err)
	}
	if s := list[0]; len(s.ID)+len(s.Name) > 2*longestSaid || len(s.Status) > longestWord || len(s.SchedStatus) > longestSaid ||
		strings.ContainsAny(s.Status+s.SchedStatus, "\x1b\x00") {
		t.Errorf("%d bytes of id, %d of name, %d of status, %d of sched_status", len(s.ID), len(s.Name), len(s.Status), len(s.SchedStatus))
	}
}

// A few bytes that announce millions of items get no memory for them, and a conf of
// brackets only is skipped.
func TestPromises(t *testing.T) {
	fake := startFake(t)
	promise := func(kind byte) answerer {
		return func(_ *cursor, method string, seq int32) []byte {
			return reply(method, seq, func(w *writer) {
				w.field(typeList, 0).raw(binary.BigEndian.AppendUint32([]byte{kind}, maxList-100))
			})
		}
	}
	fake.does("getTopologySummaries", promise(typeStruct))
	brackets := `{"a":[` + strings.Repeat("[0],", 900_000) + `[]],"storm.zookeeper.servers":["zk"]}`
	fake.does("getNimbusConf", textAnswer(brackets))
	fake.does("getTopologyConf", textAnswer(`{"storm.zookeeper.auth.payload":"canary","stormhooks.owner":"a/b","topology.workers":3,"topology.workers.x":`+strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)+`}`))
	c := client(t, fake)
	if grown := grows(func() { _, _ = c.List(context.Background()) }); grown > 1<<20 {
		t.Errorf("a promise of %d topologies took %d bytes", maxList-100, grown)
	}
	if grown := grows(func() {
		if _, err := c.Self(context.Background()); err != nil {
			t.Error(err)
		}
	}); grown > 10*uint64(len(brackets)) {
		t.Errorf("a conf of %d bytes took %d", len(brackets), grown)
	}
	fake.does("getNimbusConf", textAnswer(`{"storm.zookeeper.servers":["zk"],"storm.scheduler":"ras"}`))
	if self, err := c.Self(context.Background()); err != nil || self.Scheduler != "ras" {
		t.Errorf("%+v, %v", self, err)
	}
	conf, err := c.Conf(context.Background(), "a-1-2")
	if err != nil || len(conf) != 2 || FactsOf(conf).WorkersWanted != 3 {
		t.Errorf("%v, %v", conf, err)
	}
}

// grows is how much a call allocates in all.
func grows(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Only a few large answers are unpacked at a time in the whole process, and one that
// never ends does not block the others.
func TestLargeAnswersTakeTurns(t *testing.T) {
	var clients []*Client
	for range 6 {
		fake := startFake(t)
		fake.does("getTopologySummaries", func(_ *cursor, method string, seq int32) []byte {
			return reply(method, seq, func(w *writer) { topologies(w, 30_000) })
		})
		c := New([]string{fake.host}, fake.port, AllowLoopback(), WithLimit(10*time.Second))
		t.Cleanup(c.Close)
		clients = append(clients, c)
	}
	done := make(chan int, len(clients))
	for _, c := range clients {
		go func() {
			list, err := c.List(context.Background())
			if err != nil {
				t.Error(err)
			}
			done <- len(list)
		}()
	}
	for range clients {
		if n := <-done; n != 30_000 {
			t.Errorf("%d topologies", n)
		}
	}
	if n := len(largeSlots); n != 0 {
		t.Errorf("%d slots are still taken", n)
	}
}

// topologies writes a list of so many.
func topologies(w *writer, count int) {
	w.field(typeList, 0).raw(binary.BigEndian.AppendUint32([]byte{typeStruct}, uint32(count)))
	for i := range count {
		name := "t" + strconv.Itoa(i)
		w.field(typeString, 1).string(name + "-1-1767268830")
		w.field(typeString, 2).string(name)
		for id := range int16(4) {
			w.field(typeI32, id+3).i32(1)
		}
		w.field(typeString, 7).string("ACTIVE")
		w.stop()
	}
}
