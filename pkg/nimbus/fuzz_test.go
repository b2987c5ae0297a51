package nimbus

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
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
			// The address is never dialled: this connection is the only one.
			c := New([]string{"127.0.0.1"}, 1)
			c.leader.Host, c.leader.Port, c.asked = "127.0.0.1", 1, time.Now()
			c.idle = []*conn{{Conn: saying{bytes.NewReader(frameOf(body))}, at: c.leader.At()}}
			err := read(context.Background(), c)
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
