package nimbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// answeredBy is a client whose next call is answered by a reader. It has no other
// connection.
func answeredBy(answer io.Reader, unframed bool) *Client {
	c := New([]string{"127.0.0.1"}, 1, WithLimit(time.Minute))
	c.dial = func(context.Context, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
	c.leader.Host, c.leader.Port, c.asked = "127.0.0.1", 1, time.Now()
	c.idle = []*conn{{Conn: saying{answer}, at: c.leader.At(), unframed: unframed}}
	return c
}

// framed says of a test whether the answer has a frame; over TLS it has none.
func framed(t *testing.T, answer []byte, test func(t *testing.T, c *Client)) {
	t.Helper()
	t.Run("framed", func(t *testing.T) { test(t, answeredBy(bytes.NewReader(answer), false)) })
	t.Run("without a frame", func(t *testing.T) { test(t, answeredBy(bytes.NewReader(answer[4:]), true)) })
}

// listOfLines is an answer with so many topologies, as Storm has them: each with the
// fields that are not used too, 350 bytes in all and what the scheduler says besides.
func listOfLines(count int, scheduler string) []byte {
	return reply("getTopologySummaries", 1, func(w *writer) {
		w.field(typeList, 0).raw(binary.BigEndian.AppendUint32([]byte{typeStruct}, uint32(count)))
		for i := range count {
			name := fmt.Sprintf("team-%03d-pipeline-%06d", i%1000, i)
			w.field(typeString, 1).string(fmt.Sprintf("%s-%d-1767268830", name, i))
			w.field(typeString, 2).string(name)
			for id := range int16(4) {
				w.field(typeI32, id+3).i32(8)
			}
			w.field(typeString, 7).string("ACTIVE")
			w.field(typeString, 8).string("2.8.1")
			w.field(typeString, 513).string(scheduler)
			w.field(typeString, 514).string("storm")
			w.field(typeI32, 515).i32(1)
			for id := range int16(6) {
				w.field(typeDouble, id+521).raw(make([]byte, 8))
			}
			for _, id := range []int16{527, 528} {
				w.field(typeMap, id).raw([]byte{typeString, typeDouble, 0, 0, 0, 2})
				for _, resource := range []string{"cpu.pcore.percent", "offheap.memory.mb"} {
					w.string(resource)
					w.raw(make([]byte, 8))
				}
			}
			w.stop()
		}
	})
}

// Lists of all sizes: they are read up to the limits, and what is not used of them takes no
// memory.
func TestSizesOfLists(t *testing.T) {
	for _, test := range []struct {
		name      string
		count     int
		scheduler string
		want      string // of the error
	}{
		{"none", 0, "", ""},
		{"5,000 topologies", 5_000, "", ""},
		{"14,000 topologies", 14_000, "", ""},
		{"5,000 with long texts of the scheduler", 5_000, strings.Repeat("x", 6_000), ""},
		{"more than is kept", 40_000, "", "answers getTopologySummaries with more than the 2 MiB that Stormhooks keeps of it."},
		{"more than is read", 5_000, strings.Repeat("x", 7_000), "answers getTopologySummaries with more than the 32 MiB that Stormhooks reads."},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.count > 5_000 {
				t.Skip("takes a second")
			}
			framed(t, listOfLines(test.count, test.scheduler), func(t *testing.T, c *Client) {
				count := 0
				var err error
				grown := grows(func() { err = c.EachTopology(context.Background(), func(Summary) { count++ }) })
				if test.want == "" && (err != nil || count != test.count) {
					t.Errorf("%d topologies, %v", count, err)
				}
				if test.want != "" {
					saysTooLarge(t, err, test.want)
				}
				if most := uint64(count)*64 + 128<<10; grown > most {
					t.Errorf("took %d bytes of memory, want at most %d: its id for each, and no more", grown, most)
				}
			})
		})
	}
}

func saysTooLarge(t *testing.T, err error, want string) {
	t.Helper()
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !unreachable.TooLarge || !unreachable.Answered || !strings.Contains(Message(err), want) {
		t.Fatalf("%v, want %q", err, want)
	}
	for _, fault := range testkit.Form(Message(err), true) {
		t.Error(fault)
	}
}

// Each topology of a list takes its id, and nothing else.
func TestAllocationsOfALine(t *testing.T) {
	answer := listOfLines(1000, "scheduled")
	perCall := testing.AllocsPerRun(5, func() {
		if err := answeredBy(bytes.NewReader(answer), false).EachTopology(context.Background(), func(Summary) {}); err != nil {
			t.Error(err)
		}
	})
	if perCall > 1100 {
		t.Errorf("%.0f allocations for 1,000 topologies, want one for each", perCall)
	}
}

// A conf takes the memory of the settings in use only.
func TestSizesOfConfs(t *testing.T) {
	const used = `"stormhooks.owner":"a/b","topology.workers":3`
	text := strings.Repeat("ü", 1<<20)
	for _, test := range []struct {
		name, conf, want string
	}{
		{"6 MiB of text", `{"a":"` + strings.Repeat(text, 3) + `",` + used + `}`, ""},
		{"6 MiB of numbers", `{"a":[` + strings.Repeat("1234567,", 750_000) + `0],` + used + `}`, ""},
		{"6 MiB of settings", `{` + strings.Repeat(`"stormhooks.no.such":{"a":[1,null]},`, 175_000) + used + `}`, ""},
		{"6 MiB of one setting that is used", `{"storm.scheduler":"` + strings.Repeat(text, 3) + `",` + used + `}`, ""},
		{"one that is used again and again", `{` + strings.Repeat(`"topology.workers":1,`, 20_000) + used + `}`, ""},
		{"more than is read", `{"a":"` + strings.Repeat(text, 9) + `",` + used + `}`, "with more than the 16 MiB that Stormhooks reads."},
		{"no end", `{"a":"` + text, "Nimbus failed in getTopologyConf (its answer is not a JSON object)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			framed(t, textAnswer(test.conf)(nil, "getTopologyConf", 1), func(t *testing.T, c *Client) {
				var conf map[string]any
				var err error
				grown := grows(func() { conf, err = c.Conf(context.Background(), "a-1-1") })
				if test.want == "" && (err != nil || FactsOf(conf).WorkersWanted != 3 || FactsOf(conf).Fingerprint.Owner != "a/b") {
					t.Errorf("%.200v, %v", conf, err)
				}
				if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("%v, want %q", err, test.want)
				}
				if most := uint64(256<<10 + strings.Count(test.conf, `":`)*48); grown > most {
					t.Errorf("took %d bytes of memory, want at most %d", grown, most)
				}
			})
		})
	}
}

// A description takes the memory of the executors' places only.
func TestADescriptionOfThousandsOfExecutors(t *testing.T) {
	framed(t, infoWithStatistics("a-1-1", 5000), func(t *testing.T, c *Client) {
		var info Info
		var err error
		grown := grows(func() { info, err = c.Info(context.Background(), "a-1-1") })
		if err != nil || len(info.Executors) != 5000 || topologyOf(info).Workers != 1 {
			t.Errorf("%d executors, %v", len(info.Executors), err)
		}
		if most := uint64(5000 * 400); grown > most {
			t.Errorf("took %d bytes of memory, want at most %d", grown, most)
		}
	})
}

// dripping is a peer that sends a part of an answer at once, and then a byte from time to
// time.
func dripping(far net.Conn, answer []byte, begin int, every time.Duration) {
	_, _ = far.Read(make([]byte, 1000))
	_, err := far.Write(answer[:begin])
	for at := begin; err == nil && at < len(answer); at++ {
		time.Sleep(every)
		_, err = far.Write(answer[at : at+1])
	}
}

// The limit of a call is absolute: a peer that sends a byte from time to time does not
// extend it.
func TestAPeerThatDrips(t *testing.T) {
	list, info := listOfLines(5_000, strings.Repeat("x", 600)), infoWithStatistics("a-1-1", 1500)
	conf := textAnswer(`{"a":"`+strings.Repeat("a", 5<<20))(nil, "getTopologyConf", 1)
	for name, test := range map[string]struct {
		answer   []byte
		call     func(context.Context, *Client) error
		within   time.Duration
		answered bool
	}{
		"a list": {list, func(ctx context.Context, c *Client) error {
			return c.EachTopology(ctx, func(Summary) {})
		}, 30 * time.Second, true},
		"a conf":        {conf, func(ctx context.Context, c *Client) error { _, err := c.Conf(ctx, "a-1-1"); return err }, callLimit, false},
		"a description": {info, func(ctx context.Context, c *Client) error { _, err := c.Info(ctx, "a-1-1"); return err }, callLimit, false},
	} {
		for _, begin := range []int{0, 3, 20, 3 << 20} {
			for _, unframed := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					near, far := net.Pipe()
					var peer sync.WaitGroup
					defer peer.Wait()
					answer := test.answer
					if unframed {
						answer = answer[4:]
					}
					peer.Go(func() { dripping(far, answer, begin, 100*time.Millisecond) })
					c := answeredBy(nil, unframed)
					c.limit, c.idle[0].Conn = callLimit, near
					ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
					defer cancel()
					began := time.Now()
					err := test.call(ctx, c)
					var unreachable *UnreachableError
					if took := time.Since(began); !errors.As(err, &unreachable) || unreachable.Why != notInTime || took > test.within {
						t.Errorf("%s, %d bytes at once, unframed %t: %v after %v", name, begin, unframed, err, took)
					}
					late := !test.answered && begin > largeAnswer // Storm answers, and will be late again
					if unreachable.Answered != (test.answered || late) || unreachable.TooLarge != late {
						t.Errorf("%s: %+v", name, unreachable)
					}
					for _, fault := range testkit.Form(Message(err), true) {
						t.Error(fault)
					}
					_ = near.Close()
				})
			}
		}
	}
	if len(turns) != 0 || len(room.shares) != 0 {
		t.Errorf("%d turns and %d shares of memory are still taken", len(turns), len(room.shares))
	}
}

// An answer that ends too early, at any byte, is refused.
func TestAnswersThatEndEarly(t *testing.T) {
	for method, answer := range map[string][]byte{
		"list": listOfLines(2, "scheduled"), "conf": textAnswer(`{"topology.workers":1}`)(nil, "getTopologyConf", 1),
		"cluster": clusterInfoOf(&Summary{ID: "a-1-1", Name: "a"})(nil, "getClusterInfo", 1),
		"info":    infoWithStatistics("a-1-1", 2),
	} {
		for cut := range len(answer) {
			for name, c := range map[string]*Client{
				"a frame that breaks off": answeredBy(bytes.NewReader(answer[:cut]), false),
				"a frame that is shorter": answeredBy(bytes.NewReader(frameOf(answer[4:max(cut, 4)])), false),
				"without a frame":         answeredBy(bytes.NewReader(answer[min(4, cut):cut]), true),
			} {
				if err := readsOf(c)[method](context.Background()); err == nil {
					t.Errorf("%s, %s: %d of %d bytes are an answer", method, name, cut, len(answer))
				}
			}
		}
		framed(t, answer, func(t *testing.T, c *Client) {
			if err := readsOf(c)[method](context.Background()); err != nil {
				t.Errorf("%s: the whole of it: %v", method, err)
			}
		})
	}
}

// readsOf are the calls whose answers are read as they arrive.
func readsOf(c *Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"list":    func(ctx context.Context) error { _, err := c.List(ctx); return err },
		"conf":    func(ctx context.Context) error { _, err := c.Conf(ctx, "a-1-1"); return err },
		"cluster": func(ctx context.Context) error { _, err := c.ClusterInfo(ctx); return err },
		"info":    func(ctx context.Context) error { _, err := c.Info(ctx, "a-1-1"); return err },
	}
}

// infoWithStatistics is an answer about a topology with so many executors.
func infoWithStatistics(id string, executors int) []byte {
	return reply("getTopologyInfoWithOpts", 1, func(w *writer) {
		w.field(typeStruct, 0)
		w.field(typeString, 1).string(id)
		w.field(typeString, 2).string("a")
		w.field(typeI32, 3).i32(1)
		w.field(typeList, 4).raw(executorsWithStatistics(executors))
		w.field(typeString, 5).string("ACTIVE")
		w.field(typeMap, 6).raw([]byte{typeString, typeList, 0, 0, 0, 0})
		w.stop()
	})
}

// An answer that announces more than it has is refused. It takes no memory.
func TestHostileLengths(t *testing.T) {
	length := func(kinds []byte, n int32) []byte { return binary.BigEndian.AppendUint32(kinds, uint32(n)) }
	within := func(write func(*writer)) []byte { // in a line of the list
		return reply("getTopologySummaries", 1, func(w *writer) {
			w.field(typeList, 0).raw(length([]byte{typeStruct}, 1))
			write(w)
		})
	}
	for name, kinds := range map[string]struct {
		kind   byte
		before []byte
	}{
		"a text": {typeString, nil}, "a list": {typeList, []byte{typeStruct}}, "a set": {typeSet, []byte{typeI64}}, "a map": {typeMap, []byte{typeString, typeI32}},
	} {
		for _, n := range []int32{-1, -1 << 31, 1<<31 - 1} {
			for place, answer := range map[string][]byte{
				"that is read":    within(func(w *writer) { w.field(typeString, 1).i32(n) }),
				"that is skipped": within(func(w *writer) { w.field(kinds.kind, 600).raw(length(kinds.before, n)) }),
				"at the top":      reply("getTopologySummaries", 1, func(w *writer) { w.field(kinds.kind, 0).raw(length(kinds.before, n)) }),
				"an exception":    reply("getTopologySummaries", 1, func(w *writer) { w.field(typeStruct, 1); w.field(typeString, 1).i32(n) }),
			} {
				framed(t, answer, func(t *testing.T, c *Client) {
					var err error
					grown := grows(func() { _, err = c.List(context.Background()) })
					if err == nil || grown > 128<<10 {
						t.Errorf("%s of %d, %s: %v, %d bytes of memory", name, n, place, err, grown)
					}
				})
			}
		}
	}
}

// An answer that nests too deep is refused.
func TestDeepAnswers(t *testing.T) {
	for name, nested := range map[string][]byte{
		"structs": bytes.Repeat([]byte{typeStruct, 0, 9}, 100_000),
		"lists":   append([]byte{typeList, 0, 9}, bytes.Repeat([]byte{typeList, 0, 0, 0, 1}, 100_000)...),
		"maps":    append([]byte{typeMap, 0, 9}, bytes.Repeat([]byte{typeMap, typeMap, 0, 0, 0, 1}, 100_000)...),
	} {
		framed(t, reply("getTopologySummaries", 1, func(w *writer) { w.raw(nested) }), func(t *testing.T, c *Client) {
			if _, err := c.List(context.Background()); err == nil {
				t.Error(name)
			}
		})
	}
	for _, depth := range []int{deepest, deepest + 1} {
		conf := `{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `,"topology.workers":3}`
		_, err := answeredBy(bytes.NewReader(textAnswer(conf)(nil, "getTopologyConf", 1)), false).Conf(context.Background(), "a-1-1")
		if (err == nil) != (depth == deepest) {
			t.Errorf("a conf of %d brackets: %v", depth, err)
		}
	}
}

// Peers that stop in the middle of large answers hold up no other large answer.
func TestLargeAnswersTakeTurns(t *testing.T) {
	answer := listOfLines(10_000, "")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		var peers sync.WaitGroup
		defer peers.Wait()
		defer cancel()
		for range 3 * largeAtOnce {
			near, far := net.Pipe()
			peers.Go(func() { dripping(far, answer, len(answer)-1000, time.Hour) })
			stalled := answeredBy(nil, false)
			stalled.idle[0].Conn = near
			peers.Go(func() { _, _ = stalled.List(ctx) })
		}
		synctest.Wait()
		if len(turns) != 0 {
			t.Errorf("%d turns are held by answers that wait for their peers", len(turns))
		}
		for range 3 {
			if list, err := answeredBy(bytes.NewReader(answer), false).List(ctx); err != nil || len(list) != 10_000 {
				t.Errorf("%d topologies, %v", len(list), err)
			}
		}
	})
	if len(turns) != 0 || len(room.shares) != 0 {
		t.Errorf("%d turns and %d shares of memory are still taken", len(turns), len(room.shares))
	}
}

// The largest answer makes room for the others.
func TestRoomForAnswers(t *testing.T) {
	m := memory{limit: 10, shares: map[*arriving]bool{}}
	gone := map[string]error{}
	answer := func(name string) *arriving {
		return &arriving{giveUp: func(err error) { gone[name] = err }}
	}
	large, small, late := answer("large"), answer("small"), answer("late")
	for range 7 {
		m.take(large, 1)
	}
	m.take(small, 1)
	m.take(late, 2)
	if len(gone) != 0 {
		t.Errorf("%v, and there is room for all", gone)
	}
	m.take(small, 1)
	if len(gone) != 1 || gone["large"] != errNoRoom {
		t.Errorf("%v, want the largest", gone)
	}
	m.give(late)
	for range 9 {
		m.take(small, 1)
	}
	if len(gone) != 2 {
		t.Errorf("%v: one alone may be too large", gone)
	}
}

// An answer that was given up says so.
func TestAnAnswerWithoutRoom(t *testing.T) {
	usual := room.limit
	room.limit = keptStep
	defer func() { room.limit = usual }()
	answer := listOfLines(10_000, "")
	_, err := answeredBy(bytes.NewReader(answer), false).List(context.Background())
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !unreachable.Busy || !strings.Contains(Message(err), errNoRoom.Error()) {
		t.Errorf("%+v", err)
	}
	if len(room.shares) != 0 {
		t.Errorf("%d shares of memory are still taken", len(room.shares))
	}
}

// An answer that breaks off after a part of it was used is not read again.
func TestAPartIsUsedOnce(t *testing.T) {
	fake := startFake(t)
	fake.does("getTopologySummaries", func(_ *cursor, method string, seq int32) []byte {
		whole := reply(method, seq, func(w *writer) { topologies(w, 10) })
		return whole[:len(whole)-40]
	})
	seen := map[string]int{}
	fake.closes = "getTopologySummaries"
	err := client(t, fake).EachTopology(context.Background(), func(s Summary) { seen[s.ID]++ })
	if err == nil || len(seen) != 9 || seen["t0-1-1767268830"] != 1 || fake.called("getTopologySummaries") != 1 {
		t.Errorf("%v, %v", seen, err)
	}
}
