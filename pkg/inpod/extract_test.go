package inpod

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// makeJar makes a JAR with these classes, large enough to be copied in several pieces.
func makeJar(t *testing.T, classes ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, class := range append(classes, "padding") {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(class, ".", "/") + ".class"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write(bytes.Repeat([]byte(class), 100_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// jarOf makes a JAR of entries by their names.
func jarOf(t *testing.T, entries map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		entry, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(entry, entries[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func write(t *testing.T, data []byte, elements ...string) string {
	t.Helper()
	path := filepath.Join(elements...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pod is an image and a volume of a test.
type pod struct {
	root, volume string
	log          bytes.Buffer
	Extract
}

func newPod(t *testing.T) *pod {
	t.Helper()
	p := &pod{root: t.TempDir(), volume: t.TempDir()}
	p.Extract = Extract{
		From: filepath.Join(p.root, "app/topology.jar"), To: filepath.Join(p.volume, "aaaaaaaaaaa2.jar"),
		MainClass: "com.example.Main", Image: "example/app:1", Timeout: time.Minute,
		TerminationLog: write(t, nil, t.TempDir(), "termination-log"),
		Log:            &p.log, root: p.root,
	}
	return p
}

// extract runs the extraction and returns the termination message, without the
// test's own folder.
func (p *pod) extract(t *testing.T, ctx context.Context) (termination.Message, error) {
	t.Helper()
	err := p.Run(ctx)
	text, readErr := os.ReadFile(p.TerminationLog)
	message, ok := termination.Parse(string(text))
	if readErr != nil || !ok {
		t.Fatalf("termination message %q: %v", text, readErr)
	}
	if (err == nil) != (message.Reason == "") {
		t.Errorf("error %v beside reason %q", err, message.Reason)
	}
	message.Message = strings.ReplaceAll(message.Message, p.root, "")
	if err != nil {
		for _, fault := range testkit.Form(message.Message, problem.Counts(message.Reason)) {
			t.Errorf("%s: %s", fault, message.Message)
		}
	}
	return message, err
}

func (p *pod) files(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(p.volume)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestExtract(t *testing.T) {
	p := newPod(t)
	data := makeJar(t, "com.example.Main")
	write(t, data, p.From)
	for _, name := range []string{"aaaaaaaaaaa0.jar", "aaaaaaaaaaa1.jar", "someones.jar"} {
		write(t, []byte("old"), p.volume, name)
	}
	abandoned := write(t, []byte("half"), p.volume, ".aaaaaaaaaaa1.jar.17.tmp")
	if err := os.Chtimes(abandoned, time.Now(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	write(t, []byte("half"), p.volume, ".aaaaaaaaaaa1.jar.18.tmp")
	p.Keep = []string{"aaaaaaaaaaa1.jar"}
	message, err := p.extract(t, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	want := termination.Facts{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data)), Path: p.From}
	if diff := cmp.Diff(want, message.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if copied, err := os.ReadFile(p.To); err != nil || !bytes.Equal(copied, data) {
		t.Errorf("the copy differs: %v", err)
	}
	if diff := cmp.Diff([]string{".aaaaaaaaaaa1.jar.18.tmp", "aaaaaaaaaaa1.jar", "aaaaaaaaaaa2.jar", "someones.jar"}, p.files(t)); diff != "" {
		t.Errorf("files on the volume: kept and live ones are not removed (-want +got):\n%s", diff)
	}
	for _, text := range []string{p.From, `image "example/app:1"`, want.SHA256, "2.2 MiB", "2 entries are intact", "Removed aaaaaaaaaaa0.jar"} {
		if !strings.Contains(p.log.String(), text) {
			t.Errorf("the log does not say %q:\n%s", text, p.log.String())
		}
	}
}

func TestExtractAgainFindsWhatIsThere(t *testing.T) {
	p := newPod(t)
	write(t, makeJar(t, "com.example.Main"), p.To)
	message, err := p.extract(t, t.Context()) // the image has none any more
	if err != nil || message.Facts.SHA256 == "" || !strings.Contains(p.log.String(), "is already on the volume") {
		t.Errorf("%v, facts %+v, log:\n%s", err, message.Facts, p.log.String())
	}
	write(t, []byte("half a JAR"), p.To)
	write(t, makeJar(t, "com.example.Main"), p.From)
	if _, err := p.extract(t, t.Context()); err != nil {
		t.Errorf("a damaged file is copied again: %v", err)
	}
}

func TestExtractProblems(t *testing.T) {
	good := func(t *testing.T) []byte { return makeJar(t, "com.example.Main") }
	for _, tc := range []struct {
		name, reason, message string
		prepare               func(t *testing.T, p *pod)
	}{
		{"another name beside it", v1beta1.JarNotFound,
			`Image "example/app:1" has no /app/topology.jar. It has /app/my-topology-1.2.jar: set spec.topology.jar.container.path to it.`,
			func(t *testing.T, p *pod) { write(t, good(t), p.root, "app/my-topology-1.2.jar") }},
		{"in another folder altogether", v1beta1.JarNotFound, "It has /opt/x/a.jar: set",
			func(t *testing.T, p *pod) { write(t, good(t), p.root, "opt/x/a.jar") }},
		{"several elsewhere, the nearest first", v1beta1.JarNotFound, "It has /opt/a.jar, /opt/examples/b.jar: set spec.topology.jar.container.path to the topology's JAR.",
			func(t *testing.T, p *pod) {
				write(t, good(t), p.root, "opt/examples/b.jar")
				write(t, good(t), p.root, "opt/a.jar")
			}},
		{"libraries near the path, and the topology's JAR above them", v1beta1.JarNotFound, "It has /app/topology-1.2.jar: set",
			func(t *testing.T, p *pod) {
				p.From = filepath.Join(p.root, "app/deep/topology.jar")
				write(t, good(t), p.root, "app/deep/lib/kafka.jar")
				write(t, good(t), p.root, "app/topology-1.2.jar")
			}},
		{"another version in the folder of the path, whatever its name", v1beta1.JarNotFound, "It has /app/lib/topology-1.2.jar: set",
			func(t *testing.T, p *pod) {
				p.From = filepath.Join(p.root, "app/lib/topology-1.1.jar")
				write(t, good(t), p.root, "app/lib/topology-1.2.jar")
			}},
		{"libraries only", v1beta1.JarNotFound, "It has JARs in folders of libraries only, such as /app/libs/kafka.jar. Set spec.topology.jar.container.path to the topology's JAR, and dependencies to the others.",
			func(t *testing.T, p *pod) { write(t, good(t), p.root, "app/libs/kafka.jar") }},
		{"an image of folders, with libraries", v1beta1.JarNotFound, "It has class com.example.Main as a file in /app/classes, and Stormhooks takes one JAR with all classes. Build such a JAR",
			func(t *testing.T, p *pod) {
				write(t, nil, p.root, "app/classes/com/example/Main.class")
				write(t, good(t), p.root, "app/libs/kafka.jar")
				write(t, good(t), p.root, "tools/agent.jar")
			}},
		{"libraries beside the topology's", v1beta1.JarNotFound, "It has /opt/examples/deep/topology.jar: set",
			func(t *testing.T, p *pod) {
				write(t, good(t), p.root, "opt/lib/b.jar")
				write(t, good(t), p.root, "opt/examples/deep/topology.jar")
			}},
		{"nothing anywhere", v1beta1.JarNotFound, "No other JAR was found", func(*testing.T, *pod) {}},
		{"a folder of that name", v1beta1.JarNotFound, "Path /app/topology.jar in image \"example/app:1\" is a folder. It has /app/topology.jar/a.jar",
			func(t *testing.T, p *pod) { write(t, good(t), p.From, "a.jar") }},
		{"a glob that matches two", v1beta1.JarAmbiguous, "has 2 files that match /app/*.jar: /app/a.jar, /app/b.jar. Set spec.topology.jar.container.path to one of them.",
			func(t *testing.T, p *pod) {
				p.From = filepath.Join(p.root, "app/*.jar")
				write(t, good(t), p.root, "app/a.jar")
				write(t, good(t), p.root, "app/b.jar")
			}},
		{"a glob that matches a folder only", v1beta1.JarNotFound, "has no /app/*.jar",
			func(t *testing.T, p *pod) {
				p.From = filepath.Join(p.root, "app/*.jar")
				write(t, nil, p.root, "app/a.jar/x")
			}},
		{"not a JAR", v1beta1.JarInvalid, `File /app/topology.jar of image "example/app:1" is not a valid JAR`,
			func(t *testing.T, p *pod) { write(t, []byte("hello"), p.From) }},
		{"a wrong checksum", v1beta1.ChecksumMismatch, "checksum.sha256 is abcd. Use the right image",
			func(t *testing.T, p *pod) { write(t, good(t), p.From); p.SHA256 = "ABCD" }},
		{"a JAR of Spring Boot", v1beta1.JarInvalid, `File /app/topology.jar of image "example/app:1" is a Spring Boot JAR: its classes are in BOOT-INF/classes, where workers cannot load them. Build a flat JAR`,
			func(t *testing.T, p *pod) {
				write(t, jarOf(t, map[string]string{"BOOT-INF/classes/com/example/Main.class": testkit.Class("com.example.Main", true)}), p.From)
			}},
		{"no folder on the volume", v1beta1.ExtractionFailed, "to the volume failed: no such file or directory",
			func(t *testing.T, p *pod) {
				write(t, good(t), p.From)
				p.To = filepath.Join(p.volume, "none/none/aaaaaaaaaaa2.jar")
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPod(t)
			write(t, []byte("older"), p.volume, "aaaaaaaaaaa1.jar")
			tc.prepare(t, p)
			message, _ := p.extract(t, t.Context())
			if message.Reason != tc.reason || !strings.Contains(message.Message, tc.message) {
				t.Errorf("%s: %s\nwant %s with: %s", message.Reason, message.Message, tc.reason, tc.message)
			}
			if diff := cmp.Diff([]string{"aaaaaaaaaaa1.jar"}, p.files(t)); diff != "" {
				t.Errorf("a failed extraction does not change the volume (-want +got):\n%s", diff)
			}
		})
	}
}

// A main class that is not in the JAR may be in Storm's image: the submitting pod decides.
// What the check remarks is in the log.
func TestExtractRemarks(t *testing.T) {
	p := newPod(t)
	write(t, jarOf(t, map[string]string{
		"org/apache/storm/StormSubmitter.class": testkit.Class("org.apache.storm.StormSubmitter", false),
		"META-INF/MANIFEST.MF":                  "Manifest-Version: 1.0\nClass-Path: lib/kafka.jar\n",
	}), p.From)
	if _, err := p.extract(t, t.Context()); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"It has no class com.example.Main, which Storm's image may have.", "The JAR contains Storm's own classes.", "The JAR's manifest names lib/kafka.jar in its Class-Path"} {
		if !strings.Contains(p.log.String(), text) {
			t.Errorf("the log does not say %q:\n%s", text, p.log.String())
		}
	}
}

func TestExtractGlobOfOne(t *testing.T) {
	p := newPod(t)
	p.From = filepath.Join(p.root, "app/*.jar")
	path := write(t, makeJar(t, "com.example.Main"), p.root, "app/my-1.0.jar")
	message, err := p.extract(t, t.Context())
	if err != nil || message.Facts.Path != path {
		t.Errorf("%v, path %q", err, message.Facts.Path)
	}
}

// The command gets the values of jar.container.env. Messages and the helper's own lines of
// the log have their names.
func TestVariablesOfAnExtractionCommand(t *testing.T) {
	t.Setenv("TOKEN", canary+"\n")
	t.Setenv("OTHER", "not in jar.container.env")
	p := newPod(t)
	p.Work = t.TempDir()
	p.Variables = []string{"TOKEN", "GONE"}
	out := filepath.Join(t.TempDir(), "out")
	p.Command = []string{"/bin/sh", "-c", "echo '$(TOKEN) $$(TOKEN) $(GONE) $(OTHER) $(date) $$' > " + out + "; echo 'bad token $(TOKEN)'; exit 1"}
	message, _ := p.extract(t, t.Context())
	got, err := os.ReadFile(out)
	if want := canary + "\n $(TOKEN) $(GONE) $(OTHER) $(date) $$\n"; err != nil || string(got) != want {
		t.Errorf("%v: the command got %q, want %q", err, got, want)
	}
	if text := message.Text() + strings.ReplaceAll(p.log.String(), "bad token "+canary, ""); strings.Contains(text, canary) {
		t.Errorf("the secret is in a message or in the log: %s", text)
	}
	if !strings.Contains(message.Tail, "bad token $(TOKEN)") {
		t.Errorf("tail %q", message.Tail)
	}
}

func TestExtractWithACommand(t *testing.T) {
	p := newPod(t)
	p.Work = t.TempDir()
	jar := write(t, makeJar(t, "com.example.Main"), p.root, "opt/built.jar")
	p.Command = []string{"/bin/sh", "-c", "echo copying; cp " + jar + " " + p.Work}
	if _, err := p.extract(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.log.String(), "\ncopying\n") {
		t.Errorf("the log does not have what the command printed:\n%s", p.log.String())
	}
	if left, _ := os.ReadDir(p.Work); len(left) != 0 {
		t.Errorf("the command's folder is on the volume too, and still has %v", left)
	}
	for command, want := range map[string]problem.Problem{
		"exit 3":                        {Reason: v1beta1.ExtractionFailed, Message: "The extraction command ended with exit status 3."},
		"echo no such file; exit 1":     {Reason: v1beta1.ExtractionFailed, Message: "ended with exit status 1", Tail: "no such file"},
		"true":                          {Reason: v1beta1.JarNotFound, Message: "left no JAR"},
		"cd $0; echo > a.jar; :> b.jar": {Reason: v1beta1.JarAmbiguous, Message: "left 2 files that match *.jar"},
	} {
		p := newPod(t)
		p.Work = t.TempDir()
		p.Command = []string{"/bin/sh", "-c", command, p.Work}
		message, _ := p.extract(t, t.Context())
		if message.Reason != want.Reason || !strings.Contains(message.Message, want.Message) || !strings.Contains(message.Tail, want.Tail) {
			t.Errorf("%q: %+v\nwant %+v", command, message, want)
		}
	}
	p = newPod(t)
	p.Command = []string{"/bin/none"}
	if message, _ := p.extract(t, t.Context()); !strings.Contains(message.Message, "has no program /bin/none") {
		t.Errorf("a missing program: %s", message.Message)
	}
}

func TestExtractEndsInTime(t *testing.T) {
	p := newPod(t)
	p.Timeout = 200 * time.Millisecond
	p.Command = []string{"/bin/sh", "-c", "sleep 60 & wait"}
	start := time.Now()
	message, _ := p.extract(t, t.Context())
	if message.Reason != v1beta1.ExtractionTimedOut || !strings.Contains(message.Message, "was not finished within 200ms") {
		t.Errorf("%+v", message)
	}
	if time.Since(start) > 5*time.Second {
		t.Errorf("it took %s: it waited for what the command started", time.Since(start))
	}
}

func TestExtractToldToStop(t *testing.T) {
	p := newPod(t)
	write(t, makeJar(t, "com.example.Main"), p.From)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	message, err := p.extract(t, ctx)
	if message.Reason != v1beta1.PodLost || err == nil {
		t.Errorf("%+v, %v: a stopped pod is not a failure of the JAR", message, err)
	}
	if files := p.files(t); len(files) != 0 {
		t.Errorf("it left %v", files)
	}
}

// Root can read and write everywhere: run these as another user, too.
func TestExtractUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	p := newPod(t)
	write(t, makeJar(t, "com.example.Main"), p.From)
	for path, mode := range map[string]os.FileMode{p.From: 0, filepath.Dir(p.From): 0} {
		for _, from := range []string{p.From, filepath.Join(filepath.Dir(p.From), "*.jar")} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			p.From = from
			if message, _ := p.extract(t, t.Context()); message.Reason != v1beta1.JarUnreadable || !strings.Contains(message.Message, "COPY --chmod=0644") {
				t.Errorf("mode %v of %s, from %s: %+v", mode, path, from, message)
			}
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestExtractOnAReadOnlyVolume(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root writes everywhere")
	}
	p := newPod(t)
	write(t, makeJar(t, "com.example.Main"), p.From)
	if err := os.Chmod(p.volume, 0o555); err != nil {
		t.Fatal(err)
	}
	if message, _ := p.extract(t, t.Context()); message.Reason != v1beta1.VolumeNotWritable {
		t.Errorf("%+v", message)
	}
}

func TestUnwritten(t *testing.T) {
	p := &extraction{Extract: Extract{Image: "example/app:1"}}
	for err, want := range map[error]string{
		&os.PathError{Op: "write", Path: "/v/.r.jar.1.tmp", Err: syscall.ENOSPC}: v1beta1.VolumeFull,
		&os.PathError{Op: "write", Path: "/v/.r.jar.1.tmp", Err: syscall.EDQUOT}: v1beta1.VolumeFull,
		&os.PathError{Op: "open", Path: "/v/.r.jar.1.tmp", Err: syscall.EACCES}:  v1beta1.VolumeNotWritable,
		&os.PathError{Op: "open", Path: "/v/.r.jar.1.tmp", Err: syscall.EROFS}:   v1beta1.VolumeNotWritable,
		errors.New("input/output error"):                                         v1beta1.ExtractionFailed,
	} {
		got := p.unwritten("/app/a.jar", 1<<20, err)
		if got.Reason != want || strings.Contains(got.Message, ".tmp") {
			t.Errorf("%v: %s, %s; want %s, and no name that is new in each run", err, got.Reason, got.Message, want)
		}
	}
}

func TestInstall(t *testing.T) {
	folder := t.TempDir()
	for range 2 { // a container may run again
		if err := Install(folder, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(folder, binaryName))
	if err != nil || info.Mode() != 0o755 {
		t.Errorf("%v, %v", info, err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("it left %v", entries)
	}
}

func TestOutput(t *testing.T) {
	var log bytes.Buffer
	out := &output{to: &log, drop: func(line string) bool { return strings.HasPrefix(line, "secret") }}
	for _, part := range []string{"one\ntw", "o\r\n", "secret 1\n\n", strings.Repeat("x", lineLimit+10), "y\nsec", "ret 2\nlast"} {
		if n, err := io.WriteString(out, part); err != nil || n != len(part) {
			t.Fatal(n, err)
		}
	}
	tail := out.last()
	if want := "one\ntwo\n" + strings.Repeat("x", lineLimit) + " … (cut)\nlast\n"; log.String() != want {
		t.Errorf("log %.60q…, %d bytes, want %d", log.String(), log.Len(), len(want))
	}
	if len(tail) != 4 || len(tail[2]) > tailLine+len("…") || tail[3] != "last" {
		t.Errorf("tail %q", tail)
	}
}
