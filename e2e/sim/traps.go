package sim

import (
	"errors"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// traps are what a run must have come by, besides the rules and transitions: a guard
// against a trap that never springs goes unnoticed when it is taken out.
var traps = []string{noList, noClusterInfo, tooLarge, fewerByHand, listedLate, neverListed, lieOfTheKilled, lieOfTheEnded, statusUnwritten, clockBack, denied}

const (
	noList        = "a list that is too large or takes too long"
	noClusterInfo = "figures of the Storm that are too large or take too long"
	tooLarge      = "a description that is too large"
	fewerByHand   = "a rebalance by hand to fewer workers"
	listedLate    = "an accepted submission that is listed late"
	neverListed   = "an accepted submission that is never listed"

	lieOfTheKilled = "a termination message that lies, of a helper that was killed"
	lieOfTheEnded  = "a termination message that lies, over that of the helper"

	statusUnwritten   = "a status that is not written, after the children were"
	rollbackUnwritten = "the first status that tells of a rollback is not written" // in a directed world
	jarGone           = "a JAR that is gone from the leader's disk"                // in a directed world
	clockBack         = "a hook server's clock that steps back"

	denied = "a topology that is denied by its id and its name"
)

// sprung counts a trap that sprang.
func (w *World) sprung(trap string) { w.seen.traps[trap]++ }

// chance chooses, one time in n, that a trap springs; never in a fair world.
func (w *World) chance(n int) bool { return w.unfair && w.choose(n) == 1 }

// directs says whether a directed world springs a trap here. It names each as often as it
// springs.
func (w *World) directs(trap string) bool {
	i := slices.Index(w.faults.directed, trap)
	if i >= 0 {
		w.faults.directed = slices.Delete(slices.Clone(w.faults.directed), i, i+1)
	}
	return i >= 0
}

// answers are those of Storm that a client does not get (pkg/nimbus: limits.go).
type answers struct {
	// list is why the list of topologies is not read; empty where it is.
	list string
	// undescribed: descriptions of topologies are too large. It outlives the fair ending:
	// a topology of thousands of executors must be managed as it is (Must 9).
	undescribed bool
}

var (
	listsLost = []string{
		"Nimbus's answer to getTopologySummaries is larger than 32 MiB.",
		"Nimbus does not answer getTopologySummaries in 30 s.",
	}
	confsKept = []string{
		"Storm does not return the topology's conf: AuthorizationException.",
		"The topology's conf in Storm is larger than 16 MiB, or does not arrive in time, so its owner is not read",
	}
)

// oneMoreOf is one of the texts, or none where there is one already.
func oneMoreOf(w *World, now string, texts []string) string {
	if now != "" {
		return ""
	}
	return texts[w.choose(len(texts))]
}

// listLost is a look that needs a list which is not read.
func (w *World) listLost() storm.View {
	w.sprung(noList)
	return storm.View{Problem: w.faults.answers.list}
}

// described is a view whose topology is known from the list alone, where its description is
// too large.
func (w *World) described(view storm.View) storm.View {
	if !w.faults.answers.undescribed || view.Topology == nil {
		return view
	}
	w.sprung(tooLarge)
	line := *view.Topology
	line.Detailed, line.TooLarge, line.WorkersUp = false, true, line.Workers
	view.Topology = &line
	return view
}

// podLooks is a look of a submitting pod's, as pkg/nimbus makes it: by an id that it knows,
// then by the name, and by the list where that must prove that nothing has the name.
func (w *World) podLooks(p *process) storm.View {
	view := w.shown(p.storm, p.storm.List(p.submission.Name))
	p.deceived = false
	if !view.Answered() || w.knownToPod(p, view.Topology) {
		return view
	}
	there := view.Topology
	denied := there == nil || w.now.Before(w.faults.names) && w.listsOnly(there)
	switch {
	case denied && p.seen.ProvesAbsence(w.leader(p.storm)):
		p.deceived = there != nil
		view.Topology = nil
	case denied && !p.seen.NeedsProof():
		view.Topology, view.Listed, view.Denied = nil, false, true
	case !denied && !there.TooLarge: // it has the name
	case w.faults.answers.list != "":
		return w.listLost()
	}
	return view
}

// listsOnly says whether a Nimbus that has just begun to lead lacks a topology in its
// memory: its predecessor accepted it.
func (w *World) listsOnly(there *storm.Topology) bool {
	started, _ := storm.StartTime(there.ID)
	return started < w.faults.names.Add(-namesWithin).Unix()
}

// knownToPod says whether a pod needs no list to know what has the name.
func (w *World) knownToPod(p *process, there *storm.Topology) bool {
	known, before := p.submission.Runs, p.seen.View.Topology
	if before != nil {
		known = before.ID
	}
	if there == nil { // what it killed is gone
		return before != nil && before.ID == p.seen.Killed
	}
	return there.ID == known && !there.TooLarge
}

// unlisted says whether Nimbus accepts a submission and does not list it yet, or ever. What
// it lists late, it lists before a client has waited for as long as one does (30 s): a
// Nimbus reads the list from a ZooKeeper that may be behind by some ticks (syncLimit), and
// not by more.
func (w *World) unlisted(uid types.UID, p *process, of submitted) bool {
	if p.storm.topologies[of.name] != nil {
		return false
	}
	late, never := w.directs(listedLate), w.directs(neverListed)
	if !late && !never && !w.chance(5) {
		return false
	}
	if late || !never && w.choose(2) == 0 {
		w.sprung(listedLate)
		w.note("nimbus: accepts a submission, and lists it later")
		w.faults.late = append(w.faults.late, lateSubmission{uid, p.storm, w.now.Add(time.Duration(1+w.choose(28)) * time.Second), of})
		return true
	}
	w.sprung(neverListed)
	w.note("nimbus: accepts a submission, and never lists it")
	w.failsBehind(p)
	return true
}

// hasWorkersToLose says whether a topology has more than one worker. An update with strategy
// BlueGreen waits for all workers of the next revision, which keeps them here.
func (w *World) hasWorkersToLose() bool {
	t, other := w.storm.topologies[stormName], w.storm.topologies[greenName]
	if t != nil && other != nil && other.Alive() && !startedBefore(t.ID, other.ID) {
		return false
	}
	return t != nil && t.Workers > 1 && !w.storm.Down && slices.Contains([]string{storm.Active, storm.Inactive}, t.Status)
}

// rebalancesByHand is storm rebalance NAME -n 1: the conf keeps its topology.workers.
func (w *World) rebalancesByHand() {
	w.sprung(fewerByHand)
	wait := int32(w.choose(4))
	err := w.storm.Rebalance(storm.Call{Verb: storm.Rebalance, Name: stormName, WaitSeconds: &wait, Workers: 1})
	w.note("hand: rebalances %s to 1 worker %s", stormName, short(err))
}

// lies are texts that a program beside the helper can write: any bytes, and what has the
// form of a report.
var lies = []string{
	"\x1b]0;$(kubectl delete namespace ns)\x07\x00{",
	failure("MainFailed", "\x1b[2JMain failed.\x00 Run: $(rm -rf /). Fix it."),
	failure("JarNotFound", "The JAR is missing."),
	failure("PodLost", "The pod was told to stop."),
	failureWith("SubmissionFailed", "give up.", map[string]any{"killed": stormName + "-7-1767268800"}),
	failureWith("ClusterUnreachable", "JAR refused.", map[string]any{"killed": "x; rm -rf /", "jarRefused": true}),
	failureWith("SubmissionFailed", "give up.", map[string]any{"upload": map[string]any{"location": "/inbox/$(id).jar", "at": begin.Unix(),
		"sha256": strings.Repeat("ab", 32), "leader": map[string]any{"host": "\x1b[2J", "port": 6627, "start": 1}}}),
	failureWith("", "", map[string]any{"stormId": stormName + "-7-1767268800", "remark": "\x1b[2J", "sha256": "00", "size": -1}),
}

// maybeLies: a pod's main, or its image, writes the termination message.
func (w *World) maybeLies(uid types.UID, p *process) {
	if !w.chance(3) {
		return
	}
	if lie := w.choose(len(lies) + 1); lie < len(lies) {
		w.faults.lies[uid] = lies[lie]
	} else {
		w.faults.lies[uid] = w.forged(p)
	}
}

// forged is a report of an upload that has its form, and does not lie there.
func (w *World) forged(p *process) string {
	return failureWith("SubmissionFailed", "give up.", map[string]any{"upload": storm.Upload{
		Location: "/forged.jar", Leader: w.leader(p.storm), At: w.now.Unix(), SHA256: sumOf(p.submission)}})
}

// written is the termination message of a pod whose helper ended with a code and left a
// message. A lie stays where the helper was killed. What keeps running beside a helper that
// ends may write over its report, too: a main that hides what its pod did to its own
// topology only keeps itself from being repaired, so what ends after a kill is left as it is.
func (w *World) written(uid types.UID, p *process, code int64, message string) string {
	lie := w.faults.lies[uid]
	switch {
	case lie == "":
	case code > 1:
		w.sprung(lieOfTheKilled)
		w.note("pod %s: main had written %q", uid, lie)
		return lie
	case p != nil && p.seen.Killed == "" && w.chance(3):
		w.sprung(lieOfTheEnded)
		w.note("pod %s: main writes %q over the report", uid, lie)
		// A main that says that its pod killed is rolled back: no one but its own user loses.
		w.fell = w.fell || code == 1 && strings.Contains(lie, `"killed"`)
		return lie
	}
	delete(w.faults.lies, uid) // it was written over
	return message
}

// writeLost: Metacontroller writes a status after the children. It may stop in between, or
// the API server may not answer, and then the previous status is sent again.
func (w *World) writeLost(op standin.Op) error {
	switch {
	case op.Verb != "updateStatus" || op.Resource.Kind != standin.Topologies.Kind:
		return nil
	case w.tellsOfRollback() && w.directs(rollbackUnwritten):
		w.sprung(rollbackUnwritten)
	case !w.chance(20):
		return nil
	}
	w.sprung(statusUnwritten)
	w.note("metacontroller: %s of %s is lost", op.Verb, op.Name)
	return errors.New("the API server does not answer")
}

// tellsOfRollback says whether a status is on its way that is the first to tell of a rollback.
func (w *World) tellsOfRollback() bool {
	return w.answered != rolledBack{} && nested(w.parent(), "status", "rollback", "revision") == ""
}
