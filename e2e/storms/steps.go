package storms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/inpod"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	name = "idle"
	// soon is how long Storm may take to answer, and to show what it was told.
	soon = 3 * time.Minute
	// pending is a setting that a rebalance can change.
	pending = "topology.max.spout.pending"
)

// trial is a client, as the image of a submitting pod has it, and a Nimbus.
type trial struct {
	client home
	jar    string
	nimbus *daemons
	calls  *nimbus.Client
	log    *bytes.Buffer
	name   string // of the topology
	// generation of the last submission, and the id that it got.
	generation int64
	id         string
	other      string // the id of the second topology of an upgrade
	// beside: the JAR has dependencies on its volume. writer, if set, gets the log.
	beside bool
	writer io.Writer
	// flux, if set, are the arguments of Flux, which is the main then.
	flux []string
}

func newTrial(client home, jar string, of *daemons) *trial {
	return &trial{
		client: client, jar: jar, nimbus: of, log: &bytes.Buffer{}, name: name,
		calls: of.client(),
	}
}

// step is one column of the table. The steps of a trial run in order.
type step struct {
	name string
	do   func(*trial, context.Context) error
}

var (
	submits = []step{{"submit", (*trial).submits}, {"replace", (*trial).replaces}, {"refuse", (*trial).refuses}}
	all     = append(slices.Clone(submits), step{"look", (*trial).looks},
		step{"deactivate", (*trial).deactivates}, step{"activate", (*trial).activates},
		step{"rebalance", (*trial).rebalances}, step{"kill", (*trial).kills})
	crossed = append(slices.Clone(submits), step{"kill", (*trial).kills})
	refused = []step{{"told", (*trial).isToldOfTheMajor}}
)

// submission runs main in the client's Storm, and hands the topology over, as a submitting
// pod does.
func (t *trial) submission(ctx context.Context, arg string) error {
	t.generation++
	wait := int32(0)
	main, args := mainClass, []string{arg}
	if t.flux != nil {
		main, args = "org.apache.storm.flux.Flux", t.flux
	}
	sub, err := json.Marshal(storm.Submission{
		Name: t.name, MainClass: main, Args: args, Jar: t.jar, Beside: t.beside, Seeds: t.nimbus.seeds, Port: int32(t.nimbus.port),
		Settings: map[string]any{pending: 3}, Runs: t.id, KillWaitSeconds: &wait, MainTimeoutSeconds: 300,
		Fingerprint: t.fingerprint(), TLS: t.nimbus.how.tls.forPods(),
	})
	if err != nil {
		return err
	}
	conf := filepath.Join(t.client.path, "conf")
	if t.nimbus.how.tls != nil { // the image of such a Storm has its TLS settings, and main gets them
		conf = filepath.Join(t.nimbus.dir, "conf")
	}
	for key, value := range map[string]string{
		"STORM_HOME": t.client.path, "STORM_CONF_DIR": conf, "JAVA_HOME": t.client.java, "HOME": t.nimbus.dir,
	} {
		if err := os.Setenv(key, value); err != nil {
			return err
		}
	}
	if err := os.WriteFile(t.terminationLog(), nil, 0o644); err != nil { // as the kubelet does
		return err
	}
	fmt.Fprintf(t.log, "--- %s, generation %d\n", arg, t.generation)
	log := io.Writer(t.log)
	if t.writer != nil {
		log = t.writer
	}
	return inpod.Submit{
		Chunks: []string{string(sub)}, TerminationLog: t.terminationLog(), Log: log,
		ClientOptions: clientOptions,
	}.Run(ctx)
}

func (t *trial) terminationLog() string { return filepath.Join(t.nimbus.dir, "termination-log") }

// isRejection: a termination message has Nimbus's own words about the topology "bad".
func isRejection(message []byte) error {
	var said struct{ Reason, Tail string }
	if err := json.Unmarshal(message, &said); err != nil {
		return err
	}
	if said.Reason != v1beta1.SubmissionRejected || !strings.Contains(said.Tail, "[totals]") {
		return fmt.Errorf("it was not rejected: %s", message)
	}
	return nil
}

// isToldOfTheMajor: a pod whose Storm has another major version than Nimbus ends with the
// reason, before main runs, and nothing is in Storm.
func (t *trial) isToldOfTheMajor(ctx context.Context) error {
	began := time.Now()
	_ = t.submission(ctx, "good")
	took := time.Since(began)
	message, err := os.ReadFile(t.terminationLog())
	if err != nil {
		return err
	}
	want := fmt.Sprintf("The StormCluster's image has Storm %s, and Nimbus, which is Storm %s, accepts topologies of Storm %c only.", t.client.version, t.nimbus.of.version, t.nimbus.of.version[0])
	if !strings.Contains(string(message), want) || took > toldWithin {
		return fmt.Errorf("after %s the pod said %s", took, message)
	}
	if list, err := t.calls.List(ctx); err != nil || len(list) > 0 {
		return fmt.Errorf("the list is %+v: %v", list, err)
	}
	return nil
}

func (t *trial) fingerprint() storm.Fingerprint {
	return storm.Fingerprint{
		Cluster: "storms", Owner: "storms/" + t.name, UID: "u", Generation: t.generation,
		Revision: fmt.Sprintf("r%d", t.generation), Jar: "j", Restart: fmt.Sprintf("x%d", t.generation),
	}
}

func (t *trial) submits(ctx context.Context) error {
	if err := t.submission(ctx, "good"); err != nil {
		return err
	}
	return t.ran(ctx, t.fingerprint())
}

func (t *trial) replaces(ctx context.Context) error {
	before := t.id
	if err := t.submits(ctx); err != nil {
		return err
	}
	if _, err := t.calls.Info(ctx, before); t.id == before || !isNotAlive(err) {
		return fmt.Errorf("%s replaced %s, and Nimbus says of that one: %v", t.id, before, err)
	}
	return nil
}

// refuses: what Nimbus rejects replaces nothing, and leaves nothing behind.
func (t *trial) refuses(ctx context.Context) error {
	running := t.fingerprint()
	err := t.submission(ctx, "bad")
	said, unread := os.ReadFile(t.terminationLog())
	if failed := errors.Join(unread, isRejection(said)); failed != nil {
		return fmt.Errorf("%w: %v", failed, err)
	}
	if err := t.ran(ctx, running); err != nil {
		return fmt.Errorf("after the rejection: %w", err)
	}
	return t.nothingLeft()
}

// nothingLeft: the dry run has a name of its own, and no file has it.
func (t *trial) nothingLeft() error {
	return filepath.WalkDir(filepath.Join(t.nimbus.dir, "data"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.Contains(filepath.Base(path), "probe") {
			return fmt.Errorf("the dry run left %s", path)
		}
		return nil // Nimbus removes files meanwhile
	})
}

// ran: the topology runs with a fingerprint, in Storm's list and by its id.
func (t *trial) ran(ctx context.Context, want storm.Fingerprint) error {
	for _, id := range []string{"", t.id} {
		view := t.calls.Look(ctx, t.name, id)
		switch there := view.Topology; {
		case view.Problem != "":
			return errors.New(view.Problem)
		case there == nil:
			return errors.New("the list of Storm lacks the topology")
		case there.Status != storm.Active || there.Fingerprint != want:
			return fmt.Errorf("%s is %s and has the fingerprint %+v", there.ID, there.Status, there.Fingerprint)
		default:
			t.id = there.ID
		}
	}
	return nil
}

// looks: every call that a look, or the StormCluster, needs.
func (t *trial) looks(ctx context.Context) error {
	leader, err := t.calls.Leader(ctx)
	if err != nil {
		return err
	}
	if leader.Version != string(t.nimbus.of.version) {
		return fmt.Errorf("the leader says version %q", leader.Version)
	}
	if self, err := t.calls.Self(ctx); err != nil || self.Identity == "" {
		return fmt.Errorf("the conf of Nimbus has the identity %q: %v", self.Identity, err)
	}
	if cluster, err := t.calls.ClusterInfo(ctx); err != nil || cluster.Topologies != 1 {
		return fmt.Errorf("the Storm has %d topologies: %v", cluster.Topologies, err)
	}
	if list, err := t.calls.List(ctx); err != nil || len(list) != 1 || list[0].ID != t.id {
		return fmt.Errorf("the list is %+v: %v", list, err)
	}
	return t.confHas(ctx, "3")
}

func (t *trial) confHas(ctx context.Context, want string) error {
	conf, err := t.calls.ConfAnd(ctx, t.id, pending)
	if got := fmt.Sprint(conf[pending]); err != nil || got != want {
		return fmt.Errorf("%s is %s: %v", pending, got, err)
	}
	return nil
}

func (t *trial) deactivates(ctx context.Context) error {
	return t.acts(ctx, storm.Call{Verb: storm.Deactivate}, t.status(storm.Inactive))
}

func (t *trial) activates(ctx context.Context) error {
	return t.acts(ctx, storm.Call{Verb: storm.Activate}, t.status(storm.Active))
}

func (t *trial) rebalances(ctx context.Context) error {
	wait := int32(0)
	call := storm.Call{Verb: storm.Rebalance, WaitSeconds: &wait, Workers: 1, Overrides: map[string]any{pending: 7, "topology.workers": 1}}
	if err := t.acts(ctx, call, func(ctx context.Context) error { return t.confHas(ctx, "7") }); err != nil {
		return err
	}
	return until(ctx, t.status(storm.Active))
}

func (t *trial) kills(ctx context.Context) error {
	wait := int32(0)
	return t.acts(ctx, storm.Call{Verb: storm.Kill, WaitSeconds: &wait}, func(ctx context.Context) error {
		if view := t.calls.Look(ctx, t.name, ""); !view.Gone() {
			return fmt.Errorf("it is not gone: %+v", view)
		}
		return nil
	})
}

// acts makes a call as the hook server does, and waits until Storm shows its effect.
func (t *trial) acts(ctx context.Context, call storm.Call, done func(context.Context) error) error {
	call.Name, call.ID = t.name, t.id
	if said := t.calls.Act(ctx, call, source{t.calls}); said.Problem != "" {
		return errors.New(said.Problem)
	}
	return until(ctx, done)
}

func (t *trial) status(want string) func(context.Context) error {
	return func(ctx context.Context) error {
		view := t.calls.Look(ctx, t.name, t.id)
		if view.Topology == nil || view.Topology.Status != want {
			return fmt.Errorf("it is not %s: %+v %s", want, view.Topology, view.Problem)
		}
		return nil
	}
}

// until repeats a check until it is true.
func until(ctx context.Context, check func(context.Context) error) error {
	for end := time.Now().Add(soon); ; time.Sleep(200 * time.Millisecond) {
		if err := check(ctx); err == nil || time.Now().After(end) {
			return err
		}
	}
}

func isNotAlive(err error) bool {
	var notAlive *nimbus.NotAliveError
	return errors.As(err, &notAlive)
}

// source is a client that keeps nothing.
type source struct{ *nimbus.Client }

func (s source) Named(ctx context.Context, name string, _ bool) (*nimbus.Summary, error) {
	var found *nimbus.Summary
	err := s.EachTopology(ctx, func(t nimbus.Summary) {
		if t.Name == name {
			found = &t
		}
	})
	return found, err
}

func (s source) Facts(ctx context.Context, id string) (nimbus.Facts, error) {
	conf, err := s.Conf(ctx, id)
	return nimbus.FactsOf(conf), err
}

func (s source) ListLeader() storm.Leader { return storm.Leader{} }

func (s source) Fresh() bool { return true }
