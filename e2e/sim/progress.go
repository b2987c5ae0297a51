package sim

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// One schedule in five is of an object with a deadline: spec.update has minReadySeconds and
// progressDeadlineSeconds. There a revision may crash, and Storm may lack slots.
const (
	judgedEach = 5
	minReady   = 30
	deadline   = 180

	crashClass = "main.Crashes" // its workers crash as soon as the topology is active

	// stale is how long Nimbus shows workers as they were before an activation that they crash
	// at: task.refresh.poll.secs (10) until they notice it, and nimbus.task.timeout.secs (30).
	stale = 40 * time.Second
)

// workers is what a model of Storm knows of a topology's workers.
type workers struct {
	crash bool
	came  bool // they had come up before
	// began is when they began, active since when the topology has been active.
	began, active time.Time
}

// turns notes that the topology is active from now on, or is not. Workers that crash do not
// while it is not.
func (t *running) turns(status string, now time.Time) {
	switch {
	case status == storm.Active && t.Status != storm.Active:
		t.workers.active = now
	case status != storm.Active && t.Status == storm.Active && t.workers.crash:
		t.workers.began = now
	}
	t.Status = status
}

// crashes begins a crash of its workers.
func (t *running) crashes(now time.Time) {
	t.workers.crash, t.workers.came = true, true
	t.workers.began = now
}

// hasProgressed says whether the status tells that what runs has.
func (w *World) hasProgressed() bool {
	t := w.ownTopology()
	return t != nil && !t.workers.crash && nested(w.parent(), "status", "progress", "stormId") == t.ID &&
		nested(w.parent(), "status", "progress", "progressedAt") != ""
}

// crashRuns says whether the hook has seen what crashes run.
func (w *World) crashRuns() bool {
	t := w.ownTopology()
	return t != nil && t.workers.crash && nested(w.parent(), "status", "stormId") == t.ID
}

// observed is a topology as Nimbus describes it now.
func (s *Storm) observed(t *running) storm.Topology {
	seen, now := t.Topology, s.now()
	if started, ok := storm.StartTime(seen.ID); ok {
		seen.Uptime = int(now.Unix() - started)
	}
	seen.YoungestUptime = reported(now.Sub(t.workers.began))
	if s.lacks && seen.Workers > 1 {
		seen.Workers, seen.WorkersUp = 1, 1
	}
	if other := s.topologies[twin(seen.Name)]; s.lacks && other != nil && startedBefore(other.ID, seen.ID) {
		seen.Workers, seen.WorkersUp, seen.YoungestUptime = 0, 0, 0 // the other one has all slots
	}
	if since := now.Sub(t.workers.active); t.workers.crash && seen.Status == storm.Active {
		seen.YoungestUptime = reported(0)
		switch {
		case since < stale && t.workers.active.After(t.workers.began): // what they reported last
			seen.YoungestUptime = reported(t.workers.active.Sub(t.workers.began))
		case seen.Fingerprint.Revision < "8": // they end before they have reported anything
			seen.WorkersUp, seen.YoungestUptime = 0, 0
		}
	}
	return seen
}

// twin is the other one of the two names.
func twin(name string) string {
	if name == stormName {
		return greenName
	}
	return stormName
}

// startedBefore says whether one topology was submitted before another.
func startedBefore(id, other string) bool {
	one, _ := storm.StartTime(id)
	another, _ := storm.StartTime(other)
	return one < another
}

// reported is the age that a worker of an age has told last: it does so once a minute.
func reported(age time.Duration) int { return int(age/time.Minute)*60 + 2 }

// judgedMoves are those of worlds with a deadline.
func (w *World) judgedMoves(there func() bool) []move {
	if !w.judges {
		return nil
	}
	return []move{
		{"a revision that crashes", 4, there, func() { w.wantsCrash() }},
		{"another deadline", 1, there, w.anotherDeadline},
		{"slots are lacking", 2, func() bool { return !w.storm.lacks }, func() {
			w.note("storm: has no more slots")
			w.storm.lacks = true
		}},
		{"what has progressed crashes", 2, w.hasProgressed, func() {
			w.note("storm: the workers of %s crash", w.ownTopology().ID)
			w.ownTopology().crashes(w.now)
		}},
		{"a minute passes", 8, func() bool { return true }, func() { w.passes(70 * time.Second) }},
	}
}

func (w *World) wantsCrash() {
	image := []string{"jar:1", "jar:2"}[w.choose(2)]
	w.note("user: wants %s from %s", crashClass, image)
	w.set(crashClass, "spec", "topology", "mainClass")
	w.set(image, "spec", "topology", "jar", "container", "image")
}

// anotherDeadline changes it, or removes both fields.
func (w *World) anotherDeadline() {
	seconds := []int64{0, deadline, 2 * deadline}[w.choose(3)]
	w.note("user: wants the deadline %d", seconds)
	_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		if seconds == 0 {
			unstructured.RemoveNestedField(o.Object, "spec", "update", "minReadySeconds")
			unstructured.RemoveNestedField(o.Object, "spec", "update", "progressDeadlineSeconds")
			return
		}
		_ = unstructured.SetNestedField(o.Object, int64(minReady), "spec", "update", "minReadySeconds")
		_ = unstructured.SetNestedField(o.Object, seconds, "spec", "update", "progressDeadlineSeconds")
	})
}

// awaitsDeadline says whether the deadline of what runs is not over.
func (w *World) awaitsDeadline() bool {
	parent := w.parent()
	if parent == nil || nested(parent, "status", "progress", "progressedAt") != "" {
		return false
	}
	since, err := time.Parse(time.RFC3339, nested(parent, "status", "progress", "since"))
	return err == nil && w.clock().Sub(since) < 2*deadline*time.Second+longestPoll
}

// checkVerdict: Must 2 at an answer that begins to roll back for a deadline: what runs has
// never progressed, as far as the status says, and something is wrong with its workers.
func (w *World) checkVerdict(result topology.Result) {
	seen, begins := result.Observed, result.Status.Rollback
	if begins == nil || begins.Reason != v1beta1.ProgressDeadlineExceeded {
		return
	}
	w.seen.named["(rolled back for a deadline)"]++
	if before := seen.Parent.Status.Rollback; before != nil && before.Revision == begins.Revision && before.Reason == begins.Reason {
		return
	}
	found, progress := seen.Storm.Topology, seen.Parent.Status.Progress
	if progress != nil && progress.ProgressedAt != nil && found != nil && progress.StormID == found.ID {
		w.violate("Must 2: %s is rolled back for its deadline, and the status says that it has progressed", found.ID)
	}
	if t := w.storm.inStorm(); t != nil && found != nil && t.ID == found.ID && !t.workers.crash {
		w.violate("Must 2: %s is rolled back for its deadline, and nothing is wrong with its workers", t.ID)
	}
}

// keepGood keeps whether a revision that does not crash has been Ready, of this object, as its
// status says. What no status was written of, no one knows; what is suspended is Ready, and was
// not judged.
func (w *World) keepGood(parent *unstructured.Unstructured) {
	if t := w.ownTopology(); t != nil && !t.workers.crash && t.ID == nested(parent, "status", "stormId") && isReady(parent) && nested(parent, "status", "phase") == string(v1beta1.PhaseRunning) {
		w.ranWell = parent.GetUID()
	}
}

func (w *World) ownTopology() *running {
	if t := w.storm.inStorm(); t != nil && t.Fingerprint.Owner == owner {
		return t
	}
	return nil
}

// crashes says whether a spec's revision crashes.
func crashes(parent *unstructured.Unstructured, at ...string) bool {
	return nested(parent, append(at, "mainClass")...) == crashClass
}

// checkCrashing holds at the end of a fair world whose target crashes: it has been rolled
// back, or nothing else is known to be good. Where people removed the deadline, it has none.
func (w *World) checkCrashing(parent *unstructured.Unstructured, t *running) {
	status := as[v1beta1.StormTopology](w.typed, parent).Status
	spec := as[v1beta1.StormTopology](w.typed, parent).Spec
	judged := spec.Update != nil && spec.Update.ProgressDeadlineSeconds != nil && !spec.Suspend
	adopted := t != nil && t.ID == w.adopted()
	switch progress := status.Progress; {
	case !judged || adopted || w.faults.answers.undescribed:
	case rolledBackNow(parent):
		if wrong := w.cameBack(parent, t); wrong != "" {
			w.violate("Must 2: %s", wrong)
		}
		if t != nil && t.workers.crash && status.Phase != v1beta1.PhaseUpdateFailed {
			w.violate("Must 2: %s was rolled back, and what crashes runs: %s", status.Rollback.Revision, status.Message)
		}
	case progress == nil || progress.ProgressedAt != nil: // it ran before the deadline was set, or was rebalanced
	case status.LastGood != nil:
		w.violate("Must 2: revision %s crashes, its deadline is over, and %s does not run: %s", status.TargetRevision, status.LastGood.Revision, status.Message)
	case w.ranWell == parent.GetUID():
		w.violate("Must 2: revision %s crashes, its deadline is over, and the revision that was Ready is forgotten: %s", status.TargetRevision, status.Message)
	}
}

// judged are the update's fields of a world with a deadline.
func (w *World) judgedUpdate(object map[string]any) map[string]any {
	if w.judges {
		update, _, _ := unstructured.NestedMap(object, "spec", "update")
		update["minReadySeconds"], update["progressDeadlineSeconds"] = int64(minReady), int64(deadline)
		_ = unstructured.SetNestedMap(object, update, "spec", "update")
	}
	if w.green {
		_ = unstructured.SetNestedField(object, "BlueGreen", "spec", "update", "strategy")
	}
	if w.undrained {
		_ = unstructured.SetNestedField(object, int64(0), "spec", "update", "drainSeconds")
	}
	return object
}

// endCrashes: what crashed after it had progressed works again.
func (w *World) endCrashes() {
	for _, s := range w.storms {
		for _, t := range s.topologies {
			t.workers.crash = t.workers.crash && !t.workers.came
		}
	}
}

// mustBeRolledBack: Must 2 in a directed world whose target crashes.
func (w *World) mustBeRolledBack() {
	t := w.ownTopology()
	if nested(w.parent(), "status", "rollback", "reason") != v1beta1.ProgressDeadlineExceeded || t == nil || t.workers.crash {
		w.violate("Must 2: the target crashes, and the last good revision does not run: %s", message(w.parent()))
	}
}

// mustBeReady: Must 2 in a directed world whose target works.
func (w *World) mustBeReady() {
	if !isReady(w.parent()) {
		w.violate("Must 2: the target works, and does not run: %s", message(w.parent()))
	}
}

// classesOf are those that people choose from.
func (w *World) classesOf(classes []string) []string {
	if w.judges {
		return append(slices.Clone(classes), crashClass, crashClass)
	}
	return classes
}
