package storm

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// world is a small Storm, with everything that can go wrong between two calls.
type world struct {
	t       *rapid.T
	now     int64
	leader  int // which run of a Nimbus leads; a new number is a new run
	list    []*Topology
	gone    map[string]int64 // killed ids, and when they are removed
	jars    map[string]int   // uploads, and the Nimbus that has them on its disk
	pending []pending        // submissions that Nimbus still processes
	serial  int
	calm    bool // nothing goes wrong any more
	story   []string
	reached int             // topologies of the wanted revision that were submitted
	killed  bool            // we have killed, and nothing was submitted since
	behind  bool            // Nimbus fails at each submission, behind the JAR
	full    bool            // Nimbus fails at each upload
	unnamed bool            // the Nimbus that leads denies each name
	ledAt   int64           // since when it leads
	knows   map[string]bool // ids in its memory
	failed  map[int]int     // submissions at which each run of a leader failed since our kill
	refused map[int]int     // uploads at which it failed since the last one that it took
	taken   map[int][]int64 // when it took uploads
	dependencies
}

// dependencies are those in the blob store, which all Nimbuses share here.
type dependencies struct {
	want   Want
	keys   DependencyKeys
	there  map[string]bool
	sent   map[string]bool     // by a submission that Nimbus may have begun
	uses   map[string][]string // by id of a topology
	doomed map[string]int64    // of submissions that failed half way, and when Storm deletes them
}

// pending is a submission that a Nimbus processes, under its lock.
type pending struct {
	at     int64
	leader int
	f      Fingerprint
	keys   []string
}

func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf("%5d  ", w.now)+fmt.Sprintf(format, args...))
}

func (w *world) fail(format string, args ...any) {
	for _, line := range w.story {
		w.t.Log(line)
	}
	w.t.Fatalf(format, args...)
}

func (w *world) lead() Leader {
	return Leader{Host: fmt.Sprintf("nimbus-%d", w.leader%2), Port: 6627, Start: int64(w.leader) * 100}
}

func (w *world) named() *Topology {
	if len(w.list) == 0 {
		return nil
	}
	return w.list[0]
}

// add is a submission that a run of a Nimbus has accepted. The Nimbus that leads does not
// know of one that another run accepted.
func (w *world) add(f Fingerprint, who string, by int) {
	w.serial++
	t := &Topology{ID: fmt.Sprintf("wordcount-%d-%d", w.serial, w.now), Name: "wordcount", Status: Active, ConfKnown: true, Fingerprint: f}
	w.list = append(w.list, t)
	w.knows[t.ID] = by == w.leader
	w.killed = false
	w.tell("%s submits %s, revision %q", who, t.ID, f.Revision)
	if f.SameRevision(handWant.Fingerprint) {
		w.reached++
	}
	alive := 0
	for _, t := range w.list {
		if t.Alive() && t.Fingerprint.SameOwner(handWant.Fingerprint) {
			alive++
		}
	}
	if alive > 1 {
		w.fail("must 1: two topologies for one StormTopology")
	}
}

func (w *world) kill(t *Topology, wait int64) {
	if t.Status != Killed {
		t.Status = Killed
		w.gone[t.ID] = w.now + wait
	}
}

// pass advances the time: killed topologies are removed, submissions in progress end.
func (w *world) pass(seconds int64) {
	w.now += seconds
	var left []*Topology
	for _, t := range w.list {
		if at, killed := w.gone[t.ID]; !killed || at > w.now {
			left = append(left, t)
		}
	}
	w.list = left
	rest := w.pending[:0]
	for _, p := range w.pending {
		switch {
		case p.at > w.now:
			rest = append(rest, p)
		case len(w.list) == 0 || p.leader != w.leader:
			// A Nimbus that is no longer the leader does not see what the new leader
			// has accepted.
			w.add(p.f, "the lost submission", p.leader)
			w.runWith(p.keys)
		}
	}
	w.pending = rest
	for key, at := range w.doomed {
		if at <= w.now {
			delete(w.there, key)
			delete(w.doomed, key)
		}
	}
	w.whole()
}

// runWith: the topology that was added last has these dependencies.
func (w *world) runWith(keys []string) {
	w.uses[w.list[len(w.list)-1].ID] = slices.Clone(keys)
	w.whole()
}

// whole: no topology lacks a dependency.
func (w *world) whole() {
	for _, t := range w.list {
		for _, key := range w.uses[t.ID] {
			if !w.there[key] {
				w.fail("%s runs without its dependency %s", t.ID, key)
			}
		}
	}
}

// depend uploads.
func (w *world) depend() Answer {
	if w.full {
		return Failed
	}
	for _, key := range w.keys.Now {
		if w.sent[key] {
			w.fail("the keys of one submission are used for another one")
		}
		w.there[key] = true
	}
	return Taken
}

// forget deletes what a handover that ends would delete.
func (w *world) forget(seen Seen) {
	for _, key := range w.keys.Unused(seen) {
		delete(w.there, key)
	}
	for key := range w.there {
		if !w.sent[key] {
			w.fail("dependency %s was never submitted, and stays", key)
		}
	}
	w.whole()
	w.serial++
	w.keys = DependencyKeys{Now: []string{fmt.Sprint("key-", w.serial)}}
}

func (w *world) chance(of int, what string) bool {
	// Small numbers are drawn more often than large ones: by default nothing happens.
	return !w.calm && rapid.IntRange(0, 99).Draw(w.t, what) >= 100-of
}

// others does what other programs and people may do between two of our steps.
func (w *world) others(seen *Seen) {
	switch there := w.named(); {
	case w.chance(8, "leader"):
		w.leads(w.leader + 1)
		w.tell("nimbus-%d leads", w.leader%2)
	case w.chance(4, "killed by hand") && there != nil:
		w.kill(there, int64(rapid.IntRange(1, 40).Draw(w.t, "wait")))
		w.tell("%s is killed by hand", there.ID)
	case w.chance(3, "foreign") && there == nil && len(w.pending) == 0:
		w.add(Fingerprint{}, "a foreign program", w.leader)
	case w.chance(3, "other helper") && there == nil && len(w.pending) == 0:
		w.add(rapid.SampledFrom([]Fingerprint{mark("u1", 1, "r0"), mark("u1", 3, "r3"), mark("u0", 7, "r9"), mark("u1", 2, "r2")}).Draw(w.t, "helper"), "another helper", w.leader)
	case w.chance(25, "predecessor") && there == nil && len(w.pending) == 0 && w.now-w.ledAt < defaultSettle:
		w.add(rapid.SampledFrom([]Fingerprint{{}, mark("u1", 1, "r0"), mark("u1", 2, "r2")}).Draw(w.t, "of"), "the Nimbus that led before has at last done so:", w.leader-1)
	case w.chance(4, "behind"):
		w.behind = !w.behind
		w.tell("Nimbus fails behind the JAR: %t", w.behind)
	case w.chance(4, "full"):
		w.full = !w.full
		w.tell("Nimbus's disk is full: %t", w.full)
	case w.chance(4, "unnamed"):
		w.unnamed = !w.unnamed
		w.tell("the Nimbus that leads knows the names: %t", !w.unnamed)
	case w.chance(3, "stop"):
		seen.Terminated = true
		w.tell("a stop is requested")
	}
}

// leads begins a term: this run of a Nimbus reads all names.
func (w *world) leads(run int) {
	w.leader, w.ledAt, w.knows = run, w.now, map[string]bool{}
	for _, t := range w.list {
		w.knows[t.ID] = true
	}
}

// settled is how long a Nimbus must have led until the hook server passes it on
// (leaderSettles in hooks/internal/storms).
const settled = 300

// free is what the hook server passes on to a pod.
func (w *world) free() Leader {
	if w.named() == nil && w.now-w.ledAt >= settled && rapid.Bool().Draw(w.t, "the hook server knows who led") {
		return w.lead()
	}
	return Leader{}
}

func (w *world) look(seen Seen, by Do) Seen {
	if w.chance(10, "silent") {
		w.tell("look: no answer")
		return seen.Looked(View{Problem: "silence"}, Leader{}, w.now)
	}
	view := View{Identity: "storm-a", Listed: true, Fresh: true}
	there := w.named()
	if there != nil {
		seenNow := *there // a view does not change afterwards
		view.Topology = &seenNow
	}
	switch {
	case by == DoWaitShown && (there == nil || w.unnamed):
		view = View{}
	case by != DoLook || there != nil && !w.denies(there) || seen.View.Topology != nil: // by its id, or its name
	case seen.ProvesAbsence(w.lead()):
		view.Topology = nil
	case !seen.NeedsProof():
		view = View{Identity: "storm-a", Denied: true, Fresh: true}
	}
	if view.Topology == nil {
		w.tell("look: listed %t, no topology has the name", view.Listed)
	}
	return seen.Looked(view, w.lead(), w.now)
}

// denies says whether the Nimbus that leads does not have a topology in its memory.
func (w *world) denies(there *Topology) bool {
	return !w.knows[there.ID] || w.unnamed && w.now-w.ledAt < settled
}

// act carries a step out; its answer may be lost either way.
func (w *world) act(seen Seen, step Step) Seen {
	there := w.named()
	lost := w.chance(12, "lost")
	if step.Do == DoDepend {
		w.keys = w.keys.Renewed(seen, func(int) string { w.serial++; return fmt.Sprint("key-", w.serial) })
	}
	if lost && rapid.Bool().Draw(w.t, "not even sent") {
		w.tell("%s: never arrived", step.Do)
		answer := rapid.SampledFrom([]Answer{Lost, Unsent}).Draw(w.t, "known")
		if step.Do == DoSubmit && answer == Lost { // no one can know
			w.sent[w.keys.Now[0]] = true
		}
		return seen.After(step, Result{Answer: answer, Words: "lost", At: w.now})
	}
	answer, upload := Taken, Upload{}
	switch step.Do {
	case DoUpload:
		upload.Leader = w.lead()
		if answer = w.takesJar(lost); answer != Taken {
			upload.Location = "inbox/part"
			break
		}
		w.serial++
		upload = Upload{Location: fmt.Sprintf("inbox/%d", w.serial), Leader: w.lead(), At: w.now, SHA256: sent.SHA256}
		w.jars[upload.Location] = w.leader
	case DoDepend:
		upload.Leader, answer = w.lead(), w.depend()
	case DoKill:
		w.judgeKill(seen, step, there)
		w.kill(there, int64(rapid.IntRange(0, 90).Draw(w.t, "our wait")))
		w.killed = true
		clear(w.failed)
	case DoSubmit:
		answer = w.submit(seen, lost)
	}
	w.tell("%s: %s, lost %t", step.Do, answer, lost)
	if lost {
		return seen.After(step, Result{Answer: Lost, Words: "lost", At: w.now})
	}
	return seen.After(step, Result{answer, "failed", upload, w.now})
}

func (w *world) judgeKill(seen Seen, step Step, there *Topology) {
	switch {
	case there == nil || there.ID != step.ID:
		w.fail("killing %s, which is not there", step.ID)
	case !there.Fingerprint.SameOwner(handWant.Fingerprint):
		w.fail("must 3: a foreign topology is killed")
	case there.Alive() && there.Fingerprint.SameRevision(handWant.Fingerprint):
		w.fail("the wanted revision is killed")
	case w.jars[seen.Upload.Location] != w.leader || !seen.Probed || w.want.Dependencies && !w.there[w.keys.Now[0]]:
		w.fail("must 2: killed before the successor is ready on the leader")
	}
}

// takesJar counts what uploads leave on a disk, if their answers arrive.
func (w *world) takesJar(lost bool) Answer {
	switch {
	case lost && w.full:
		return Failed
	case lost:
		return Taken
	case !w.full:
		w.refused[w.leader] = 0
		took := append(w.taken[w.leader], w.now)
		if w.taken[w.leader] = took; len(took) > 2 && w.now-took[len(took)-3] < uploadFor {
			w.fail("the JAR is sent to one leader for the third time")
		}
		return Taken
	}
	if w.refused[w.leader]++; w.refused[w.leader] > uploadsRefused {
		w.fail("a third part of the JAR is sent to a full disk")
	}
	return Failed
}

func (w *world) submit(seen Seen, lost bool) Answer {
	for _, p := range w.pending {
		if p.leader == w.leader && p.at > w.now {
			w.pass(p.at - w.now) // Nimbus processes one at a time
		}
	}
	there := w.named()
	if there.Alive() && there.Fingerprint.SameRevision(handWant.Fingerprint) && !seen.View.Gone() {
		w.fail("must 1: a revision that runs is submitted again")
	}
	if w.want.Dependencies && (!w.there[w.keys.Now[0]] || w.sent[w.keys.Now[0]]) {
		w.fail("must 2: submitted without dependencies of its own")
	}
	if there == nil {
		w.sent[w.keys.Now[0]] = true
	}
	switch {
	case there != nil && w.denies(there) && seen.View.Gone():
		w.fail("must 1: Nimbus accepts a second topology of the name, beside %s", there.ID)
	case there != nil:
		return Moved
	case w.jars[seen.Upload.Location] != w.leader:
		return Failed
	case w.behind:
		if w.failed[w.leader]++; w.killed && w.failed[w.leader] > submissionsAfterKill {
			w.fail("must 2: a third submission that Nimbus fails at, after our kill")
		}
		w.doomed[w.keys.Now[0]] = w.now + 300
		return Failed
	case w.chance(6, "dropped"):
		if w.failed[w.leader]++; w.killed && w.failed[w.leader] > submissionsAfterKill {
			w.fail("must 2: a third submission that does not run, after our kill")
		}
		w.tell("Storm accepts it, and never lists it")
	case lost && rapid.Bool().Draw(w.t, "replicating"):
		w.pending = append(w.pending, pending{w.now + int64(rapid.IntRange(1, defaultSettle-1).Draw(w.t, "replication")), w.leader, handWant.Fingerprint, slices.Clone(w.usable())})
	default:
		w.add(handWant.Fingerprint, "we", w.leader)
		w.runWith(w.usable())
	}
	return Taken
}

// usable are the keys of a submission.
func (w *world) usable() []string {
	if !w.want.Dependencies {
		return nil
	}
	return w.keys.Now
}

// TestHandoverInAnyOrder drives Next through lost answers, changes of leaders, foreign
// topologies, other helpers, kills by hand and a stop request. Then nothing goes wrong
// any more: it must end, and well.
func TestHandoverInAnyOrder(t *testing.T) {
	for range 20 { // each checks a hundred worlds
		rapid.Check(t, handoverInAnyOrder)
	}
}

func handoverInAnyOrder(t *rapid.T) {
	w := &world{t: t, now: 10_000, knows: map[string]bool{}, gone: map[string]int64{}, jars: map[string]int{}, failed: map[int]int{}, refused: map[int]int{}, taken: map[int][]int64{},
		dependencies: dependencies{want: handWant, there: map[string]bool{}, sent: map[string]bool{}, uses: map[string][]string{}, doomed: map[string]int64{}, keys: DependencyKeys{Now: []string{"key-0"}}}}
	w.want.Dependencies = rapid.Bool().Draw(t, "dependencies")
	switch rapid.IntRange(0, 4).Draw(t, "before") {
	case 1, 2:
		w.add(mark("u1", 1, "r1"), "the old revision", 0)
	case 3:
		w.add(mark("u0", 5, "r2"), "the object before it", 0)
	case 4:
		w.add(Fingerprint{}, "a foreign program", 0)
	}
	w.reached = 0
	seen, pods := Seen{Free: w.free()}, 1
	for turn := 0; ; turn++ {
		if w.calm = turn > 60; w.calm {
			w.behind, w.full, w.unnamed = false, false, false
		}
		if turn > 600 {
			w.fail("it never ends")
		}
		w.others(&seen)
		seen.Now = w.now
		step := Next(seen, w.want)
		if step.Ends() {
			w.judgeEnd(seen, step)
			w.forget(seen)
			if step.Do == Done || w.killed || pods == 4 { // what is killed comes back
				return
			}
			pods++
			seen = w.nextPod(seen, step)
			continue
		}
		w.pass(step.Pause + int64(rapid.IntRange(0, 3).Draw(t, "time")))
		switch step.Do {
		case DoLook, DoWaitGone, DoWaitShown:
			seen = w.look(seen, step.Do)
			// The next step is decided and done on this look.
			if step = Next(seen, w.want); step.Do == DoKill || step.Do == DoSubmit {
				seen = w.act(seen, step)
			}
		default:
			seen = w.act(seen, step)
		}
	}
}

// nextPod begins with what the one before it left on Nimbus. The parts of a JAR go in an hour.
func (w *world) nextPod(seen Seen, end Step) Seen {
	clear(w.refused)
	if w.pass(60); end.Do == JarRefused {
		w.pass(partsFor)
	}
	w.tell("the next pod begins with %+v", seen.Left())
	next := Begin(seen.Left(), w.now)
	next.Free = w.free()
	return next
}

func (w *world) judgeEnd(seen Seen, step Step) {
	w.tell("the end: %s", step.Do)
	there := w.named()
	switch step.Do {
	case Done:
		if w.reached == 0 && !(seen.View.Topology != nil && seen.View.Topology.Fingerprint.SameRevision(handWant.Fingerprint)) {
			w.fail("done, and Storm never showed it")
		}
	case Stop:
		if w.killed || len(w.pending) > 0 {
			w.fail("stopped half way: killed %t, %d submissions in progress", w.killed, len(w.pending))
		}
	case StepBack, NameConflict:
	case JarRefused:
		if seen.jarFailures < uploadsRefused {
			w.fail("gave up at the JAR after %d failures", seen.jarFailures)
		}
	case GiveUp:
		if seen.Failures < failuresBefore && (seen.Killed == "" || seen.submitFailures < submissionsAfterKill) {
			w.fail("gave up after %d failures", seen.Failures)
		}
	case Unreachable:
		if w.killed && seen.Failures < failuresAfter {
			w.fail("gave up on a silent Storm after our kill")
		}
	default:
		w.fail("an end without a cause: %s, Storm has %v", step.Do, there)
	}
	w.pass(defaultSettle) // a submission in progress must not add a second one
}
