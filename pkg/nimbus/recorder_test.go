package nimbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// record starts a recorder in front of a fake Nimbus, and a main: a client that knows
// only the recorder.
func record(t *testing.T) (*Recorder, *fakeNimbus, *Client) {
	t.Helper()
	fake := startFake(t)
	r, err := StartRecorder(context.Background(), client(t, fake))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	host, port := r.Addr()
	main := New([]string{host}, int32(port), AllowLoopback())
	t.Cleanup(main.Close)
	return r, fake, main
}

// send makes a call with these bytes and returns the whole answer.
func send(t *testing.T, r *Recorder, frames ...[]byte) [][]byte {
	t.Helper()
	host, port := r.Addr()
	conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	var answers [][]byte
	for _, frame := range frames {
		if _, err := conn.Write(frame); err != nil {
			t.Fatal(err)
		}
		answer, err := readFrame(conn, maxFrame)
		if err != nil {
			return answers
		}
		answers = append(answers, answer)
	}
	return answers
}

func call(method string, write func(*writer)) []byte {
	w := newMessage(messageCall, method, 5)
	if write != nil {
		write(w)
	}
	return w.frame()
}

func TestToMainItIsAnEmptyStorm(t *testing.T) {
	r, _, main := record(t)
	ctx := context.Background()
	leader, err := main.Leader(ctx)
	if host, port := r.Addr(); err != nil || leader.Host != host || int(leader.Port) != port || leader.Version != "2.8.1" {
		t.Errorf("leader %+v, %v: itself, with the real one's version", leader, err)
	}
	if list, err := main.List(ctx); err != nil || len(list) != 0 {
		t.Errorf("list %v, %v", list, err)
	}
	var notAlive *NotAliveError
	if err := main.Kill(ctx, "anything", nil); !errors.As(err, &notAlive) {
		t.Errorf("kill: %v: a main that kills the previous topology first continues", err)
	}
	if _, err := main.Conf(ctx, "anything-1-1"); !errors.As(err, &notAlive) {
		t.Errorf("conf: %v", err)
	}
	location, err := main.Upload(ctx, strings.NewReader(strings.Repeat("jar", 1<<18)))
	if err != nil || location == "" {
		t.Errorf("upload: %q, %v", location, err)
	}
	allowed := send(t, r, call("isTopologyNameAllowed", func(w *writer) { w.field(typeString, 1).string("x") }))[0]
	if want := reply("isTopologyNameAllowed", 5, func(w *writer) { w.field(typeBool, 0).raw([]byte{1}) })[4:]; !bytes.Equal(allowed, want) {
		t.Errorf("isTopologyNameAllowed: %q", allowed)
	}
}

// Main may count Storm's supervisors and slots. It sees no topology, and no other Nimbus.
func TestMainSeesTheSupervisors(t *testing.T) {
	r, fake, main := record(t)
	theirs := &gen.ClusterSummary{
		Supervisors: []*gen.SupervisorSummary{{Host: "a", NumWorkers: 4, NumUsedWorkers: 1}, {Host: "b", NumWorkers: 4}},
		Topologies:  []*gen.TopologySummary{{ID: "other-1-1", Name: "other"}},
		Nimbuses:    []*gen.NimbusSummary{{Host: fake.host, Port: fake.port, IsLeader: true}},
	}
	fake.does("getClusterInfo", func(_ *cursor, method string, seq int32) []byte {
		frame, _ := encode(method, thrift.REPLY, seq, &gen.NimbusGetClusterInfoResult{Success: theirs})
		return frame
	})
	view, err := main.ClusterInfo(t.Context())
	if err != nil || view.Supervisors != 2 || view.SlotsTotal != 8 || view.SlotsUsed != 1 || view.Topologies != 0 {
		t.Errorf("%+v, %v", view, err)
	}
	answer := send(t, r, call("getClusterInfo", nil))[0]
	if _, port := r.Addr(); !bytes.Contains(answer, binary.BigEndian.AppendUint32([]byte{typeI32, 0, 2}, uint32(port))) {
		t.Errorf("%q does not lead to the recorder", answer)
	}
	fake.does("getClusterInfo", func(*cursor, string, int32) []byte { return []byte{0x7f, 0, 0, 0} })
	if view, err := main.ClusterInfo(t.Context()); err != nil || view.Supervisors != 0 {
		t.Errorf("an answer that is too large: %+v, %v", view, err)
	}
	fake.does("getClusterInfo", throws(1, "not authorized"))
	if _, err := main.ClusterInfo(t.Context()); !strings.Contains(fmt.Sprint(err), "not authorized") {
		t.Errorf("%v", err)
	}
}

func TestSubmissionsAreKept(t *testing.T) {
	r, fake, main := record(t)
	select {
	case <-r.Recorded():
		t.Fatal("recorded before main submitted")
	default:
	}
	frame := recordedFrame(t, "wordcount")
	if answer := send(t, r, frameOf(frame)); len(answer) != 1 {
		t.Fatalf("%d answers", len(answer))
	}
	<-r.Recorded()
	made := offer()
	if err := main.submitRaw(context.Background(), made, time.Second); err != nil {
		t.Fatal(err)
	}
	want := []Recorded{recordedCall(t, "wordcount"), Recorded(made)}
	if diff := cmp.Diff(want, r.Submissions()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := fake.called("submitTopology") + fake.called("submitTopologyWithOpts"); got != 0 {
		t.Errorf("%d submissions reached the real Nimbus", got)
	}
}

// Calls about blobs and for Nimbus's conf go to the real Nimbus byte for byte.
func TestBlobsArePassedOn(t *testing.T) {
	r, fake, main := record(t)
	var got []byte
	fake.does("getBlobMeta", func(args *cursor, method string, seq int32) []byte {
		got = bytes.Clone(args.frame)
		return reply(method, seq, func(w *writer) { w.field(typeString, 0).string("\x00\xffmeta") })
	})
	fake.does("createStateInZookeeper", void)
	fake.does("beginCreateBlob", throws(1, "not authorized"))
	ask := call("getBlobMeta", func(w *writer) { w.field(typeString, 1).string("key\x00\xfe") })
	answers := send(t, r, ask, call("createStateInZookeeper", nil), call("beginCreateBlob", nil), call("cancelBlobUpload", nil))
	if !bytes.Equal(got, ask[4:]) {
		t.Errorf("Nimbus got %q, main sent %q", got, ask[4:])
	}
	want := [][]byte{
		reply("getBlobMeta", 5, func(w *writer) { w.field(typeString, 0).string("\x00\xffmeta") })[4:],
		void(nil, "createStateInZookeeper", 5)[4:],
		throws(1, "not authorized")(nil, "beginCreateBlob", 5)[4:],
		internalError("cancelBlobUpload", 5)[4:],
	}
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if conf, err := main.nimbusConf(context.Background()); err != nil || conf["storm.zookeeper.root"] != "/storm" {
		t.Errorf("Nimbus's conf: %v, %v", conf, err)
	}
}

// What main does to blobs happens in Storm at once: the keys of those that it changes are
// kept, and those that it creates are its own.
func TestBlobsThatMainChanges(t *testing.T) {
	key := func(method, key string) []byte {
		return call(method, func(w *writer) { w.field(typeString, 1).string(key) })
	}
	for _, tc := range []struct {
		why   string
		calls [][]byte
		want  []string
	}{
		{"reads", [][]byte{key("getBlobMeta", "geo.db"), key("isRemoteBlobExists", "geo.db"), key("getBlobReplication", "geo.db"),
			key("beginBlobDownload", "geo.db"), key("downloadBlobChunk", "s1"), key("listBlobs", "")}, nil},
		{"a new blob, as Storm's client uploads a dependency", [][]byte{key("beginCreateBlob", "dep.jar"), key("uploadBlobChunk", "s1"), key("finishBlobUpload", "s1"), key("createStateInZookeeper", "dep.jar")}, nil},
		{"a new blob that main changes and deletes then", [][]byte{key("beginCreateBlob", "dep.jar"), key("setBlobMeta", "dep.jar"), key("updateBlobReplication", "dep.jar"), key("deleteBlob", "dep.jar")}, nil},
		{"an update", [][]byte{key("beginUpdateBlob", "geo.db"), key("uploadBlobChunk", "s1"), key("finishBlobUpload", "s1")}, []string{"geo.db"}},
		{"an update that main cancels", [][]byte{key("beginUpdateBlob", "geo.db"), key("cancelBlobUpload", "s1"), key("finishBlobUpload", "s1")}, nil},
		{"an update that does not end", [][]byte{key("beginUpdateBlob", "geo.db"), key("uploadBlobChunk", "s1")}, nil},
		{"deleted and created again", [][]byte{key("deleteBlob", "geo.db"), key("beginCreateBlob", "geo.db"), key("deleteBlob", "geo.db")}, []string{"geo.db"}},
		{"an ACL", [][]byte{key("setBlobMeta", "geo.db")}, []string{"geo.db"}},
		{"the replication", [][]byte{key("updateBlobReplication", "geo.db")}, []string{"geo.db"}},
		{"what Nimbus refuses", [][]byte{key("deleteBlob", "forbidden")}, nil},
		{"a hostile key is cleaned", [][]byte{key("deleteBlob", "a\x1b[31m\nb"+strings.Repeat("c", 200))}, []string{"a b" + strings.Repeat("c", 74) + "…"}},
	} {
		r, fake, _ := record(t)
		for method := range passedOn {
			fake.does(method, func(args *cursor, method string, seq int32) []byte {
				if firstString(args.fields(0)) == "forbidden" {
					return throws(1, "not authorized")(args, method, seq)
				}
				if strings.HasPrefix(method, "begin") {
					return textAnswer("s1")(args, method, seq)
				}
				return void(args, method, seq)
			})
		}
		for i, answer := range send(t, r, tc.calls...) {
			if bytes.Contains(answer, []byte("is not answered")) {
				t.Errorf("%s: call %d is refused", tc.why, i)
			}
		}
		if diff := cmp.Diff(tc.want, r.ChangedBlobs()); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tc.why, diff)
		}
	}
}

// A method of blobs that only a newer Storm has may change what runs.
func TestUnknownBlobMethodsAreRefused(t *testing.T) {
	r, fake, _ := record(t)
	if answer := send(t, r, call("renameBlob", nil))[0]; !bytes.Contains(answer, []byte("is not answered")) || fake.called("renameBlob") != 0 {
		t.Errorf("%q", answer)
	}
}

// A blob store may be slow: Nimbus has the rest of main's time for what is passed on.
func TestASlowBlobStore(t *testing.T) {
	r, fake, _ := record(t)
	fake.does("finishBlobUpload", func(args *cursor, method string, seq int32) []byte {
		time.Sleep(700 * time.Millisecond) // the limit of other calls is 500 ms here
		return void(args, method, seq)
	})
	answers := send(t, r, call("finishBlobUpload", nil))
	if diff := cmp.Diff([][]byte{void(nil, "finishBlobUpload", 5)[4:]}, answers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := r.Unanswered(); got != "" {
		t.Errorf("%q was answered", got)
	}
}

func TestUnansweredCalls(t *testing.T) {
	r, fake, _ := record(t)
	at := client(t, fake).At()
	fake.does("uploadBlobChunk", func(*cursor, string, int32) []byte { return nil })
	want := "Main's call uploadBlobChunk was not answered. Storm cannot be reached at " + at + ": it closed the connection. Check that Nimbus is running, and check spec.nimbus of the StormCluster."
	if answer := send(t, r, call("cancelBlobUpload", nil), call("uploadBlobChunk", nil)); len(answer) != 2 || r.Unanswered() != want {
		t.Errorf("got  %q\nwant %q", r.Unanswered(), want)
	}
	for _, fault := range testkit.Form(r.Unanswered(), false) {
		t.Errorf("%s: %s", fault, r.Unanswered())
	}
	stopped, fake, _ := record(t)
	answered := make(chan struct{})
	defer close(answered)
	fake.does("deleteBlob", func(*cursor, string, int32) []byte { <-answered; return nil })
	time.AfterFunc(200*time.Millisecond, stopped.Close)
	send(t, stopped, call("deleteBlob", nil))
	stopped.Close()
	if got := stopped.Unanswered(); got != "" {
		t.Errorf("%q: main was stopped in the middle of its calls", got)
	}
	stopped.failed("deleteBlob", &UnreachableError{At: at, Why: "the call was cancelled"}, slowCall)
	if want := "Main's call deleteBlob was not answered. Storm cannot be reached at " + at + ": it does not answer in time."; !strings.HasPrefix(stopped.Unanswered(), want) {
		t.Errorf("%q: main was stopped while it waited for an answer", stopped.Unanswered())
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	r, fake, _ := record(t)
	for _, method := range []string{"setLogConfig", "getTopologyHistory", "processWorkerMetrics", "setLogConfig", "whatever"} {
		answer := send(t, r, call(method, nil))[0]
		if want := []byte("is not answered while the topology is being recorded"); !bytes.Contains(answer, want) {
			t.Errorf("%s: %q", method, answer)
		}
		if fake.called(method) != 0 {
			t.Errorf("%s reached the real Nimbus", method)
		}
	}
	want := []string{"setLogConfig", "getTopologyHistory", "processWorkerMetrics", "whatever"}
	if diff := cmp.Diff(want, r.Refused()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecorderTakesJunk(t *testing.T) {
	r, _, main := record(t)
	cut := recordedFrame(t, "exclamation")
	for name, junk := range map[string][]byte{
		"HTTP":              []byte("GET / HTTP/1.1\r\n\r\n"),
		"a frame too large": {0x7f, 0, 0, 0},
		"an empty frame":    {0, 0, 0, 0},
		"no call":           frameOf([]byte("hello")),
		"a call cut off":    frameOf(cut[:len(cut)/2]),
		"a reply":           void(nil, "submitTopology", 1),
	} {
		host, port := r.Addr()
		conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write(junk)
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		if got, err := io.ReadAll(conn); len(got) != 0 || isTimeout(err) {
			t.Errorf("%s: answered %q, %v; the connection should be closed", name, got, err)
		}
		_ = conn.Close()
	}
	if _, err := main.List(context.Background()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if got := r.Submissions(); len(got) != 0 || !r.TooLarge() {
		t.Errorf("%d submissions out of junk; it noticed the one that is too large: %t", len(got), r.TooLarge())
	}
}

func TestRecorderOfASilentStorm(t *testing.T) {
	fake := startFake(t)
	fake.leads(nil)
	var unreachable *UnreachableError
	if _, err := StartRecorder(context.Background(), client(t, fake)); !errors.As(err, &unreachable) {
		t.Errorf("%v: main must not run without Storm", err)
	}
	r, fake, _ := record(t)
	fake.leads(nil)
	if answer := send(t, r, call("getBlobMeta", nil))[0]; !bytes.Contains(answer, []byte("it names no leader")) {
		t.Errorf("%q", answer)
	}
}

func TestTooManySubmissions(t *testing.T) {
	r, _, main := record(t)
	for range maxSubmissions {
		if err := main.submitRaw(context.Background(), offer(), time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if err := main.submitRaw(context.Background(), offer(), time.Second); err == nil || len(r.Submissions()) != maxSubmissions {
		t.Errorf("%v, %d kept: the number is limited", err, len(r.Submissions()))
	}
}
