package inpod

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// TestMain: this binary also stands for java, running a main that does what the letters of
// its last argument say.
func TestMain(m *testing.M) {
	if os.Getenv("INPOD_TEST_MAIN") == "" {
		code := m.Run()
		_ = os.RemoveAll(mainClasses)
		os.Exit(code)
	}
	var options string
	for _, arg := range os.Args {
		if text, ok := strings.CutPrefix(arg, "-Dstorm.options="); ok {
			options, _ = url.QueryUnescape(text)
		}
	}
	at := regexp.MustCompile(`nimbus\.seeds=\["(.*?)"\].*nimbus\.thrift\.port=(\d+)`).FindStringSubmatch(options)
	for _, letter := range os.Args[len(os.Args)-1] {
		if err := mainDoes(letter, net.JoinHostPort(at[1], at[2])); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// mainDoes does one thing: x submits to the recorder, b uploads a piece of a blob to it, d
// deletes the blob geo.db, p
// prints its first argument as an exception, f looks at its working folder, m says what Java says without a main class; k kills the topology wordcount, w
// submits one of that name and o another one, all by a client of main's own.
func mainDoes(letter rune, recorder string) error {
	if letter == 'x' {
		return submitFrame(recorder)
	}
	if letter == 'p' {
		_, password, _ := strings.Cut(os.Args[len(os.Args)-2], "--password=")
		fmt.Printf("Exception in thread \"main\" java.lang.IllegalStateException: no user for %s\n\tat Main.main(Main.java:1)\n", password)
		return errors.New("")
	}
	if letter == 'f' {
		return mainLooks()
	}
	if letter == 'm' {
		return errors.New("Error: Could not find or load main class com.example.Other\nCaused by: java.lang.ClassNotFoundException: com.example.Other")
	}
	ctx := context.Background()
	if letter == 'b' || letter == 'd' {
		client, err := clientOf(recorder)
		if err != nil {
			return err
		}
		method := map[rune]string{'b': "uploadBlobChunk", 'd': "deleteBlob"}[letter]
		_, err = client.Client_().Call(ctx, method, &gen.NimbusFinishFileUploadArgs{Location: "geo.db"}, &gen.NimbusFinishFileUploadResult{})
		return err
	}
	nimbus, err := clientOf(net.JoinHostPort("127.0.0.1", os.Getenv("INPOD_TEST_NIMBUS")))
	if err != nil {
		return err
	}
	switch letter {
	case 'k':
		return nimbus.KillTopologyWithOpts(ctx, "wordcount", &gen.KillOptions{})
	case 'w':
		return nimbus.SubmitTopologyWithOpts(ctx, "wordcount", "", "{}", gen.NewStormTopology(), &gen.SubmitOptions{})
	case 'o':
		return nimbus.SubmitTopologyWithOpts(ctx, "other", "", "{}", gen.NewStormTopology(), &gen.SubmitOptions{})
	}
	return fmt.Errorf("main cannot do %c", letter)
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

// newSubmit is a submission of this binary as main, in an image of the test.
func newSubmit(t *testing.T, does string) (Submit, storm.Submission, *bytes.Buffer) {
	t.Helper()
	return newSubmitTo(t, startNimbus(t), does)
}

func newSubmitTo(t *testing.T, to *fakeNimbus, does string) (Submit, storm.Submission, *bytes.Buffer) {
	t.Helper()
	root := t.TempDir()
	write(t, nil, root, "lib-worker/storm-client-2.8.1.jar")
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
	for name, value := range map[string]string{"JAVA_HOME": root, "STORM_HOME": root, "STORM_JAR_JVM_OPTS": "", "INPOD_TEST_MAIN": frame, "INPOD_TEST_NIMBUS": strconv.Itoa(int(to.port))} {
		t.Setenv(name, value)
	}
	sub := storm.Submission{
		Name: "wordcount", MainClass: "com.example.Main", Args: []string{does},
		Jar:   write(t, makeJar(t, "com.example.Main"), t.TempDir(), "r1.jar"),
		Seeds: []string{"127.0.0.1"}, Port: to.port, MainTimeoutSeconds: 30,
	}
	var log bytes.Buffer
	message := write(t, nil, t.TempDir(), "termination-log")
	return Submit{Log: &log, TerminationLog: message, ClientOptions: []nimbus.Option{nimbus.AllowLoopback(), nimbus.WithLimit(2 * time.Second)}}, sub, &log
}

func TestRecord(t *testing.T) {
	s, sub, log := newSubmit(t, "x")
	client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
	defer client.Close()
	made, failed := s.record(t.Context(), client, sub)
	if failed != nil || made.remark != "" || made.submission.Name != "mains-own-name" || len(made.submission.Topology) == 0 {
		t.Errorf("%+v, %q, %q\n%s", failed, made.remark, made.submission.Name, log)
	}
}

// A class of Storm's image runs although the JAR does not have it, and a remark on the JAR is
// one on the topology.
func TestRecordOfAnyJAR(t *testing.T) {
	s, sub, log := newSubmit(t, "x")
	sub.MainClass = "org.apache.storm.flux.Flux"
	write(t, jarOf(t, map[string]string{"org/apache/storm/StormSubmitter.class": ""}), sub.Jar)
	checked, failed := checkPresent(t.Context(), sub)
	if failed != nil {
		t.Fatal(failed)
	}
	s.jar = checked.found
	client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
	defer client.Close()
	made, failed := s.record(t.Context(), client, sub)
	if want := "The JAR contains Storm's own classes. Storm's version of them is used. Set storm-client to scope provided."; failed != nil || made.remark != want {
		t.Errorf("%+v, %q, want %q\n%s", failed, made.remark, want, log)
	}
}

// A main that bypasses the recorder with a Nimbus client of its own.
func TestMainWithItsOwnNimbusClient(t *testing.T) {
	ours := storm.Fingerprint{Cluster: "kube", Owner: "apps/wordcount", Revision: "r0"}
	conf, err := json.Marshal(ours.Settings())
	if err != nil {
		t.Fatal(err)
	}
	const killed = "Topology wordcount-1-1795507197 was killed in Storm while main was being recorded."
	for _, tc := range []struct {
		why, does            string
		reason, text, remark string
	}{
		{"it kills what runs, and submits to the recorder", "kx", "", "", killed},
		{"it kills what runs, and submits the same name itself", "kw", v1beta1.NameConflict, "Topology wordcount-2-1795507197, which has no fingerprint of Stormhooks, appeared in Storm while main was being recorded.", ""},
		{"it kills what runs, and no more", "k", v1beta1.NothingSubmitted, killed, ""},
		{"it submits another name itself", "o", v1beta1.NothingSubmitted, "Topology other-2-1795507197, which has no fingerprint of Stormhooks, appeared in Storm at that time.", ""},
		{"another person submits at that time", "ox", "", "", ""},
	} {
		t.Run(tc.why, func(t *testing.T) {
			fake := startNimbus(t)
			fake.isStorm("zookeeper")
			fake.runs("wordcount", string(conf))
			s, sub, log := newSubmitTo(t, fake, tc.does)
			sub.Fingerprint = ours
			sub.Fingerprint.Revision = "r1"
			client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
			defer client.Close()
			made, failed := s.record(t.Context(), client, sub)
			if failed == nil {
				failed = &problem.Problem{}
			}
			if failed.Reason != tc.reason || !strings.Contains(failed.Message, tc.text) || !strings.HasPrefix(made.remark, tc.remark) || tc.remark == "" && made.remark != "" {
				t.Errorf("%s %q, %q; want %s with %q\n%s", failed.Reason, failed.Message, made.remark, tc.reason, tc.text, log)
			}
		})
	}
}

// Another major version of Storm in the image is refused before main runs, unless Nimbus
// is configured for it.
func TestImageOfAnotherMajorVersion(t *testing.T) {
	for _, tc := range []struct{ why, client, nimbus, refused string }{
		{"the same", "storm-client-2.0.0.jar", `{}`, ""},
		{"another one", "storm-client-3.2.0.jar", `{"supervisor.worker.version.classpath.map":{}}`,
			"The StormCluster's image has Storm 3.2.0, and Nimbus, which is Storm 2.8.1, accepts topologies of Storm 2 only. Set spec.image of the StormCluster to an image of Storm 2.8.1."},
		{"configured", "storm-client-3.2.0.jar", `{"supervisor.worker.version.classpath.map":{"1.2.3":"/old","3.0.0":"/new"}}`, ""},
		{"not configured for it", "storm-client-3.2.0.jar", `{"supervisor.worker.version.classpath.map":{"1.2.3":"/old"}}`, "accepts topologies of Storm 2 only"},
		{"a map that is too long to be read", "storm-client-3.2.0.jar", `{"supervisor.worker.version.classpath.map":{"3.0.0":"` + strings.Repeat("/jar:", 5000) + `"}}`, ""},
		{"without a version", "storm-client.jar", `{}`, ""},
	} {
		t.Run(tc.why, func(t *testing.T) {
			s, sub, log := newSubmit(t, "x")
			home := t.TempDir()
			write(t, nil, home, "lib-common/"+tc.client)
			t.Setenv("STORM_HOME", home)
			fake := startNimbus(t)
			fake.conf, sub.Port = tc.nimbus, fake.port
			client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
			defer client.Close()
			_, failed := s.record(t.Context(), client, sub)
			if failed == nil {
				failed = &problem.Problem{}
			} else if faults := testkit.Form(failed.Message, failed.Counts); len(faults) > 0 {
				t.Errorf("%s: %s", faults, failed.Message)
			}
			if tc.refused == "" && failed.Reason != "" || !strings.Contains(failed.Message, tc.refused) {
				t.Errorf("%+v, want %q\n%s", failed, tc.refused, log)
			}
		})
	}
}

// What main does to blobs in Storm is said, whether its topology gets there or not.
func TestMainThatChangesABlob(t *testing.T) {
	const want = "Main changed blobs in Storm before the topology was checked: geo.db."
	s, sub, log := newSubmit(t, "dx")
	client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
	defer client.Close()
	if made, failed := s.record(t.Context(), client, sub); failed != nil || made.remark != want {
		t.Errorf("%q, %+v\n%s", made.remark, failed, log)
	}
	for does, why := range map[string]string{"d": "nothing is submitted", "dx": "the handover fails"} {
		s, sub, log := newSubmit(t, does)
		if _, failed := s.run(t.Context(), sub); failed == nil || !strings.HasSuffix(failed.Message, " "+want) {
			t.Errorf("%s: %+v\n%s", why, failed, log)
		} else if faults := testkit.Form(failed.Message, failed.Counts); len(faults) > 0 && does == "d" {
			t.Errorf("%s: %s", faults, failed.Message)
		}
	}
}

func TestSubmitProblems(t *testing.T) {
	for _, tc := range []struct {
		why, times   string
		change       func(t *testing.T, sub *storm.Submission)
		reason, text string
	}{
		{"nothing submitted", "", func(*testing.T, *storm.Submission) {}, v1beta1.NothingSubmitted, "exited successfully without submitting a topology"},
		{"submitted twice", "xx", func(*testing.T, *storm.Submission) {}, v1beta1.SubmittedTwice, "submitted topology mains-own-name 2 times"},
		{"a Nimbus that does not answer", "x", func(t *testing.T, sub *storm.Submission) { sub.Port = 1 }, v1beta1.ClusterUnreachable, "127.0.0.1:1"},
		{"a Nimbus that closes the connection of a blob call", "b", func(t *testing.T, sub *storm.Submission) {}, v1beta1.ClusterUnreachable, "Main's call uploadBlobChunk was not answered."},
		{"the JAR is missing from the volume", "x", func(t *testing.T, sub *storm.Submission) { sub.Jar += "x" }, v1beta1.JarNotFound, "JAR r1.jarx is missing from the volume"},
		{"the JAR is damaged", "x", func(t *testing.T, sub *storm.Submission) { write(t, []byte("half"), sub.Jar) }, v1beta1.JarInvalid, "JAR r1.jar on the volume is not a valid JAR"},
		{"neither the JAR nor the image has the class", "m", func(t *testing.T, sub *storm.Submission) { sub.MainClass = "com.example.Other" }, v1beta1.MainClassNotFound,
			"Neither the JAR nor the StormCluster's image has class com.example.Other. Set spec.topology.mainClass to"},
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

// A pod that fails reports the JAR that it left on Nimbus, and the next one does not send it.
func TestTheNextPodUsesTheJar(t *testing.T) {
	fake, uploads := startNimbus(t), 0
	fake.isStorm("zookeeper")
	fake.uploads = &uploads
	s, sub, log := newSubmitTo(t, fake, "x")
	sub.Fingerprint = storm.Fingerprint{Cluster: "kube", Owner: "apps/wordcount", Revision: "r1"}
	for range 3 {
		text, err := json.Marshal(sub)
		if err != nil {
			t.Fatal(err)
		}
		s.Chunks = []string{string(text)}
		_ = s.Run(t.Context())
		said, _ := os.ReadFile(s.TerminationLog)
		message, _ := termination.Parse(string(said))
		sub.Upload = message.Facts.Upload
		if message.Reason != v1beta1.SubmissionRejected || sub.Upload.Location == "" || sub.Upload.Leader.Host != "127.0.0.1" {
			t.Fatalf("%+v\n%s", message, log)
		}
	}
	if uploads != 1 {
		t.Errorf("three pods sent the JAR %d times\n%s", uploads, log)
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
