package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	owner       = namespace + "/" + name
	othersOwner = "other/wordcount"
)

// violate keeps the first violation of a must.
func (w *World) violate(format string, args ...any) {
	if w.violated == "" {
		w.violated = fmt.Sprintf(format, args...)
	}
	w.note("VIOLATED: "+format, args...)
}

// hookKills: Must 2 and Must 3 at the hook server's kill.
func (w *World) hookKills(call storm.Call) error {
	beside := w.killsBeside(call)
	t, err := w.storm.Kill(call.Name, call.WaitSeconds)
	w.note("hook: kill %s %s", call.Name, short(err))
	if err != nil {
		return err
	}
	w.sameStorm(w.clusterIdentity(), w.storm, "the hook killed "+t.ID)
	if !w.mayTouch(t) {
		w.violate("Must 3: the hook killed %s, which is %q's", t.ID, t.Fingerprint.Owner)
	}
	// A finalize call may come once more when the object has gone already.
	gone := w.parent() == nil && w.policy == "Kill"
	if !gone && !beside && !terminating(w.parent()) && !terminating(w.object(standin.Namespaces, namespace)) {
		w.violate("Must 2: the hook killed %s though its StormTopology is not being deleted", t.ID)
	}
	return nil
}

// hookChanges: Must 3 at a call that kills nothing.
func (w *World) hookChanges(call storm.Call) error {
	var err error
	switch call.Verb {
	case storm.Activate:
		err = w.storm.Turn(call.Name, storm.Active)
	case storm.Deactivate:
		err = w.storm.Turn(call.Name, storm.Inactive)
	case storm.Rebalance:
		err = w.storm.Rebalance(call)
	}
	w.note("hook: %s %s %s", call.Verb, call.Name, short(err))
	w.sameStorm(w.clusterIdentity(), w.storm, "the hook made a "+string(call.Verb))
	if t := w.storm.topologies[call.Name]; err == nil && !w.mayTouch(t) {
		w.violate("Must 3: the hook made a %s of %s, which is %q's", call.Verb, t.ID, t.Fingerprint.Owner)
	}
	return err
}

// podKills: Musts 1, 2 and 3 at the submitting pod's kill.
func (w *World) podKills(p *process, id string) {
	becomes := p.storm.generation(p.submission.Name)
	t, err := p.storm.Kill(p.submission.Name, p.submission.KillWaitSeconds)
	if err != nil {
		return
	}
	p.failures = 0
	w.sameStorm(p.submission.Identity, p.storm, "a pod killed "+t.ID)
	w.killedAt = p.storm.counter
	ours := p.submission.Fingerprint
	switch {
	case p.submission.NeverKills:
		w.violate("Must 2: a pod that submits beside what runs killed %s", t.ID)
	case !w.podMay(p, t) && t.ID != id:
		// Storm kills by name: the checked topology ended, and another owner took the name
		// before the call. No client can tell; it is counted.
		w.note("pod: meant %s, killed another owner's %s", id, t.ID)
		w.seen.named["(another owner took the name between look and kill)"]++
	case t.ID != id && len(w.faults.ghosts) > 0:
		// The same between two of our pods, if one was deleted by force.
		w.note("pod: meant %s, killed %s", id, t.ID)
		w.seen.named["(two pods at once, one kills what the other submitted)"]++
	case len(w.faults.ghosts) > 0 && becomes >= ours.Generation && lookedAt(p) < becomes && lookedAt(p) <= ours.Generation:
		// A rebalance waits for a submission in progress, but not for a pod that
		// was deleted by force, which is invisible. It is resubmitted, and none is lost.
		w.note("pod: killed %s, which a rebalance has changed since its look", t.ID)
		w.seen.named["(a rebalance between look and kill of a pod deleted by force)"]++
	case !w.podMay(p, t):
		w.violate("Must 3: a pod killed %s, which is %q's", t.ID, t.Fingerprint.Owner)
	case t.ID == id && t.ID != p.submission.Adopt && !p.seen.View.Topology.ConfKnown:
		w.violate("Must 3: a pod killed %s before Storm had said whose it is", t.ID)
	case t.Fingerprint.Revision == ours.Revision:
		w.violate("Must 1: a pod killed %s, which runs the revision that it submits", t.ID)
	case t.Fingerprint.UID == ours.UID && becomes > ours.Generation:
		w.violate("Must 1: a pod of generation %d killed %s of generation %d", ours.Generation, t.ID, becomes)
	case p.seen.Upload.Location == "" || !p.seen.Probed:
		w.violate("Must 2: a pod killed %s before Nimbus had taken its successor", t.ID)
	case t.ID != id:
		w.note("pod: meant %s, killed %s", id, t.ID)
	}
}

// failsBehind: Must 2 at a submission that Nimbus fails at after the pod's kill, with its
// JAR on the leader: a third one would only keep the previous revision from running.
func (w *World) failsBehind(p *process) {
	if p.failures++; p.failedAt != w.faults.leader {
		p.failures, p.failedAt = 1, w.faults.leader
	}
	if p.seen.Killed != "" && p.failures > 2 {
		w.violate("Must 2: a pod submits revision %s for the third time, at which Nimbus fails, and nothing runs", p.submission.Fingerprint.Revision)
	}
}

// comesBack: Must 2: what a pod has killed, before Nimbus failed at its successor, runs
// again at once. A spec that has changed since is tried first.
func (w *World) comesBack(seen topology.Observed) {
	last, update, at := seen.Parent.Status.LastSpec, seen.Parent.Spec.Update, seen.Target.Submit
	switch {
	case seen.Storm.Heard != topology.Absent || at.State != topology.Retrying && at.State != topology.Exhausted:
		return
	case last == nil || last.Topology == nil && last.Compressed == nil || last.Revision == seen.Target.Fingerprint.Revision:
		return
	case update != nil && update.Rollback != nil && !*update.Rollback || seen.Aim.Because != nil:
		return
	}
	for _, pod := range at.Pods {
		for _, status := range pod.Status.ContainerStatuses {
			if end := status.State.Terminated; end != nil && w.faults.lies[pod.UID] != end.Message && strings.Contains(end.Message, `"killed":`) && strings.Contains(end.Message, `"Submission`) {
				w.violate("Must 2: pod %s killed what ran and failed, and it does not come back", pod.Name)
			}
		}
	}
}

// lookedAt is the generation of what the pod saw at its last look.
func lookedAt(p *process) int64 {
	if t := p.seen.View.Topology; t != nil {
		return t.Fingerprint.Generation
	}
	return 0
}

// podMay: the topology has our fingerprint, or was adopted when the pod was created.
func (w *World) podMay(p *process, t *running) bool {
	return t.Fingerprint.Owner == owner || t.ID == p.submission.Adopt
}

// podSubmits: Musts 1 and 4 at the submitting pod's submission. What Nimbus is still
// at for another pod, which died, it cannot know of. Nimbus takes one after the
// other, and the second finds the name alive (storm: Nimbus.submitTopologyWithOpts
// looks again inside its lock, v2.8.1).
func (w *World) podSubmits(uid types.UID, p *process) {
	for _, l := range w.faults.late {
		if l.pod == uid && l.to == p.storm && l.fingerprint.Revision == p.submission.Fingerprint.Revision {
			w.violate("Must 1: revision %s is submitted again while Nimbus is still at a submission of it", l.fingerprint.Revision)
		}
	}
	w.sameStorm(p.submission.Identity, p.storm, "a pod submitted")
	if p.sawOthers && w.faults.returning.to == p.storm {
		w.violate("Must 3: a pod that saw another owner's topology submits in its place, before that owner could submit it again")
	}
}

// sameStorm: Must 4: another Storm than the one that was known is left alone.
func (w *World) sameStorm(known string, s *Storm, what string) {
	if known != "" && known != w.identity(s) {
		w.violate("Must 4: %s in another Storm (%s) than the StormCluster's (%s)", what, w.identity(s), known)
	}
}

// mayTouch: a topology has our fingerprint, or is the adopted one, or was it
// as the hook was told last.
func (w *World) mayTouch(t *running) bool {
	return t.Fingerprint.Owner == owner || t.ID == w.adopted() || w.parent() != nil &&
		slices.ContainsFunc(w.memory.Undelivered(standin.Topologies.Resource), func(e standin.Event) bool {
			return e.Old != nil && e.Old.GetUID() == w.parent().GetUID() && e.Old.GetAnnotations()[v1beta1.AnnotationAdopt] == t.ID
		})
}

func (w *World) adopted() string {
	if parent := w.parent(); parent != nil {
		return parent.GetAnnotations()[v1beta1.AnnotationAdopt]
	}
	return ""
}

// check holds after every move.
func (w *World) check() {
	w.dropGhosts()
	w.whole()
	w.oneActive()
	parent := w.parent()
	if parent != nil {
		w.policy = nested(parent, "spec", "deletionPolicy")
		if parent.GetAnnotations()[v1beta1.AnnotationAbandon] == "true" {
			w.policy = "Orphan"
		}
		w.held = len(parent.GetFinalizers()) > 0
		w.tells = tells(parent)
		w.keepRolledBack(parent)
		w.keepGood(parent)
		for _, name := range bothNames {
			if t := w.home().topologies[name]; t != nil && (t.ID == nested(parent, "status", "stormId") || t.ID == nested(parent, "status", "beside", "stormId")) {
				delete(w.left, t.ID) // it is looked after again
			}
		}
		return
	}
	w.killedAt = 0
	w.arrivals()
	if w.held {
		w.nothingLeft()
		w.leftRunning()
	}
	for _, s := range w.storms {
		s.settle()
		for _, name := range bothNames {
			w.isGone(s.topologies[name])
		}
	}
	w.held = false
}

// leftRunning: Must 2 at a deletion that leaves the topology in Storm: it processes, though an
// update had stopped what ran, or had submitted its successor INACTIVE.
func (w *World) leftRunning() {
	own := w.own(w.storm)
	for _, t := range own {
		if t.processes() || t.stopped {
			return
		}
	}
	if len(own) > 0 && w.leaves {
		w.violate("Must 2: the StormTopology is gone, and all that it leaves in Storm is INACTIVE: %s", own[0].ID)
	}
}

// isGone: Must 8 at a topology that is in Storm without its StormTopology.
func (w *World) isGone(t *running) {
	switch {
	case t == nil || t.Fingerprint.Owner != owner:
	case w.held && w.policy == "Orphan":
		w.left[t.ID] = true
	case (w.faults.unreadable != "" || w.storm.Down || w.object(standin.Clusters, "storm") == nil) && !w.tells && !w.left[t.ID]:
		// A known hole. Metacontroller writes a status whole: a sync on a parent that
		// its cache had late has overwritten what told that anything was ever
		// submitted, and Storm does not say whose it is, or no StormCluster says which
		// Storm to ask.
		w.note("finalizer removed: no one says whose %s is, and a late sync has overwritten the status", t.ID)
		w.left[t.ID] = true
		w.seen.named["(finalizer removed on a status overwritten by a late sync, and no one says whose it is)"]++
	case !w.left[t.ID]:
		w.violate("Must 8: the StormTopology is gone, and %s (%s) is still in Storm", t.ID, t.Status)
	}
}

// tells says whether a status tells that something was ever submitted.
func tells(parent *unstructured.Unstructured) bool {
	status, _ := parent.Object["status"].(map[string]any)
	return status["attempts"] != nil || status["stormId"] != nil || status["jar"] != nil || status["history"] != nil
}

// checkEnd holds after a fair ending: the state is what the spec says.
func (w *World) checkEnd() {
	parent, t := w.parent(), w.storm.inStorm()
	if parent == nil {
		return // check has looked
	}
	if counted := w.storm.topologies[nested(parent, "status", "stormName")]; w.green && t != nil && !t.processes() && counted != nil && counted.Alive() {
		t = counted // of two that do not process
	}
	if parent.GetDeletionTimestamp() != nil {
		w.violate("Must 5: the deletion has not ended: %s", message(parent))
		return
	}
	if terminating(w.object(standin.Namespaces, namespace)) {
		w.violate("Must 8: the deletion of the namespace has not ended: %s", message(parent))
		return
	}
	phase, target := nested(parent, "status", "phase"), nested(parent, "status", "targetRevision")
	suspended, _, _ := unstructured.NestedBool(parent.Object, "spec", "suspend")
	wanted, asked := storm.Active, "Running"
	if suspended {
		wanted, asked = storm.Inactive, "Suspended"
	}
	ours := t != nil && w.mayTouch(t)
	adopted := ours && t.ID == w.adopted() && t.Fingerprint.Owner != owner
	switch {
	case !bad(parent) && crashes(parent, "spec", "topology"):
		w.checkCrashing(parent, t)
	case bad(parent) && w.cameBack(parent, t) != "":
		w.violate("Must 2: %s", w.cameBack(parent, t))
	case bad(parent):
		if phase != "Failed" && phase != "UpdateFailed" && (!suspended || phase != "Suspended") && !adopted {
			w.violate("Must 5: it cannot work out, and the phase is %q: %s", phase, message(parent))
		}
	case suspended && !ours && w.killedAt > 0 && w.killedAt == w.storm.counter && nested(parent, "status", "change", "kind") == "":
		// A known hole. No sync saw what ran, or a sync on a parent that its cache had late
		// has overwritten the status, and the pod that killed tells nothing: nothing is left
		// that tells of the restart. It is submitted once it is not suspended any more.
		w.seen.named["(what an update killed does not come back while suspended: nothing tells of the update)"]++
	case suspended && !ours && w.killedAt > 0 && w.killedAt == w.storm.counter:
		w.violate("Must 5: an update has killed the topology, and nothing runs in its place: %s", message(parent))
	case suspended && !ours:
		if phase != "Suspended" {
			w.violate("Must 5: suspended before anything ran, and the phase is %q: %s", phase, message(parent))
		}
	case !ours || t.Status != wanted || t.Fingerprint.Revision != target && !adopted:
		w.violate("Must 5: Storm does not run revision %s: %s", target, message(parent))
	case phase != asked:
		w.violate("Must 5: the phase is %q: %s", phase, message(parent))
	case !adopted && executorsDiffer(parent, t):
		w.violate("Must 5: Storm runs %v: %s", t.Components, message(parent))
	case asked == "Running" && !isReady(parent):
		w.violate("Must 5: all workers that Storm assigns are up, and it is not Ready: %s", message(parent))
	case asked == "Running" && w.green && len(w.own(w.storm)) == 2:
		w.onlyOne(parent)
	case asked == "Running" && w.faults.answers.undescribed && !strings.Contains(message(parent), "larger than"):
		w.violate("Must 9: Storm's description is too large, and the status does not say so: %s", message(parent))
	}
}

// isReady says whether the condition Ready is True.
func isReady(parent *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(parent.Object, "status", "conditions")
	return slices.ContainsFunc(conditions, func(c any) bool {
		condition, _ := c.(map[string]any)
		return condition["type"] == v1beta1.ConditionReady && condition["status"] == "True"
	})
}

// rolledBack is a revision that was rolled back, of one generation of an object.
type rolledBack struct {
	revision   string
	object     types.UID
	generation int64
}

// keepRolledBack keeps what the status says of a rollback, and the generation that it says
// it of: after an edit, that is the generation before.
func (w *World) keepRolledBack(parent *unstructured.Unstructured) {
	if revision := nested(parent, "status", "rollback", "revision"); revision != "" {
		of, _, _ := unstructured.NestedInt64(parent.Object, "status", "observedGeneration")
		w.rolled = rolledBack{revision, parent.GetUID(), of}
	}
}

// goesBack keeps what an answer says of a rollback, until it is known whether it arrives.
func (w *World) goesBack(seen topology.Observed) {
	w.said = rolledBack{}
	if because := seen.Aim.Because; because != nil {
		w.said = rolledBack{because.Revision, seen.Parent.UID, seen.Parent.Generation}
	}
}

// begins: Must 2: once the status, or an answer that arrived, has said that a revision was
// rolled back, no pod of it begins before the object changes. Only the status and the pod
// that failed tell that it was. Metacontroller may send a status that it had before, or not
// write the one of that answer; so the pod must stay until it sends it. What people delete
// of the pod, no one remembers.
func (w *World) begins(p *process) {
	parent := w.parent()
	if parent == nil {
		return
	}
	at := rolledBack{p.submission.Fingerprint.Revision, parent.GetUID(), parent.GetGeneration()}
	if at == w.rolled || at == w.answered {
		w.violate("Must 2: revision %s was rolled back, and a pod submits it again", at.revision)
	}
}

// cameBack says what is wrong where a revision that was rolled back does not run; empty
// where all is well.
func (w *World) cameBack(parent *unstructured.Unstructured, t *running) string {
	suspended, _, _ := unstructured.NestedBool(parent.Object, "spec", "suspend")
	back := nested(parent, "status", "rollback", "revision")
	last := nested(parent, "status", "lastSpec", "revision")
	if back == "" || suspended || neverRuns(parent, "status", "lastSpec", "topology") /* it was adopted */ || t != nil && t.Alive() && (t.Fingerprint.Revision == last || t.ID == w.adopted()) ||
		w.keptInstead(parent, t, back) {
		return ""
	}
	return fmt.Sprintf("revision %s was rolled back, and Storm does not run %s: %s", back, last, message(parent))
}

// keptInstead says whether an object with two names keeps what ran when the target failed, as
// its status says: a late submission may have come between it and the last good revision.
func (w *World) keptInstead(parent *unstructured.Unstructured, t *running, back string) bool {
	return w.green && t != nil && t.Alive() && t.Fingerprint.Revision != back && t.Fingerprint.Revision == nested(parent, "status", "revision")
}

// bad says whether a spec can never run.
func bad(parent *unstructured.Unstructured) bool {
	config, _, _ := unstructured.NestedFieldNoCopy(parent.Object, "spec", "topology", "config", "topology.max.spout.pending")
	return config == "many" || neverRuns(parent, "spec", "topology")
}

// neverRuns says whether the class or the image of a topology never works out.
func neverRuns(parent *unstructured.Unstructured, at ...string) bool {
	switch nested(parent, append(at, "mainClass")...) {
	case badClass, askedClass, lateClass, behindClass:
		return true
	}
	args, _, _ := unstructured.NestedSlice(parent.Object, append(at, "args")...)
	return slices.Contains(args, any(unsetArg)) || badComponents(parent, at...) || nested(parent, append(at, "jar", "container", "image")...) == badImage
}

// checkStill: two more syncs write nothing; nor do two of an upgraded Stormhooks.
func (w *World) checkStill() {
	w.stillWith("Must 5: %d writes in a world where nothing moves")
	w.config = upgraded(w.config)
	w.stillWith("Must 7: %d writes after an upgrade")
}

func (w *World) stillWith(violation string) {
	before := w.writes
	for range 2 {
		for _, c := range w.controllers {
			for _, key := range []string{owner, namespace + "/storm"} {
				c.Queue().Add(key)
			}
			for c.Step(context.Background()) {
			}
		}
	}
	if w.writes != before {
		w.violate(violation, w.writes-before)
	}
}

func message(parent *unstructured.Unstructured) string {
	return nested(parent, "status", "message")
}

// checkAnswer is what holds of every answer: Must 6; Must 5 of what is suspended,
// or whose StormCluster goes: where nothing runs, nothing is begun; Must 8: nothing
// new is named in a namespace that goes; and Must 7: the next Stormhooks, with
// another helper image that pods get in another way, would answer the same.
func (w *World) checkAnswer(result topology.Result) {
	w.stopsFor(result)
	seen, did := result.Observed, result.Decision
	if result.Status.Message == "" || result.Status.Phase == "" {
		w.violate("Must 6: rule %q says nothing: phase %q, message %q", did.Rule, result.Status.Phase, result.Status.Message)
	}
	if strings.ContainsAny(result.Status.Message, "\x00\x1b") {
		w.violate("Must 10: rule %q shows what a pod wrote as it is: %q", did.Rule, result.Status.Message)
	}
	held := seen.Parent.Spec.Suspend || seen.Cluster != nil && seen.Cluster.DeletionTimestamp != nil
	begins := did.Children.Submit == topology.Requested || did.Children.Extract == topology.Requested
	interrupted := seen.Parent.Spec.Suspend && (seen.Change != nil || seen.Aim.Because != nil)
	if held && begins && !interrupted && !seen.Storm.View.Topology.Alive() {
		w.violate("Must 5: rule %q begins a submission, and nothing runs of what is suspended or whose StormCluster goes", did.Rule)
	}
	conflict := seen.Parent.Status.NameConflict
	if begins && seen.Storm.View.Topology == nil && conflict != nil && conflict.Owner == othersOwner && w.faults.returning.to == w.storm {
		w.violate("Must 3: rule %q begins a submission in the place of another owner's topology, before that owner could submit it again", did.Rule)
	}
	begins = begins || did.Children.Claim == topology.Requested && seen.Aim.Claim == nil
	ran := seen.Parent.Status.MissingSince != nil && seen.Parent.Status.Revision == seen.Target.Fingerprint.Revision
	if ran && begins && seen.Storm.Heard == topology.Absent && !seen.Storm.View.Proves() {
		w.violate("Must 1: rule %q begins again what is missing, and no fresh list says that it is gone", did.Rule)
	}
	if seen.NamespaceDeleting && begins {
		w.violate("Must 8: rule %q names something new in a namespace that is being deleted", did.Rule)
	}
	w.leaves = did.Finalized && seen.Parent.Deletion() == v1beta1.DeletionOrphan && seen.Storm.Topology != nil &&
		!seen.Parent.Spec.Suspend && !seen.Parent.Paused() && len(did.Calls) == 0
	if did.Finalized && seen.Storm.Heard == topology.Absent && seen.Parent.Deletion() != v1beta1.DeletionOrphan && !seen.Storm.View.Proves() {
		w.violate("Must 8: the finalizer is removed, and no fresh list says that the topology is gone")
	}
	if runs, says := seen.Parent.Status.StormStatus, result.Status.StormStatus; runs != "" && says == "" && seen.Storm.Heard == topology.Absent && !seen.Storm.View.Listed && !seen.Deleting {
		w.violate("Must 1: the status says that nothing runs (rule %q), and no list says so", did.Rule)
	}
	if at := seen.Aim.Submit; at.Job == nil && at.Pod == nil && seen.Aim.Extract.Job == nil {
		return
	}
	w.comesBack(seen)
	again := topology.Observe(seen.Objects, upgraded(seen.Config), seen.Now)
	if seen.Storm.Heard != topology.NotAsked {
		again = again.WithStorm(seen.Storm.View)
	}
	// A helper that cannot start is fixed by another way of giving it: the attempt begins again.
	stuck := did.Says.Reason == v1beta1.ImageVolumeUnsupported
	if next := topology.Decide(again); next.Children != did.Children && !stuck {
		w.violate("Must 7: an upgraded Stormhooks would leave out or make a child that this one does not (rule %q, before %q)", next.Rule, did.Rule)
	}
}

// upgraded is the configuration of the next Stormhooks.
func upgraded(config topology.Config) topology.Config {
	next := topology.Config{HelperImage: config.HelperImage + "-next", HelperMount: topology.HelperMountImageVolume}
	if config.HelperMount == topology.HelperMountImageVolume {
		next.HelperMount = topology.HelperMountInitContainer
	}
	return next
}
