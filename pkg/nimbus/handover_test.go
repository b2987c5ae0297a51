package nimbus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// fakeStorm is the state of a fake Nimbus, enough for a handover. The stories of
// e2e/cluster use the real one.
type fakeStorm struct {
	*fakeNimbus
	mu     sync.Mutex
	there  *Summary
	conf   string
	jars   map[string]*bytes.Buffer
	looks  int         // at the killed topology
	drains func() bool // whether it is still there; nil is for two looks
	takes  func()      // after it is gone: another topology takes its name; nil is none
	drops  int         // submissions that it accepts and does not list
	story  []string    // what was changed, in order
	serial int
	// loses names a call whose answer is lost once, after the call was done; fails
	// names one that fails once.
	loses, fails string
	behind       bool                // it fails at each submission, behind the JAR
	late         string              // why it rejects a submission under the real name
	full         bool                // it fails at each piece of an upload
	bytes        int                 // of pieces that it got
	rule         func(string) string // why it rejects a name; empty accepts it
	denies       func(string) bool   // whom it does not authorize, by name
	inbox        inboxCheck          // what it does with a location outside its inbox
	blind        bool                // it fails before it checks a topology
	undescribed  bool                // it fails in the description of what runs
}

// inboxCheck is a Nimbus's check that a JAR lies in its inbox, as Storm 3.1 has one: the
// field of the exception (0 is untyped), and whether it comes after all other checks.
type inboxCheck struct {
	on, late bool
	typed    int16
}

func (i inboxCheck) refuses(late bool, location string) bool {
	return i.on && i.late == late && !strings.HasPrefix(location, "inbox/")
}

func (i inboxCheck) answer(location string) answerer {
	if i.typed == 0 {
		return func(_ *cursor, method string, seq int32) []byte { return internalError(method, seq) }
	}
	return throws(i.typed, "Uploaded jar location "+location+" is not inside the Nimbus inbox")
}

func startStorm(t *testing.T) *fakeStorm {
	s := &fakeStorm{fakeNimbus: startFake(t), jars: map[string]*bytes.Buffer{}}
	for method, answer := range map[string]answerer{
		"getTopologySummaries": s.list, "getTopologyConf": s.getConf,
		"getTopologyInfoWithOpts": s.info(func() string { return s.there.ID }), "getTopologyInfoByNameWithOpts": s.info(func() string { return s.there.Name }),
		"beginFileUpload": s.begin, "uploadChunk": s.chunk, "finishFileUpload": s.tell("upload", void),
		"killTopologyWithOpts": s.tell("kill", s.kill), "submitTopologyWithOpts": s.tell("", s.submit),
	} {
		s.does(method, answer)
	}
	return s
}

// tell records a change, and spoils the answer if the test wants that.
func (s *fakeStorm) tell(what string, answer answerer) answerer {
	return func(args *cursor, method string, seq int32) []byte {
		s.mu.Lock()
		defer s.mu.Unlock()
		if what != "" {
			s.story = append(s.story, what)
		}
		if s.fails == method {
			s.fails = ""
			return internalError(method, seq)
		}
		done := answer(args, method, seq)
		if s.loses == method && (what != "" || s.story[len(s.story)-1] == "submit") {
			s.loses = ""
			return nil
		}
		return done
	}
}

func (s *fakeStorm) list(_ *cursor, method string, seq int32) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drain()
	there := s.there
	if there == nil {
		return noTopologies(nil, method, seq)
	}
	return reply(method, seq, func(w *writer) {
		w.field(typeList, 0)
		there.line(w)
	})
}

// line writes a list of one topology.
func (s *Summary) line(w *writer) {
	w.raw([]byte{typeStruct, 0, 0, 0, 1})
	w.field(typeString, 1).string(s.ID)
	w.field(typeString, 2).string(s.Name)
	for id := int16(3); id <= 6; id++ {
		w.field(typeI32, id).i32(0)
	}
	w.field(typeString, 7).string(s.Status)
	w.stop()
}

// drain removes a killed topology in its time.
func (s *fakeStorm) drain() {
	if s.there == nil || s.there.Status != storm.Killed {
		return
	}
	if s.looks++; s.drains == nil && s.looks > 2 || s.drains != nil && !s.drains() {
		if s.there = nil; s.takes != nil {
			s.takes()
		}
	}
}

// info describes the topology by its id, or by its name.
func (s *fakeStorm) info(by func() string) answerer {
	return func(args *cursor, method string, seq int32) []byte {
		s.mu.Lock()
		defer s.mu.Unlock()
		asked := (&cursor{frame: args.fields(0)[0].raw}).string()
		if s.drain(); s.there == nil || by() != asked {
			return throws(1, "not alive")(nil, method, seq)
		}
		if s.undescribed && s.there.ID == "wordcount-1-1000" { // what ran before
			return internalError(method, seq)
		}
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, 0)
			w.field(typeString, 1).string(s.there.ID)
			w.field(typeString, 2).string(s.there.Name)
			w.field(typeI32, 3).i32(1)
			w.field(typeList, 4)
			emptyList(w)
			w.field(typeString, 5).string(s.there.Status)
			w.field(typeMap, 6).raw([]byte{typeString, typeList, 0, 0, 0, 0})
			w.stop()
		})
	}
}

func (s *fakeStorm) getConf(args *cursor, method string, seq int32) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return textAnswer(s.conf)(args, method, seq)
}

func (s *fakeStorm) begin(args *cursor, method string, seq int32) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	location := fmt.Sprintf("inbox/%d", s.serial)
	s.jars[location] = &bytes.Buffer{}
	return textAnswer(location)(args, method, seq)
}

func (s *fakeStorm) chunk(args *cursor, method string, seq int32) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	fields := args.fields(0)
	location := (&cursor{frame: fields[0].raw}).string()
	piece := (&cursor{frame: fields[1].raw}).string()
	if s.bytes += len(piece); s.full {
		s.story = append(s.story, "refuse")
		return internalError(method, seq)
	}
	s.jars[location].WriteString(piece)
	return void(nil, method, seq)
}

func (s *fakeStorm) kill(args *cursor, method string, seq int32) []byte {
	if s.there == nil {
		return throws(1, "not alive")(nil, method, seq)
	}
	s.there.Status, s.looks = storm.Killed, 0
	return void(args, method, seq)
}

// submit checks in Nimbus's order: who may, alive, the conf, the validator, the JAR.
func (s *fakeStorm) submit(args *cursor, method string, seq int32) []byte {
	got, err := parseSubmission(args)
	if err != nil {
		return nil
	}
	control := strings.Contains(got.Conf, `"topology.workers":"x"`)
	if control {
		s.story = append(s.story, "control")
	} else if got.Name != "wordcount" {
		s.story = append(s.story, "probe")
	} else {
		s.story = append(s.story, "submit")
	}
	switch {
	case s.denies != nil && s.denies(got.Name):
		return throws(3, "submitTopology on topology "+got.Name+" is not authorized")(nil, method, seq)
	case s.there != nil && s.there.Name == got.Name:
		return throws(1, got.Name+" is already alive")(nil, method, seq)
	case s.blind && got.Name != "wordcount":
		return internalError(method, seq)
	case s.inbox.refuses(false, got.Location):
		return s.inbox.answer(got.Location)(nil, method, seq)
	case control, strings.Contains(got.Conf, `"bad"`):
		return throws(2, "Field topology.workers must be an Integer within type range.")(nil, method, seq)
	case s.rule != nil && s.rule(got.Name) != "":
		return throws(2, s.rule(got.Name))(nil, method, seq)
	case s.late != "" && got.Name == "wordcount":
		return throws(2, s.late)(nil, method, seq)
	case s.inbox.refuses(true, got.Location):
		return s.inbox.answer(got.Location)(nil, method, seq)
	case s.jars[got.Location] == nil, s.behind:
		return internalError(method, seq)
	}
	if s.drops--; s.drops < 0 {
		s.run(got.Name, got.Conf)
	}
	return void(nil, method, seq)
}

func (s *fakeStorm) run(name, conf string) {
	s.serial++
	s.there = &Summary{ID: fmt.Sprintf("%s-%d-1000", name, s.serial), Name: name, Status: storm.Active}
	s.conf = conf
}

// runs puts a topology of Stormhooks, with an older revision, in Storm.
func (s *fakeStorm) runs(f storm.Fingerprint) {
	conf, _ := json.Marshal(f.Settings())
	s.run("wordcount", string(conf))
}

func TestHandOver(t *testing.T) {
	older := submission().Fingerprint
	older.Revision, older.Generation = "r0", 1
	newer := older
	newer.Revision, newer.Generation = "r9", 9
	cases := map[string]struct {
		world              func(*fakeStorm, *storm.Submission)
		stopAt             string // the stop request comes after this step
		story              string
		reason             string // of the refusal
		killed, jarRefused bool   // what it tells besides
		waits              int64  // longest time in s until it tells what it killed; 0 is 30
		says               string
		why                string
	}{
		"the first": {story: "upload submit", why: "nothing runs: the submission replaces the dry run"},
		"an update": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older) },
			story: "upload probe control kill submit", why: "the previous revision runs until all is ready",
		},
		"a second time": {
			world: func(s *fakeStorm, sub *storm.Submission) { s.runs(sub.Fingerprint) },
			story: "", why: "it runs",
		},
		"Nimbus rejects it": {
			world: func(s *fakeStorm, sub *storm.Submission) {
				s.runs(older)
				sub.Settings = map[string]any{"topology.workers": "bad"}
			},
			story: "upload probe probe", reason: v1beta1.SubmissionRejected,
			says: "Storm rejected the topology. Fix main, or its settings (spec.topology.config). Topology wordcount-1-1000 keeps running. Storm answered: Field topology.workers must be an Integer within type range.",
			why:  "the previous revision keeps running",
		},
		"the answer to the submission is lost": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.loses = "submitTopologyWithOpts" },
			story: "upload submit", why: "a look, never a second submission",
		},
		"the answer to the kill is lost": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.loses = "killTopologyWithOpts" },
			story: "upload probe control kill submit", why: "a look",
		},
		"finishing the upload fails": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.fails = "finishFileUpload" },
			story: "upload upload submit", why: "the JAR is sent again, whole",
		},
		"a newer one runs": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(newer) },
			story: "", reason: v1beta1.Superseded, says: "generation 9 of this topology has been submitted already",
		},
		"a topology that Stormhooks did not submit": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.run("wordcount", "{}") },
			story: "", reason: v1beta1.NameConflict, says: "Topology wordcount-1-1000 in Storm has the name, and was not submitted by Stormhooks. Stormhooks does not touch it. Kill that",
		},
		"another Storm": {
			world: func(_ *fakeStorm, sub *storm.Submission) { sub.Identity = "storm-b" },
			story: "", reason: v1beta1.ClusterChanged, says: "The seeds lead to a different Storm (", why: "it does not say what was done in the first",
		},
		"Nimbus fails behind the JAR": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.behind = true },
			story: "upload probe control kill submit upload submit", reason: v1beta1.SubmissionFailed, killed: true,
			says: "Nimbus accepted the dry run of revision r and then failed at the submission (Internal error processing submitTopologyWithOpts). See Nimbus's log.",
			why:  "two submissions at most: the previous revision can run",
		},
		"Storm does not list what it accepted": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.drops = 2 },
			story: "upload probe control kill submit submit", reason: v1beta1.SubmissionFailed, killed: true, waits: 66,
			says: "Storm kept failing: Storm accepted the submission, but does not list the topology. See Nimbus's log.",
			why:  "two submissions at most: the previous revision can run",
		},
		"Storm does not list it at first": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.drops = 1 }, stopAt: "kill",
			story: "upload probe control kill submit submit", why: "never half",
		},
		"Nimbus rejects it after the dry run": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.late = "no topologies left" },
			story: "upload probe control kill submit", reason: v1beta1.SubmissionRejected, killed: true,
			says: "Nimbus accepted the dry run of revision r and then rejected the submission. Fix main, or its settings (spec.topology.config). Storm answered: no topologies left",
			why:  "a rejection is final",
		},
		"Nimbus fails behind the JAR of the first": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.behind = true },
			story: "upload submit upload submit submit submit submit", reason: v1beta1.SubmissionFailed,
			says: "Storm kept failing: Nimbus failed in submitTopologyWithOpts", why: "the JAR is sent twice at most",
		},
		"Nimbus's disk is full": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.full = true },
			story: "refuse refuse", reason: v1beta1.ClusterUnreachable, jarRefused: true,
			says: "Nimbus at 127.0.0.1 does not accept the JAR (Internal error processing uploadChunk). Its disk may be full. See Nimbus's log.",
			why:  "each upload leaves a part of the JAR there",
		},
		"a validator judges names, by a prefix": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.rule = namesLike(`^word`) },
			story: "upload probe control kill submit", why: "the dry run's name begins with the real one",
		},
		"a validator judges names, by their length and end": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.rule = namesLike(`^[a-z]{3,12}unt$`) },
			story: "upload probe probe control kill submit", why: "the second dry run has a name like the real one",
		},
		"a validator judges names, by a list": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.rule = namesLike(`^wordcount$`) },
			story: "upload probe probe kill submit", why: "a refusal of names says nothing about the topology",
		},
		"a validator judges names, and Nimbus then fails": {
			world: func(s *fakeStorm, _ *storm.Submission) {
				s.runs(older)
				s.rule, s.behind = namesLike(`^wordcount$`), true
			},
			story: "upload probe probe kill submit upload submit", reason: v1beta1.SubmissionFailed, killed: true,
			says: "The dry run of revision r proved nothing, since Nimbus refused its name. Nimbus then failed at the submission (",
			why:  "a message says only what was seen",
		},
		"an authorizer judges names, by a list": {
			world: func(s *fakeStorm, _ *storm.Submission) {
				s.runs(older)
				s.denies = func(name string) bool { return name != "wordcount" }
			},
			story: "upload probe probe submit kill submit", why: "the real name is authorized: Nimbus finds it in use",
		},
		"an authorizer denies it": {
			world: func(s *fakeStorm, _ *storm.Submission) {
				s.runs(older)
				s.denies = func(string) bool { return true }
			},
			story: "upload probe probe submit", reason: v1beta1.SubmissionRejected,
			says: "Storm rejected the topology. Check who may submit topologies (nimbus.authorizer of Storm). Topology wordcount-1-1000 keeps running. Storm answered: submitTopology on topology wordcount is not authorized",
			why:  "the previous revision keeps running",
		},
		"a Nimbus that fails before it checks a topology": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.blind = true },
			story: "upload" + strings.Repeat(" probe control", 5), reason: v1beta1.SubmissionFailed,
			says: "so Stormhooks cannot tell whether it accepts the topology. Topology wordcount-1-1000 keeps running. See Nimbus's log. To replace the topology without a dry run, kill wordcount-1-1000 in Storm",
			why:  "its failure is not a yes: nothing is killed",
		},
		"a Nimbus that cannot read the heartbeats of what runs": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older); s.undescribed = true },
			story: "upload probe control kill submit", why: "the list and the conf are enough: Storm 3 reads no heartbeat of Storm 2",
		},
		"a first submission to such a Nimbus": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.blind = true },
			story: "upload submit", why: "nothing runs that could be lost",
		},
		"another topology takes the name after the kill": {
			world: func(s *fakeStorm, _ *storm.Submission) {
				s.runs(older)
				s.takes = func() { s.run("wordcount", "{}") }
			},
			story: "upload probe control kill submit", reason: v1beta1.NameConflict, says: "opology wordcount-3-1000 in Storm has the name",
			why: "Nimbus refuses the submission, and the list has the other one",
		},
		"stopped before the kill": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older) }, stopAt: "probe",
			story: "upload probe control", reason: v1beta1.PodLost, says: "Nothing was changed in Storm",
		},
		"stopped after the kill": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.runs(older) }, stopAt: "kill",
			story: "upload probe control kill submit", why: "never half",
		},
		"stopped after a submission whose answer is lost": {
			world: func(s *fakeStorm, _ *storm.Submission) { s.loses, s.drops = "submitTopologyWithOpts", 1 }, stopAt: "submit",
			story: "upload submit", reason: v1beta1.PodLost, says: "Nimbus may still start it", why: "Nimbus may be slow",
		},
		"stopped after the kill, and another takes its place": {
			world: func(s *fakeStorm, _ *storm.Submission) {
				s.runs(older)
				s.takes = func() { s.runs(older) }
			}, stopAt: "submit",
			story: "upload probe control kill submit", reason: v1beta1.PodLost, says: "had killed the previous topology", why: "it did something",
		},
	}
	jar := filepath.Join(t.TempDir(), "topology.jar")
	content := bytes.Repeat([]byte("0123456789abcdef"), 60_000)
	if err := os.WriteFile(jar, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sub := startStorm(t), submission()
			if c.world != nil {
				c.world(s, &sub)
			}
			sub.Jar = jar
			h, refusal := client(t, s.fakeNimbus).newHandover(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf)
			if refusal == nil {
				refusal = h.prepare(context.Background(), recordedCall(t, "wordcount"))
			}
			if refusal != nil {
				t.Fatal(refusal)
			}
			clock := int64(1000) // pauses take no time
			h.now = func() int64 { return clock }
			h.pause = func(seconds int64) { clock += seconds }
			h.terminated = func() bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return c.stopAt != "" && slices.Contains(s.story, c.stopAt)
			}
			handed, refusal := h.run(context.Background())
			id := handed.ID
			if handed.Killed != "" != c.killed || handed.JarRefused != c.jarRefused {
				t.Errorf("%s: %+v", c.why, handed)
			}
			if waited := clock - 1000; c.killed && waited > max(c.waits, 30) {
				t.Errorf("it waited for %d s, and nothing ran", waited)
			}
			if diff := cmp.Diff(c.story, strings.Join(s.story, " ")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.why, diff)
			}
			switch {
			case c.reason == "" && (refusal != nil || s.there == nil || id != s.there.ID):
				t.Errorf("id %q, refusal %+v, there %+v", id, refusal, s.there)
			case c.reason != "" && (refusal == nil || refusal.Reason != c.reason || !strings.Contains(refusal.Text(), c.says)):
				t.Errorf("refusal %+v, want %s: %s", refusal, c.reason, c.says)
			}
			for _, fault := range formFaults(refusal) {
				t.Errorf("%s: %s", fault, refusal.Message)
			}
			for location, got := range s.jars {
				if c.reason == "" && s.fails == "" && !bytes.Equal(got.Bytes(), content) {
					t.Errorf("%s holds %d bytes, want %d", location, got.Len(), len(content))
				}
			}
		})
	}
}

// TestInboxCheck: a Nimbus that refuses each location outside its inbox accepts an update,
// and rejects a bad topology before anything is killed, whatever the refusal looks like.
func TestInboxCheck(t *testing.T) {
	for _, check := range []inboxCheck{
		{on: true}, {on: true, typed: 2}, {on: true, typed: 3}, {on: true, late: true}, {on: true, late: true, typed: 2}, {on: true, late: true, typed: 3},
	} {
		for workers, want := range map[any]string{2: "upload probe control kill submit", "bad": "upload probe probe"} {
			t.Run(fmt.Sprintf("%+v %v", check, workers), func(t *testing.T) {
				s, sub := startStorm(t), submission()
				older := sub.Fingerprint
				older.Revision = "r0"
				s.runs(older)
				s.inbox, sub.Settings = check, map[string]any{"topology.workers": workers}
				h, _ := handingOver(t, s, sub, 10)
				_, failed := h.run(context.Background())
				if got := strings.Join(s.story, " "); got != want || (failed == nil) != (workers == 2) {
					t.Errorf("%q, want %q: %+v", got, want, failed)
				}
			})
		}
	}
}

func TestBesideUpload(t *testing.T) {
	for location, want := range map[string]string{
		"/data/nimbus/inbox/stormjar-1.jar": `^/data/nimbus/inbox/stormhooks-probe-[0-9a-f]{12}\.jar$`,
		`C:\storm\inbox/stormjar-1.jar`:     `^C:\\storm\\inbox/stormhooks-probe-[0-9a-f]{12}\.jar$`,
		`C:\storm\inbox\stormjar-1.jar`:     `^C:\\storm\\inbox\\stormhooks-probe-[0-9a-f]{12}\.jar$`,
		"stormjar-1.jar":                    `^stormhooks-probe-[0-9a-f]{12}\.jar$`,
	} {
		if got := besideUpload(location); !regexp.MustCompile(want).MatchString(got) || got == besideUpload(location) {
			t.Errorf("%s: %s, want %s", location, got, want)
		}
	}
}

// namesLike is a validator's rule for names.
func namesLike(pattern string) func(string) string {
	rule := regexp.MustCompile(pattern)
	return func(name string) string {
		if rule.MatchString(name) {
			return ""
		}
		return "Topology name '" + name + "' is not registered"
	}
}

// handingOver prepares a handover to a fake Storm, whose pauses take no time.
func handingOver(t *testing.T, s *fakeStorm, sub storm.Submission, size int) (h *handover, clock *int64) {
	t.Helper()
	sub.Jar = filepath.Join(t.TempDir(), "topology.jar")
	if err := os.WriteFile(sub.Jar, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	h, clock = onAClock(t, s, sub)
	if refusal := h.prepare(context.Background(), recordedCall(t, "wordcount")); refusal != nil {
		t.Fatal(refusal)
	}
	return h, clock
}

// onAClock is a handover whose pauses take no time, and which has not asked Nimbus yet.
func onAClock(t *testing.T, s *fakeStorm, sub storm.Submission) (h *handover, clock *int64) {
	t.Helper()
	h, refusal := client(t, s.fakeNimbus).newHandover(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf)
	if refusal != nil {
		t.Fatal(refusal)
	}
	clock = new(int64)
	*clock = 1000
	h.now = func() int64 { return *clock }
	h.pause = func(seconds int64) { *clock += seconds }
	h.terminated = func() bool { return false }
	return h, clock
}

// A Nimbus that fails at each submission gets the JAR twice at most, and one with a full
// disk gets two parts of it.
func TestBytesOfTheJar(t *testing.T) {
	const size = 3 * pieceSize
	s := startStorm(t)
	s.behind = true
	h, _ := handingOver(t, s, submission(), size)
	for range 10 { // as many failures as there can be
		h.seen.Failures = 0
		if _, refusal := h.run(context.Background()); refusal == nil {
			t.Fatal("it was submitted")
		}
	}
	if s.bytes > 2*size {
		t.Errorf("a Nimbus that fails at submissions got %d bytes of a JAR of %d", s.bytes, size)
	}
	s = startStorm(t)
	s.full = true
	h, _ = handingOver(t, s, submission(), size)
	if handed, _ := h.run(context.Background()); !handed.JarRefused || s.bytes != 2*pieceSize {
		t.Errorf("a full disk got %d bytes: %+v", s.bytes, handed)
	}
}

// pod hands a JAR of so many bytes over, as a pod that begins with what another one left.
func pod(t *testing.T, s *fakeStorm, left storm.Upload, size int) Handed {
	t.Helper()
	sub := submission()
	sub.Upload = left
	h, clock := handingOver(t, s, sub, size)
	*clock = max(unix(), left.At)
	begun := h.begin()
	begun.Settle, begun.JarKept = h.seen.Settle, h.seen.JarKept
	h.seen = begun
	handed, _ := h.run(context.Background())
	return handed
}

// The next pod uses the JAR that the one before it left. A full disk gets one more part from
// it, where that pod had its part refused.
func TestBytesOfTheJarOverPods(t *testing.T) {
	const size = 3 * pieceSize
	s := startStorm(t)
	s.behind = true
	left := storm.Upload{}
	for range 10 {
		left = pod(t, s, left, size).Left
	}
	if submits := strings.Count(strings.Join(s.story, " "), "submit"); s.bytes != 2*size || submits < 10 {
		t.Errorf("ten pods sent %d bytes of a JAR of %d, for %d submissions", s.bytes, size, submits)
	}
	for name, c := range map[string]struct {
		change func(*storm.Upload)
		size   int
		sends  bool
	}{
		"the same":           {func(*storm.Upload) {}, size, false},
		"another JAR":        {func(*storm.Upload) {}, size - 1, true},
		"an old one":         {func(u *storm.Upload) { u.At -= 1800 }, size, true},
		"of an earlier run":  {func(u *storm.Upload) { u.Leader.Start -= 60 }, size, true},
		"of another leader":  {func(u *storm.Upload) { u.Leader.Host = "nimbus-1" }, size, true},
		"one that is forged": {func(u *storm.Upload) { u.Location = "/inbox/$(id)" }, size, true},
	} {
		s.story, s.bytes, s.behind, s.there = nil, 0, false, nil
		given := left
		c.change(&given)
		if handed := pod(t, s, given, c.size); handed.ID == "" || (s.bytes > 0) != c.sends {
			t.Errorf("%s: %d bytes were sent, %q runs", name, s.bytes, handed.ID)
		}
	}

	s = startStorm(t)
	s.full = true
	refused := pod(t, s, storm.Upload{}, size)
	if again := pod(t, s, refused.Left, size); !refused.JarRefused || !again.JarRefused || s.bytes != 3*pieceSize {
		t.Errorf("a full disk got %d bytes: %+v, then %+v", s.bytes, refused, again)
	}
}

// An update of a topology whose id is known reads no list, and Nimbus's conf once, however
// long the old one drains. A Storm that does not know the call for a name lists the new one.
func TestCallsOfAWait(t *testing.T) {
	t.Run("Storm 2.3 and later", func(t *testing.T) { callsOfAWait(t, startStorm(t), 0) })
	t.Run("an older one", func(t *testing.T) {
		s := startStorm(t)
		s.does("getTopologyInfoByNameWithOpts", unknown)
		callsOfAWait(t, s, 1)
	})
}

func callsOfAWait(t *testing.T, s *fakeStorm, want int) {
	t.Helper()
	older, sub := submission().Fingerprint, submission()
	older.Revision, older.Generation = "r0", 1
	s.runs(older)
	wait := int32(60)
	sub.KillWaitSeconds, sub.Runs = &wait, s.there.ID
	h, clock := handingOver(t, s, sub, 10)
	killed := int64(0)
	s.drains = func() bool {
		if killed == 0 {
			killed = *clock
		}
		return *clock < killed+61
	}
	if _, refusal := h.run(context.Background()); refusal != nil {
		t.Fatal(refusal)
	}
	if lists := s.called("getTopologySummaries"); lists != want {
		t.Errorf("%d lists, want %d", lists, want)
	}
	if confs := s.called("getNimbusConf"); confs != 1 {
		t.Errorf("Nimbus's conf was read %d times", confs)
	}
	if looks := s.looks; looks > 15 || *clock > killed+63 {
		t.Errorf("%d looks at the killed topology, and it was gone %d s ago", looks, *clock-killed-61)
	}
}

// A submission that Storm does not show is looked at by its name. The list is read once
// before it, and once when the wait is over: it shows what a Nimbus that has just begun to
// lead denies.
func TestWaitForASubmission(t *testing.T) {
	s := startStorm(t)
	named := 0
	s.does("getTopologyInfoByNameWithOpts", func(_ *cursor, method string, seq int32) []byte {
		named++
		return throws(1, "wordcount is not alive")(nil, method, seq)
	})
	sub := submission()
	sub.Runs = "wordcount-9-900"
	h, clock := handingOver(t, s, sub, 10)
	handed, refusal := h.run(context.Background())
	if refusal != nil || handed.ID != s.there.ID {
		t.Fatalf("%+v, %+v", handed, refusal)
	}
	if story := strings.Join(s.story, " "); story != "upload submit" {
		t.Errorf("it did %s", story)
	}
	if lists := s.called("getTopologySummaries"); named < 5 || lists != 2 || *clock != 1030 {
		t.Errorf("%d looks at the name and %d lists in %d s, want one when the wait is over", named, lists, *clock-1000)
	}
}

// A pod that submits a new topology reads no list where the Nimbus that leads had led for
// minutes when the hook server's list had nothing under the name, and one where that is not
// known. Only a typed no is a no.
func TestListsOfANewTopology(t *testing.T) {
	other := submission().Fingerprint
	other.Owner = "another/owner"
	for name, c := range map[string]struct {
		world  func(t *testing.T, s *fakeStorm, free *storm.Leader)
		lists  int
		reason string // of the refusal; empty submits it
	}{
		"the leader of the hook server's list": {lists: 0},
		"no leader is known":                   {world: func(_ *testing.T, _ *fakeStorm, free *storm.Leader) { *free = storm.Leader{} }, lists: 1},
		"another leader":                       {world: func(_ *testing.T, _ *fakeStorm, free *storm.Leader) { free.Host = "127.0.0.9" }, lists: 1},
		"another run of it":                    {world: func(_ *testing.T, _ *fakeStorm, free *storm.Leader) { free.Start -= 60 }, lists: 1},
		"a Storm before 2.3":                   {world: func(_ *testing.T, s *fakeStorm, _ *storm.Leader) { s.does("getTopologyInfoByNameWithOpts", unknown) }, lists: 3},
		"Nimbus fails without a type": {world: func(_ *testing.T, s *fakeStorm, _ *storm.Leader) {
			s.does("getTopologyInfoByNameWithOpts", func(_ *cursor, method string, seq int32) []byte { return internalError(method, seq) })
		}, lists: 3},
		"a leader that restarts while the JAR is uploaded": {world: func(_ *testing.T, s *fakeStorm, _ *storm.Leader) {
			s.does("finishFileUpload", s.tell("upload", func(args *cursor, method string, seq int32) []byte {
				s.fakeNimbus.mu.Lock()
				defer s.fakeNimbus.mu.Unlock()
				if s.up == 100 {
					s.up -= 60
				}
				return void(args, method, seq)
			}))
		}, lists: 2},
		"what another owner has is denied by one that has just begun to lead": {world: func(t *testing.T, s *fakeStorm, free *storm.Leader) {
			s.runs(other)
			s.does("getTopologyInfoByNameWithOpts", throws(1, "wordcount is not alive"))
			free.Start -= 60
		}, lists: 1, reason: v1beta1.NameConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sub := startStorm(t), submission()
			var err error
			if sub.Free, err = client(t, s.fakeNimbus).Leader(t.Context()); err != nil {
				t.Fatal(err)
			}
			if c.world != nil {
				c.world(t, s, &sub.Free)
			}
			h, _ := handingOver(t, s, sub, 10)
			_, refusal := h.run(t.Context())
			switch {
			case c.reason == "" && refusal != nil, c.reason != "" && (refusal == nil || refusal.Reason != c.reason):
				t.Errorf("%+v, want %q", refusal, c.reason)
			case c.reason != "" && slices.Contains(s.story, "submit"):
				t.Errorf("it did %v", s.story)
			}
			if lists := s.called("getTopologySummaries"); lists != c.lists {
				t.Errorf("%d lists, want %d", lists, c.lists)
			}
		})
	}
}

// A submission whose answer was lost is not repeated while Nimbus may wait for replicas,
// by the topology's own setting.
func TestSettleOfTheTopology(t *testing.T) {
	sub := submission()
	sub.Settings = map[string]any{storm.ReplicationWait: int64(300)}
	h, _ := handingOver(t, startStorm(t), sub, 10)
	if h.seen.Settle != 360 {
		t.Errorf("it settles in %d s", h.seen.Settle)
	}
}

// A stop request ends a pause that it comes into, and none that begins after it.
func TestPause(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	began := time.Now()
	if pause(ctx, time.Minute); time.Since(began) > 10*time.Second {
		t.Error("a stop request did not end the pause")
	}
	began = time.Now()
	if pause(ctx, 50*time.Millisecond); time.Since(began) < 50*time.Millisecond {
		t.Error("a pause after the stop request did not last")
	}
}

func TestSimilarName(t *testing.T) {
	for name, pattern := range map[string]string{
		"statisticsofteam":      `^stati[a-z]{6}fteam$`, // six letters are never drawn the same again
		"Team-a_wordcount-2.0x": `^Team-a_[a-z]{7}nt-2.0x$`,
		"a1":                    `^[a-z][0-9]$`,
		"---":                   `^----stormhooks-probe-[0-9a-f]{12}$`,
	} {
		for range 1000 { // each of its names is drawn several times
			similar := similarName(name)
			if similar == name || !regexp.MustCompile(pattern).MatchString(similar) {
				t.Errorf("%s: %s is not %s", name, similar, pattern)
			}
		}
	}
	if name := probeName("word_count"); !strings.HasPrefix(name, "word_count_stormhooks_probe_") {
		t.Errorf("%s", name)
	}
}

func formFaults(failed *problem.Problem) []string {
	if failed == nil {
		return nil
	}
	return testkit.Form(failed.Message, failed.Counts)
}

func TestHandOverOfWhatCannotBe(t *testing.T) {
	s := startStorm(t)
	s.does("getNimbusConf", textAnswer(`{"storm.zookeeper.servers":["zk"],"nimbus.thrift.max_buffer_size":1000}`))
	sub := submission()
	sub.Jar = filepath.Join(t.TempDir(), "topology.jar")
	_, refusal := client(t, s.fakeNimbus).HandOver(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf)
	if refusal == nil || refusal.Reason != v1beta1.SubmissionFailed || !strings.Contains(refusal.Message, "topology.jar") {
		t.Errorf("no JAR: %+v", refusal)
	}
	if err := os.WriteFile(sub.Jar, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, refusal = client(t, s.fakeNimbus).HandOver(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf)
	if refusal == nil || refusal.Reason != v1beta1.SubmissionRejected || !strings.Contains(refusal.Message, "at most 1000") {
		t.Errorf("too large: %+v", refusal)
	}
}

// A pod has run main already. So it waits for a Nimbus that is busy, or elects its leader.
func TestHandOverMeetsNimbus(t *testing.T) {
	for name, c := range map[string]struct {
		leadsAt, stopAt int64 // seconds after the beginning; 0 is never
		reason, says    string
		waits           int64
	}{
		"it leads after a while": {leadsAt: 40, waits: 41},
		"it never leads":         {reason: v1beta1.ClusterUnreachable, says: "names no leader", waits: 60},
		"the pod is stopped":     {stopAt: 10, reason: v1beta1.PodLost, says: "Nothing was changed in Storm. It will be retried.", waits: 11},
	} {
		t.Run(name, func(t *testing.T) {
			s, sub := startStorm(t), submission()
			sub.Jar = filepath.Join(t.TempDir(), "topology.jar")
			if err := os.WriteFile(sub.Jar, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			s.leads(nil)
			h, clock := onAClock(t, s, sub)
			h.pause = func(seconds int64) {
				if *clock += seconds; c.leadsAt > 0 && *clock >= 1000+c.leadsAt {
					s.leads(s.fakeNimbus)
				}
			}
			h.terminated = func() bool { return c.stopAt > 0 && *clock >= 1000+c.stopAt }
			refusal := h.prepare(context.Background(), recordedCall(t, "wordcount"))
			if waited := *clock - 1000; waited < c.waits-4 || waited > c.waits+4 {
				t.Errorf("it waited for %d s, want %d", waited, c.waits)
			}
			switch {
			case c.reason == "" && refusal != nil, c.reason != "" && (refusal == nil || refusal.Reason != c.reason || !strings.Contains(refusal.Text(), c.says)):
				t.Errorf("%+v, want %s: %s", refusal, c.reason, c.says)
			}
		})
	}
}

// Nothing is submitted that could not be read or killed afterwards.
func TestHandOverToAnAuthorizerOfNames(t *testing.T) {
	s := startStorm(t)
	s.does("getNimbusConf", textAnswer(`{"storm.zookeeper.servers":["zk"],"nimbus.thrift.max_buffer_size":1048576,`+
		`"nimbus.authorizer":"org.apache.storm.security.auth.authorizer.SimpleACLAuthorizer","storm.principal.tolocal":"org.apache.storm.security.auth.DefaultPrincipalToLocal"}`))
	sub := submission()
	sub.Jar = filepath.Join(t.TempDir(), "topology.jar")
	if err := os.WriteFile(sub.Jar, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, refusal := client(t, s.fakeNimbus).HandOver(context.Background(), recordedCall(t, "wordcount"), sub, t.Logf)
	if refusal == nil || refusal.Reason != v1beta1.SubmissionFailed || refusal.Message != storm.Nameless || len(s.story) > 0 {
		t.Errorf("%+v after %v", refusal, s.story)
	}
}

// What Nimbus cannot read ends the attempt before anything is uploaded or killed: a dry run
// would take Nimbus's failure for its yes.
func TestHandOverOfWhatNimbusCannotRead(t *testing.T) {
	conf := func(more string) func(*Recorded) { return func(r *Recorded) { r.Conf = "{" + more + "}" } }
	component := func(json string) func(*Recorded) {
		return func(r *Recorded) {
			r.Topology = topologyBytes(map[string]string{"count": "{}", "split": json}, "2.8.1")
		}
	}
	for name, c := range map[string]struct {
		main   func(*Recorded)
		nimbus string
		says   string
	}{
		"a fraction that is read behind the JAR": {conf(`"topology.max.replication.wait.time.sec":0.5`), "{}",
			"Main sets topology.max.replication.wait.time.sec to 0.5. Nimbus needs a whole number there. Fix it in main, or set it in spec.topology.config."},
		"null that is unboxed": {conf(`"storm.messaging.netty.authentication":null`), "{}", "to null. Nimbus needs true or false there."},
		"null that stops Nimbus": {conf(`"topology.priority":null`), `{"storm.scheduler":"org.apache.storm.scheduler.resource.ResourceAwareScheduler"}`,
			"Main sets topology.priority to null."},
		"no payload for ZooKeeper": {conf(``), `{"storm.zookeeper.auth.scheme":"digest"}`, "the topology has no storm.zookeeper.topology.auth.scheme."},
		"two settings that exclude each other": {conf(`"topology.producer.batch.size":9,"topology.executor.receive.buffer.size":8`), "{}",
			"is more than half of topology.executor.receive.buffer.size (8), and each worker would fail."},
		"a component's tasks": {component(`{"topology.tasks":"four"}`), "{}",
			`Main sets topology.tasks of component split to "four". Nimbus needs a whole number there. Fix it in main.`},
		"a component's configuration": {component(`[]`), "{}", "The configuration of component split is not a JSON object"},
		"a version":                   {func(r *Recorded) { r.Topology = topologyBytes(nil, "latest") }, "{}", `built with Storm "latest"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sub := startStorm(t), submission()
			s.runs(storm.Fingerprint{Cluster: "k8s", Owner: "ns/x", UID: "u", Generation: 1, Revision: "r0"})
			s.does("getNimbusConf", textAnswer(c.nimbus))
			sub.Jar = filepath.Join(t.TempDir(), "topology.jar")
			if err := os.WriteFile(sub.Jar, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			recorded := recordedCall(t, "wordcount")
			c.main(&recorded)
			_, refusal := client(t, s.fakeNimbus).HandOver(context.Background(), recorded, sub, t.Logf)
			if refusal == nil || refusal.Reason != v1beta1.SubmissionRejected || !strings.Contains(refusal.Message, c.says) {
				t.Errorf("%+v, want %q", refusal, c.says)
			}
			if len(s.story) != 0 || s.there == nil {
				t.Errorf("Nimbus was called: %v, %+v", s.story, s.there)
			}
			for _, fault := range formFaults(refusal) {
				t.Errorf("%s: %s", fault, refusal.Message)
			}
		})
	}
}

func TestActTouchesNoOther(t *testing.T) {
	s := startStorm(t)
	s.runs(submission().Fingerprint)
	c := client(t, s.fakeNimbus)
	outcome := c.Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "other", ID: s.there.ID}, direct{c})
	if outcome.Problem == "" || len(s.story) != 0 {
		t.Errorf("an id of another name: %+v, %v", outcome, s.story)
	}
	outcome = c.Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "wordcount", ID: s.there.ID}, direct{c})
	if outcome.Problem != "" || strings.Join(s.story, " ") != "kill" {
		t.Errorf("%+v, %v", outcome, s.story)
	}
	s.there = nil
	outcome = c.Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "wordcount", ID: "wordcount-1-1000"}, direct{c})
	if outcome.Problem == "" || len(s.story) != 1 {
		t.Errorf("an id that is gone: must 3: %+v, %v", outcome, s.story)
	}
}

// Where Nimbus does not describe the topology, the list that the caller gives decides.
func TestActOnWhatIsNotDescribed(t *testing.T) {
	const id = "wordcount-1-1000"
	for _, c := range []struct {
		name   string
		listed []Summary
		err    error
		kills  int
	}{
		{"listed", []Summary{{ID: id, Name: "wordcount"}}, nil, 1},
		{"another id", []Summary{{ID: "wordcount-2-2000", Name: "wordcount"}}, nil, 0},
		{"another name", []Summary{{ID: id, Name: "other"}}, nil, 0},
		{"gone", []Summary{}, nil, 0},
		{"no list yet", []Summary{{ID: id, Name: "wordcount"}}, context.DeadlineExceeded, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := startFake(t) // its answer to getTopologyInfoWithOpts is an internal error
			fake.does("killTopologyWithOpts", void)
			from := &told{lists: [][]Summary{c.listed}, errs: map[string]error{"list": c.err}}
			outcome := client(t, fake).Act(context.Background(), storm.Call{Verb: storm.Kill, Name: "wordcount", ID: id}, from)
			if kills := fake.called("killTopologyWithOpts"); kills != c.kills || (outcome.Problem == "") != (c.kills == 1) {
				t.Errorf("%d kills, %q", kills, outcome.Problem)
			}
			if !slices.Equal(from.asked, []string{"list again"}) {
				t.Errorf("asked %q, want a list that is read after the call", from.asked)
			}
		})
	}
}
