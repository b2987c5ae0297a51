package nimbus

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// FuzzFrame reads any bytes as a frame: at most as many as announced, and at most the
// limit.
func FuzzFrame(f *testing.F) {
	f.Add(frameOf([]byte("x")))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"))
	f.Add([]byte{0x7f, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{0, 0, 0, 9, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		body, err := readFrame(bytes.NewReader(data), 1<<10)
		if err == nil && !bytes.HasPrefix(data[4:], body) || len(body) > 1<<10 {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
	})
}

// FuzzRecorder sends any bytes to the recorder as a call: it ends the connection, or
// answers in one frame, and it offers what it keeps unchanged.
func FuzzRecorder(f *testing.F) {
	for _, method := range []string{"submitTopologyWithOpts", "submitTopology", "getTopologyConf", "getClusterInfo", "uploadChunk", "nonsense"} {
		f.Add(submissionOffer{Name: "a", Location: "b", Conf: "{}", Topology: []byte{0}, Options: []byte{8, 0, 1, 0, 0, 0, 1, 0}}.
			frame(7)[4:])
		f.Add(call(method, nil)[4:])
	}
	f.Add(bytes.Repeat([]byte{typeStruct, 0, 1}, 500))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = listener.Close() })
	f.Fuzz(func(t *testing.T, body []byte) {
		if method, _ := (&cursor{frame: body}).message(); passedOn[method] != 0 || method == "getClusterInfo" {
			return // a real Nimbus answers those
		}
		r := &Recorder{listener: listener, ctx: context.Background(), recorded: make(chan struct{})}
		answer, err := r.answer(body)
		if err != nil {
			return
		}
		if inner, err := readFrame(bytes.NewReader(answer), maxFrame); err != nil || len(inner)+4 != len(answer) {
			t.Fatalf("not one complete frame: %v", err)
		}
		for _, kept := range r.Submissions() {
			options, err := rewriteOptions(kept.Options, 2, false)
			if err != nil {
				continue
			}
			offer := submissionOffer{Name: kept.Name, Conf: kept.Conf, Topology: kept.Topology, Options: options}
			c := &cursor{frame: offer.frame(1)[4:]}
			c.message()
			if again, err := parseSubmission(c); err != nil || !bytes.Equal(again.Topology, kept.Topology) || again.Conf != kept.Conf {
				t.Fatalf("kept %+v, read again %+v: %v", kept, again, err)
			}
		}
	})
}

// FuzzAnswer has Nimbus answer each call with any bytes: the result is an error that
// can be shown, or values of limited size.
func FuzzAnswer(f *testing.F) {
	for _, write := range []func(*writer){
		func(w *writer) { w.field(typeList, 0); emptyList(w) },
		func(w *writer) { w.field(typeString, 0).string(`{"storm.zookeeper.servers":["a"]}`) },
		func(w *writer) { w.field(typeStruct, 1); w.field(typeString, 1).string("no"); w.stop() },
		func(w *writer) { w.field(typeList, 0).raw([]byte{typeStruct, 0x7f, 0xff, 0xff, 0xff}) },
	} {
		for _, method := range []string{"getTopologySummaries", "getNimbusConf", "getTopologyInfoWithOpts", "getClusterInfo", "getLeader"} {
			f.Add(reply(method, 1, write)[4:])
		}
	}
	reads := map[string]func(context.Context, *Client) error{
		"list":    func(ctx context.Context, c *Client) error { _, err := c.List(ctx); return err },
		"info":    func(ctx context.Context, c *Client) error { _, err := c.Info(ctx, "a-1-2"); return err },
		"conf":    func(ctx context.Context, c *Client) error { _, err := c.Conf(ctx, "a-1-2"); return err },
		"cluster": func(ctx context.Context, c *Client) error { _, err := c.ClusterInfo(ctx); return err },
		"leader":  func(ctx context.Context, c *Client) error { _, err := c.Leader(ctx); return err },
		"kill":    func(ctx context.Context, c *Client) error { return c.Kill(ctx, "a", nil) },
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for name, read := range reads {
			err := read(context.Background(), answeredBy(bytes.NewReader(frameOf(body)), false))
			if err == nil {
				continue
			}
			if said := Message(err); len(said) > longestSaid+500 || text.Clean(said) != said {
				t.Fatalf("%s: %d bytes: %.200q", name, len(said), said)
			}
		}
	})
}

// saying is a connection with one answer, whatever is written to it.
type saying struct{ io.Reader }

func (saying) Write(p []byte) (int, error)      { return len(p), nil }
func (saying) Close() error                     { return nil }
func (saying) LocalAddr() net.Addr              { return nil }
func (saying) RemoteAddr() net.Addr             { return nil }
func (saying) SetDeadline(time.Time) error      { return nil }
func (saying) SetReadDeadline(time.Time) error  { return nil }
func (saying) SetWriteDeadline(time.Time) error { return nil }

// FuzzStream reads random answers as they arrive, and with the generated code from the
// whole of them: both read the same. Then one byte is another one, and the answer is read
// to some end.
func FuzzStream(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed, uint32(seed*37), byte(seed*11))
	}
	f.Fuzz(func(t *testing.T, seed uint64, at uint32, b byte) {
		random := rand.New(rand.NewPCG(seed, 0))
		for method, whole := range map[string]wholeAnswer{
			"list": randomList(random), "cluster": randomCluster(random), "info": randomInfo(random), "conf": randomConf(random),
		} {
			answer, err := encode(whole.method, thrift.REPLY, 1, whole.answer)
			if err != nil {
				t.Fatal(err)
			}
			framed(t, answer, func(t *testing.T, c *Client) {
				if got, err := whole.read(c); err != nil {
					t.Errorf("%s: %v", method, err)
				} else if diff := cmp.Diff(whole.want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s (-want +got): %s", method, diff)
				}
			})
			answer[4+int(at)%(len(answer)-4)] = b
			framed(t, answer, func(t *testing.T, c *Client) { _, _ = whole.read(c) })
		}
	})
}

// wholeAnswer is an answer of Nimbus in the generated code, and what a client reads of it.
type wholeAnswer struct {
	method string
	answer thrift.TStruct
	want   any
	read   func(*Client) (any, error)
}

func randomText(random *rand.Rand) string {
	texts := []string{"", "a", "wordcount", "team_a-b", "ACTIVE", "KILLED", "name with spaces", strings.Repeat("long", 100), "\x1b[31mé\x00", "\xff", strings.Repeat("ü", 3000)}
	return texts[random.IntN(len(texts))]
}

func randomTopologies(random *rand.Rand) (all []*gen.TopologySummary, kept []Summary) {
	for range random.IntN(40) {
		name := randomText(random)
		id := []string{name + "-1-1767268830", name, randomText(random)}[random.IntN(3)]
		s := &gen.TopologySummary{
			ID: id, Name: name, Status: randomText(random), NumWorkers: random.Int32(), NumExecutors: -random.Int32(), NumTasks: random.Int32(), UptimeSecs: random.Int32(),
		}
		if random.IntN(2) == 0 {
			said := randomText(random)
			s.SchedStatus = &said
		}
		all = append(all, s)
		if !manageable(name) {
			continue
		}
		line := Summary{ID: id, Name: name, Status: shortWord(s.Status), Workers: int(s.NumWorkers), Executors: int(s.NumExecutors), Tasks: int(s.NumTasks), Uptime: int(s.UptimeSecs)}
		if !storm.ValidID(id) {
			line.ID = ""
		}
		kept = append(kept, line)
	}
	return all, kept
}

func randomList(random *rand.Rand) wholeAnswer {
	all, kept := randomTopologies(random)
	if all == nil {
		all = []*gen.TopologySummary{}
	}
	return wholeAnswer{"getTopologySummaries", &gen.NimbusGetTopologySummariesResult{Success: all}, kept,
		func(c *Client) (any, error) { return c.List(context.Background()) }}
}

func randomCluster(random *rand.Rand) wholeAnswer {
	all, kept := randomTopologies(random)
	said := &gen.ClusterSummary{Topologies: all, Nimbuses: []*gen.NimbusSummary{{Host: randomText(random)}}}
	want := storm.ClusterView{Leader: "127.0.0.1:1", Topologies: len(all)}
	for range random.IntN(20) {
		s := &gen.SupervisorSummary{Host: randomText(random), NumWorkers: random.Int32N(100), NumUsedWorkers: random.Int32N(100), SupervisorID: randomText(random)}
		said.Supervisors = append(said.Supervisors, s)
		want.Supervisors, want.SlotsTotal, want.SlotsUsed = want.Supervisors+1, want.SlotsTotal+int(s.NumWorkers), want.SlotsUsed+int(s.NumUsedWorkers)
	}
	answer := &gen.NimbusGetClusterInfoResult{Success: said}
	if random.IntN(2) == 0 {
		return wholeAnswer{"getClusterInfo", answer, want, func(c *Client) (any, error) { return c.ClusterInfo(context.Background()) }}
	}
	return wholeAnswer{"getClusterInfo", answer, kept, func(c *Client) (any, error) {
		c.noList = c.leader
		return c.List(context.Background())
	}}
}

func randomInfo(random *rand.Rand) wholeAnswer {
	said, sched := &gen.TopologyInfo{ID: "a-1-1", Name: "a", Status: randomText(random), UptimeSecs: random.Int32(), Errors: map[string][]*gen.ErrorInfo{}}, randomText(random)
	said.SchedStatus = &sched
	want := Info{ID: "a-1-1", Name: "a", Status: shortWord(said.Status), Uptime: int(said.UptimeSecs), SchedStatus: saidBy(sched)}
	for range random.IntN(30) {
		e := &gen.ExecutorSummary{ExecutorInfo: &gen.ExecutorInfo{TaskStart: random.Int32(), TaskEnd: random.Int32()}, ComponentID: randomText(random), Host: "host" + strconv.Itoa(random.IntN(3)), Port: random.Int32(), UptimeSecs: random.Int32()}
		one := Executor{FirstTask: int(e.ExecutorInfo.TaskStart), EndTask: int(e.ExecutorInfo.TaskEnd), Host: e.Host, Port: int(e.Port), Uptime: int(e.UptimeSecs)}
		if random.IntN(2) == 0 {
			count := random.Int64N(1 << 40)
			e.Stats = &gen.ExecutorStats{Emitted: map[string]map[string]int64{"600": {"default": 7}, ":all-time": {"default": count, "errors": 1}}}
			one.Emitted = count + 1
		}
		said.Executors, want.Executors = append(said.Executors, e), append(want.Executors, one)
	}
	want.Components = countedComponents(said.Executors)
	newest := int32(0)
	for component := range random.IntN(5) {
		e := &gen.ErrorInfo{Error: randomText(random) + "\n\tat", ErrorTimeSecs: newest + 1}
		said.Errors["c"+strconv.Itoa(component)], newest = []*gen.ErrorInfo{e}, e.ErrorTimeSecs
		want.LastError = &storm.ComponentError{Component: "c" + strconv.Itoa(component), Message: firstLine(e.Error), Time: int64(newest)}
	}
	return wholeAnswer{"getTopologyInfoWithOpts", &gen.NimbusGetTopologyInfoWithOptsResult{Success: said}, want,
		func(c *Client) (any, error) { return c.Info(context.Background(), "a-1-1") }}
}

func countedComponents(executors []*gen.ExecutorSummary) (components []storm.Component) {
	counted := map[string]storm.Component{}
	for _, e := range executors {
		name := e.ComponentID[:min(len(e.ComponentID), storm.LongestComponent+1)]
		c := counted[name]
		counted[name] = storm.Component{Name: name, Executors: c.Executors + 1, Tasks: c.Tasks + int(e.ExecutorInfo.TaskEnd) - int(e.ExecutorInfo.TaskStart) + 1}
	}
	for _, name := range slices.Sorted(maps.Keys(counted)) {
		components = append(components, counted[name])
	}
	return components
}

func firstLine(said string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if line = text.Said(line, longestVerdict); line == "" {
		return "an error without a text"
	}
	return line
}

// randomConf has settings that are used, and others, with values of all kinds. JSON escapes
// some letters of them.
func randomConf(random *rand.Rand) wholeAnswer {
	conf, want := map[string]any{}, map[string]any{}
	values := []any{"a<b>&\u2028", 7, 1e300, true, nil, []any{1, "]", map[string]any{"}": []any{}}}, map[string]any{"\"": "\\"}, randomText(random)}
	for range random.IntN(30) {
		key, value := randomText(random)+strconv.Itoa(random.IntN(9)), values[random.IntN(len(values))]
		if random.IntN(3) == 0 {
			key = append(settingsRead, storm.KeyOwner)[random.IntN(len(settingsRead)+1)]
			text, _ := json.Marshal(value)
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.UseNumber()
			var is any
			_ = decoder.Decode(&is)
			want[key] = is
		}
		conf[key] = value
	}
	said, _ := json.MarshalIndent(conf, " ", "\t")
	answer := string(said)
	return wholeAnswer{"getTopologyConf", &gen.NimbusGetTopologyConfResult{Success: &answer}, want,
		func(c *Client) (any, error) { return c.Conf(context.Background(), "a-1-1") }}
}
