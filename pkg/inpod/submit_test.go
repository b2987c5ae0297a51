package inpod

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// TestMain: this binary also stands for java, running a main that submits as often as
// its last argument says.
func TestMain(m *testing.M) {
	if os.Getenv("INPOD_TEST_MAIN") == "" {
		os.Exit(m.Run())
	}
	var options string
	for _, arg := range os.Args {
		if text, ok := strings.CutPrefix(arg, "-Dstorm.options="); ok {
			options, _ = url.QueryUnescape(text)
		}
	}
	at := regexp.MustCompile(`nimbus\.seeds=\["(.*?)"\].*nimbus\.thrift\.port=(\d+)`).FindStringSubmatch(options)
	for range len(os.Args[len(os.Args)-1]) { // "xx" is twice
		if err := submitFrame(net.JoinHostPort(at[1], at[2])); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// submitFrame makes the call that Storm 2.8.1's own client made.
func submitFrame(at string) error {
	packed, err := os.Open(os.Getenv("INPOD_TEST_MAIN"))
	if err != nil {
		return err
	}
	frame, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return err
	}
	if _, err := io.Copy(conn, frame); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, 4))
	return err
}

// fakeLeader answers getLeader with itself, and no other call.
func fakeLeader(t *testing.T) (port int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	port = int32(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerLeader(conn, port)
		}
	}()
	return port
}

func answerLeader(conn net.Conn, port int32) {
	defer func() { _ = conn.Close() }()
	for {
		var length uint32
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		ctx, memory := context.Background(), thrift.NewTMemoryBuffer()
		in := thrift.NewTBinaryProtocolConf(thrift.NewStreamTransportR(bytes.NewReader(body)), nil)
		method, _, seq, _ := in.ReadMessageBegin(ctx)
		out := thrift.NewTBinaryProtocolConf(memory, nil)
		if method != "getLeader" {
			_ = out.WriteMessageBegin(ctx, method, thrift.EXCEPTION, seq)
			_ = thrift.NewTApplicationException(thrift.INTERNAL_ERROR, "Internal error").Write(ctx, out)
		} else {
			_ = out.WriteMessageBegin(ctx, method, thrift.REPLY, seq)
			_ = (&gen.NimbusGetLeaderResult{Success: &gen.NimbusSummary{Host: "127.0.0.1", Port: port, UptimeSecs: 9, IsLeader: true, Version: "2.8.1"}}).Write(ctx, out)
		}
		_ = out.Flush(ctx)
		if binary.Write(conn, binary.BigEndian, uint32(memory.Len())) != nil {
			return
		}
		_, _ = memory.WriteTo(conn)
	}
}

// newSubmit is a submission of this binary as main, in an image of the test.
func newSubmit(t *testing.T, times string) (Submit, storm.Submission, *bytes.Buffer) {
	t.Helper()
	root := t.TempDir()
	write(t, nil, root, "lib-worker/none")
	if err := os.MkdirAll(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(root, "bin/java")); err != nil {
		t.Fatal(err)
	}
	frame, err := filepath.Abs("../nimbus/testdata/exclamation.frame.gz")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"JAVA_HOME": root, "STORM_HOME": root, "STORM_JAR_JVM_OPTS": "", "INPOD_TEST_MAIN": frame} {
		t.Setenv(name, value)
	}
	sub := storm.Submission{
		Name: "wordcount", MainClass: "com.example.Main", Args: []string{times},
		Jar:   write(t, makeJar(t, "com.example.Main"), t.TempDir(), "r1.jar"),
		Seeds: []string{"127.0.0.1"}, Port: fakeLeader(t), MainTimeoutSeconds: 30,
	}
	var log bytes.Buffer
	message := write(t, nil, t.TempDir(), "termination-log")
	return Submit{Log: &log, TerminationLog: message, ClientOptions: []nimbus.Option{nimbus.AllowLoopback(), nimbus.WithLimit(2 * time.Second)}}, sub, &log
}

func TestRecord(t *testing.T) {
	s, sub, log := newSubmit(t, "x")
	client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
	defer client.Close()
	recorded, remark, failed := s.record(t.Context(), client, sub)
	if failed != nil || remark != "" || recorded.Name != "mains-own-name" || len(recorded.Topology) == 0 {
		t.Errorf("%+v, %q, %q\n%s", failed, remark, recorded.Name, log)
	}
}

func TestSubmitProblems(t *testing.T) {
	for _, tc := range []struct {
		why, times   string
		change       func(t *testing.T, sub *storm.Submission)
		reason, text string
	}{
		{"nothing submitted", "", func(*testing.T, *storm.Submission) {}, v1beta1.NothingSubmitted, "exited successfully without submitting a topology"},
		{"submitted twice", "xx", func(*testing.T, *storm.Submission) {}, v1beta1.SubmittedTwice, "submitted 2 topologies (mains-own-name, mains-own-name)"},
		{"a Nimbus that does not answer", "x", func(t *testing.T, sub *storm.Submission) { sub.Port = 1 }, v1beta1.ClusterUnreachable, "127.0.0.1:1"},
		{"the JAR is missing from the volume", "x", func(t *testing.T, sub *storm.Submission) { sub.Jar += "x" }, v1beta1.JarNotFound, "JAR r1.jarx is missing from the volume"},
		{"the JAR is damaged", "x", func(t *testing.T, sub *storm.Submission) { write(t, []byte("half"), sub.Jar) }, v1beta1.JarInvalid, "JAR r1.jar on the volume is not a valid JAR"},
		{"the JAR does not have the class", "x", func(t *testing.T, sub *storm.Submission) { sub.MainClass = "com.example.Other" }, v1beta1.MainClassNotFound, "has no class com.example.Other"},
		{"an image without Storm", "x", func(t *testing.T, sub *storm.Submission) { t.Setenv("STORM_HOME", "/none") }, v1beta1.SubmissionFailed, "The image has no Storm"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			s, sub, log := newSubmit(t, tc.times)
			tc.change(t, &sub)
			text, err := json.Marshal(sub)
			if err != nil {
				t.Fatal(err)
			}
			s.Chunks = []string{string(text[:10]), string(text[10:])}
			var failed *problem.Problem
			if err := s.Run(t.Context()); !errors.As(err, &failed) {
				t.Fatalf("error %v\n%s", err, log)
			}
			said, _ := os.ReadFile(s.TerminationLog)
			message, _ := termination.Parse(string(said))
			for _, fault := range testkit.Form(message.Message, failed.Counts && !strings.Contains(message.Message, "The next attempt")) {
				t.Errorf("%s: %s", fault, message.Message)
			}
			if message.Reason != tc.reason || failed.Reason != tc.reason || !strings.Contains(message.Message, tc.text) {
				t.Errorf("%+v, want %s with %q\n%s", message, tc.reason, tc.text, log)
			}
		})
	}
}

func TestSubmitToldToStopBeforeMain(t *testing.T) {
	s, sub, _ := newSubmit(t, "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, failed := s.run(ctx, sub); failed == nil || failed.Reason != v1beta1.PodLost {
		t.Errorf("%+v: a stopped pod has not failed", failed)
	}
}

func TestDecodeSubmission(t *testing.T) {
	const whole = `{"name":"a","mainClass":"M","jar":"/j","seeds":["n"],"mainTimeoutSeconds":9,"settings":{"whole":2,"double":2.0}}`
	sub, err := decodeSubmission([]string{whole[:20], whole[20:]})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"whole": json.Number("2"), "double": json.Number("2.0")} // Storm tells them apart
	if diff := cmp.Diff(want, sub.Settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, wrong := range []string{"", "{}", whole[:20], `{"name":"a","mainClass":"M","jar":"/j","seeds":["n"]}`} {
		if _, err := decodeSubmission([]string{wrong}); err == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
}
