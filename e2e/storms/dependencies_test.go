package storms

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/inpod"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// manyJars is how many dependencies the topology has.
const manyJars = 40

// TestDependencies submits a topology with dependencies to a real Nimbus, replaces it, has
// it rejected, and kills Nimbus at each step of a handover. Storm's blob store then has the
// dependencies of what runs, and no others of this topology. A blob of someone else stays.
func TestDependencies(t *testing.T) {
	homes := homesOf(t, "STORMHOOKS_STORMS_DEPENDENCIES")
	if len(homes) == 0 {
		t.Skip("no version is given. Run make storms-dependencies")
	}
	logs, err := cached("logs-dependencies")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range homes {
		t.Run(string(h.version), func(t *testing.T) {
			of, err := startLeading(context.Background(), h, filepath.Join(logs, string(h.version)), setup{settings: deletedAfter(5*time.Second, nil)})
			if err != nil {
				t.Fatal(err)
			}
			defer of.stop()
			jar, err := topologyJar(t.Context(), h, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			one := newDependent(t, h, jar, of)
			defer one.calls.Close()
			if one.fluxJar, err = fluxOf(t.Context(), h); err != nil {
				t.Logf("without Flux: %v", err)
			}
			one.run(t, one.steps())
		})
	}
}

// deletedAfter: Storm deletes what a topology has left so long after it has gone, and not
// after 5 min. It also deletes a topology whose submission takes longer.
func deletedAfter(delay time.Duration, settings map[string]any) map[string]any {
	all := map[string]any{"nimbus.topology.blobstore.deletion.delay.ms": delay.Milliseconds(), "nimbus.cleanup.inbox.freq.secs": 2}
	maps.Copy(all, settings)
	return all
}

// others is a blob that no StormTopology has uploaded.
const others = "dep-guava-33.0-someone.jar"

// dependent is a trial whose topology has dependencies.
type dependent struct {
	*trial
	// fluxJar is Flux; empty for a Storm whose Flux is not published.
	fluxJar string
	// idle is the JAR of the topology beside its classes, mounted a definition elsewhere.
	idle, mounted string
	// leading is the Nimbus that leads.
	leading *daemons
}

// newDependent has extracted the JARs, and someone else has a blob in Storm.
func newDependent(t *testing.T, h home, jar string, of *daemons) *dependent {
	one := &dependent{trial: newTrial(h, jar, of), idle: jar, leading: of}
	if err := one.extract(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if err := one.calls.CreateBlob(t.Context(), others, strings.NewReader("of someone else")); err != nil {
		t.Fatal(err)
	}
	return one
}

func (d *dependent) run(t *testing.T, steps []named) {
	for _, s := range steps {
		began := time.Now()
		if err := s.do(t.Context()); err != nil {
			t.Fatalf("%s: %v\n%s", s.name, err, d.log)
		}
		t.Logf("%s: %.1f s", s.name, time.Since(began).Seconds())
	}
}

type named struct {
	name string
	do   func(context.Context) error
}

func (d *dependent) steps() []named {
	wait := d.waits
	steps := []named{
		{"submitted", func(ctx context.Context) error { return errors.Join(d.submits(ctx), wait(ctx, 1)) }},
		{"replaced", func(ctx context.Context) error { return errors.Join(d.replaces(ctx), wait(ctx, 1)) }},
		{"rejected", func(ctx context.Context) error { return errors.Join(d.refuses(ctx), wait(ctx, 1)) }},
	}
	for _, at := range []string{"Uploaded the JAR", "Uploaded 40 dependencies", "Asking Nimbus whether", "Nimbus would accept it", "Submitting idle", "Waiting until Storm shows"} {
		steps = append(steps, named{"Nimbus killed at: " + at, func(ctx context.Context) error { return d.survives(ctx, at, d.nimbus.restart) }})
	}
	if d.fluxJar != "" {
		steps = append(steps, named{"Flux: a file, an include, a filter", d.fluxFromFiles}, named{"Flux: an absolute path", d.fluxMounted}, named{"Flux: in the JAR, an env-filter", d.fluxInJar})
	}
	return append(steps, named{"deleted", d.isDeleted})
}

// isDeleted: nothing of the topology is left.
func (d *dependent) isDeleted(ctx context.Context) error {
	if err := d.kills(ctx); err != nil {
		return err
	}
	if said := d.calls.Act(ctx, storm.Call{Verb: storm.Forget, Mark: d.fingerprint().KeyMark()}, source{d.calls}); said.Problem != "" {
		return errors.New(said.Problem)
	}
	return d.waits(ctx, 0)
}

// extract makes an image with a thin JAR and its dependencies, and extracts both.
func (d *dependent) extract(ctx context.Context, dir string) error {
	image, volume := filepath.Join(dir, "app"), filepath.Join(dir, "volume")
	for _, folder := range []string{filepath.Join(image, "lib"), volume} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	for i := range manyJars {
		if err := writeJar(filepath.Join(image, "lib", fmt.Sprintf("lib-%02d.jar", i)), fmt.Sprintf("lib%d/Resource.txt", i), i); err != nil {
			return err
		}
	}
	const revision = "0123456789ab"
	to := filepath.Join(volume, revision+".jar")
	err := inpod.Extract{
		From: d.jar, To: to, MainClass: mainClass, Dependencies: []string{image + "/lib/*.jar"}, Timeout: soon,
		TerminationLog: d.terminationLog(), Log: d.log,
	}.Run(ctx)
	d.jar, d.beside = to, true
	return err
}

// writeJar writes a JAR with one entry, some of them larger than a piece of an upload.
func writeJar(path, entry string, i int) error {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	file, err := w.CreateHeader(&zip.FileHeader{Name: entry, Method: zip.Store})
	if err == nil {
		_, err = file.Write(bytes.Repeat([]byte{byte(i)}, 20_000*(1+i)))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// keys are those in the blob store that are of a topology's dependencies.
func (d *dependent) keys(ctx context.Context) (keys []string, err error) {
	all, err := d.calls.BlobKeys(ctx)
	if err == nil && !slices.Contains(all, others) {
		err = errors.New("the blob of someone else is gone")
	}
	return slices.DeleteFunc(all, func(key string) bool { return !strings.Contains(key, d.fingerprint().KeyMark()) }), err
}

// waits until the blob store has the dependencies of so many topologies, and no others.
func (d *dependent) waits(ctx context.Context, topologies int) error {
	return until(ctx, func(ctx context.Context) error {
		keys, err := d.keys(ctx)
		if err == nil && len(keys) != topologies*manyJars {
			err = fmt.Errorf("%d dependencies are in the blob store, and %d topologies run", len(keys), topologies)
		}
		return err
	})
}

// survives: Nimbus is killed while a line of the log is written, and started again, or
// another one leads. Pods are repeated until the revision runs, with all its dependencies.
func (d *dependent) survives(ctx context.Context, at string, kill func(context.Context) error) error {
	log := &killer{to: d.log, at: at, kill: func() error { return kill(context.WithoutCancel(ctx)) }}
	d.writer = log
	defer func() { d.writer = nil }()
	var err error
	for range 3 { // as many pods
		if err = d.submission(ctx, "good"); err == nil {
			break
		}
		d.generation-- // the same revision again
	}
	if !log.done {
		return fmt.Errorf("the log never had %q: %v", at, err)
	}
	if err := errors.Join(err, log.err); err != nil {
		return err
	}
	if err := d.ran(ctx, d.fingerprint()); err != nil {
		return err
	}
	return d.whole(ctx)
}

// whole: the dependencies that the topology names are in the blob store, and no others that
// were never submitted.
func (d *dependent) whole(ctx context.Context) error {
	used, err := d.used()
	if err != nil {
		return err
	}
	if len(used) != manyJars {
		return fmt.Errorf("%s names %d dependencies", d.id, len(used))
	}
	return until(ctx, func(ctx context.Context) error {
		keys, err := d.keys(ctx)
		if err != nil {
			return err
		}
		for _, key := range used {
			if !slices.Contains(keys, key) {
				return fmt.Errorf("%s runs without %s", d.id, key)
			}
		}
		// Those of a submission whose answer was lost stay until the deletion.
		if lost := strings.Count(d.log.String(), "\nsubmit: "); len(keys) > len(used)+lost*manyJars {
			return fmt.Errorf("%d dependencies are in the blob store, %s has %d, and %d answers were lost", len(keys), d.id, len(used), lost)
		}
		return nil
	})
}

// used are the keys in the topology that runs, as Nimbus has it on its disk.
func (d *dependent) used() (keys []string, err error) {
	key := regexp.MustCompile(`dep-lib-\d\d` + d.fingerprint().KeyMark() + `[0-9a-f]+\.jar`)
	err = filepath.WalkDir(filepath.Join(d.leading.dir, "data"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(path, "data_"+d.id+"-stormcode.ser") {
			return nil // Nimbus removes files meanwhile
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		reader, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil
		}
		text, err := io.ReadAll(reader)
		for _, found := range key.FindAll(text, -1) {
			keys = append(keys, string(found))
		}
		return err
	})
	return keys, err
}

// killer passes a log on, and kills Nimbus once at a line.
type killer struct {
	mu   sync.Mutex
	to   io.Writer
	at   string
	kill func() error
	done bool
	err  error
}

func (k *killer) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.done && strings.Contains(string(p), k.at) {
		k.done = true
		k.err = k.kill()
	}
	return k.to.Write(p)
}
