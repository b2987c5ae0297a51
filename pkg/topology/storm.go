package topology

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// answersOf sorts what Storm says of both names: what counts as running, and what is beside
// it.
func answersOf(seen Observed, view storm.View) (running, other Answer) {
	name, second := seen.names()
	running = answerOf(seen, view)
	running.Name = name
	if view.Other == nil {
		return running, Answer{}
	}
	other = answerOf(seen, *view.Other)
	other.Name = second
	running, other = running.notAdopted(other), other.notAdopted(running)
	if !counts(seen, running, other) {
		return running, other
	}
	first, swapped := running, view.Swapped()
	running = answerOf(seen, swapped)
	running.Name, first.View.Other = second, nil
	return running.notAdopted(first), first
}

// notAdopted is an answer for one of two names, where the object has a topology of its own
// under the other one, which was submitted earlier: an adoption takes effect only where Storm
// runs no topology of the object.
func (a Answer) notAdopted(other Answer) Answer {
	if a.Heard != Adopted || other.Heard != Own || !other.Topology.Alive() {
		return a
	}
	adopted, known := storm.StartTime(a.Topology.ID)
	if own, ok := storm.StartTime(other.Topology.ID); !known || !ok || adopted <= own {
		return a
	}
	a.Heard, a.Topology, a.Revision, a.Remark = OwnerUnknown, nil, "", ""
	if a.View.Topology.ConfKnown {
		a.Heard = Foreign
	}
	return a
}

// answerOf sorts what Storm says of one name.
func answerOf(seen Observed, view storm.View) Answer {
	view = believed(view)
	answer := Answer{Heard: heard(seen, view), View: steadied(view)}
	view = answer.View
	switch answer.Heard {
	case Own:
		answer.Revision = view.Topology.Fingerprint.Revision
	case Adopted:
		answer.Revision = adoptedRevision(seen, view.Topology.ID)
	default:
		return answer
	}
	answer.Topology = view.Topology
	answer.Remark = remarkOn(seen, view.Topology.ID)
	return answer
}

// steadied is a view whose texts may go into a status: cleaned, cut, and the same at each
// look for as long as they say the same (Must 5). Problem stays as pkg/nimbus words it,
// with the address that was called. The text of an error stays too: lastError keeps the
// one that the status has.
func steadied(view storm.View) storm.View {
	view.Problem = text.Cut(text.Clean(view.Problem), saidLimit)
	if view.Topology == nil {
		return view
	}
	t := *view.Topology
	t.Fingerprint.Owner = text.Cut(text.Clean(t.Fingerprint.Owner), saidLimit)
	t.Status = text.Steady(t.Status, saidLimit)
	t.SchedStatus = text.Steady(t.SchedStatus, saidLimit)
	t.ConfProblem = text.Steady(t.ConfProblem, saidLimit)
	t.Components = steadyComponents(t.Components)
	if t.LastError != nil {
		last := *t.LastError
		last.Component = text.Cut(text.Clean(last.Component), saidLimit)
		last.Message = text.Cut(text.Clean(firstLine(last.Message)), saidLimit)
		last.Host = text.Cut(text.Clean(last.Host), saidLimit)
		t.LastError = &last
	}
	view.Topology = &t
	return view
}

// believed drops a topology with an id that Storm cannot make: it belongs to no one.
func believed(view storm.View) storm.View {
	if t := view.Topology; t != nil && !storm.ValidID(t.ID) {
		view.Topology, view.ImpossibleID = nil, true
	}
	return view
}

// heard names the kind of an answer.
func heard(seen Observed, view storm.View) Heard {
	known, t := seen.Cluster.Status.Identity, view.Topology
	switch {
	case !view.Answered():
		return Silent
	case known != "" && view.Identity != "" && view.Identity != known:
		return AnotherStorm
	case t == nil:
		return Absent
	case t.ConfKnown && t.Fingerprint.SameOwner(seen.Target.Fingerprint):
		return Own
	case adopts(seen, t):
		return Adopted
	case t.ConfKnown:
		return Foreign
	case t.ID == seen.Parent.Status.StormID || t.ID == seen.besideID():
		return Unreadable
	}
	return OwnerUnknown
}

// adopts says whether the object adopts this very topology. It is adopted by its id
// alone: Storm may never let us read what another user submitted. An object that
// is deleted before its status told of the adoption adopts nothing any more:
//
//	adopt ─ delete (StormCluster missing) ─ finalizer removed
//	               StormCluster applied ──────────── finalize with the previous parent
func adopts(seen Observed, t *storm.Topology) bool {
	if t.ID == "" || t.ID != adoptedID(seen.Parent) || t.Fingerprint.OwnedIn(seen.Kubernetes) {
		return false
	}
	return !seen.Deleting || seen.Parent.Status.AdoptedRevision != "" || t.ID == seen.besideID()
}

// adoptedRevision is the revision that stands for the adopted topology: the one
// that the spec had when it was adopted.
func adoptedRevision(seen Observed, id string) string {
	switch before := seen.Parent.Status; {
	case before.Beside != nil && before.Beside.StormID == id && before.Beside.Revision != "":
		return before.Beside.Revision
	case before.AdoptedRevision != "":
		return before.AdoptedRevision
	}
	return seen.Target.Fingerprint.Revision
}

// nameConflictOf is the other topology that has the name. It is remembered while the
// name is free, until its owner would have submitted it again: Storm keeps no name for
// anyone, so whoever submits first has it.
//
//	owner ─ runs ─ killed ──────── (second look, Job, main) ─ submits ─ NameConflict
//	other ──────────────── free ─ submits: the owner's topology is lost
func nameConflictOf(seen Observed) *v1beta1.NameConflictStatus {
	before, answer := seen.Parent.Status.NameConflict, seen.Storm
	if (answer.Heard == Own || answer.Heard == Adopted) && seen.twoNames() && !seen.Aim.Runs {
		answer = seen.Other // whose name is needed
	}
	if before != nil && answer.Name != "" && seen.twoNames() && nameOfID(before.StormID) != answer.Name {
		before = nil
	}
	t := answer.View.Topology
	switch answer.Heard {
	case Own, Adopted:
		return nil
	case Foreign, OwnerUnknown:
		return &v1beta1.NameConflictStatus{StormID: t.ID, Owner: ownerOf(t, before)}
	}
	if before == nil {
		return nil
	}
	after := *before
	switch {
	case answer.Heard != Absent: // nor can its owner submit it now
		after.FreeSince = nil
	case !answer.View.Gone(): // the list says whether it has become free
	case before.FreeSince == nil:
		after.FreeSince = stamp(seen.Now)
	case untilFree(before, seen.Now) <= 0:
		return nil
	}
	return &after
}

// nameOfID is the name in an id that Storm made.
func nameOfID(id string) string {
	for range 2 {
		if at := strings.LastIndexByte(id, '-'); at >= 0 {
			id = id[:at]
		}
	}
	return id
}

func ownerOf(t *storm.Topology, before *v1beta1.NameConflictStatus) string {
	switch {
	case t.ConfKnown:
		return shown(t.Fingerprint.Owner)
	case before != nil && before.StormID == t.ID:
		return before.Owner // Storm said it before
	}
	return ownerUnknown
}

// absenceIsNews says whether Storm was asked without its list, has nothing, and the status
// says that it has, or would change. A Nimbus that does not lead denies what runs, so then the list
// decides. A deletion waits as it is, and reads the list at its end.
func absenceIsNews(seen Observed) bool {
	before := seen.Parent.Status
	switch {
	case seen.Deleting:
		return false
	case seen.twoNames() && (deniedNow(seen, seen.Storm) || deniedNow(seen, seen.Other)):
		return true
	case seen.Storm.Heard != Absent || seen.Storm.View.Listed:
		return false
	case before.StormStatus != "": // it ran or drained, or Storm did not say
		return true
	}
	taken := before.NameConflict
	return taken != nil && (taken.FreeSince == nil || untilFree(taken, seen.Now) <= 0)
}

// deniedNow says whether a name has nothing, as far as the Nimbus says that was asked, and the
// status says that it had, or that another owner's topology had it.
func deniedNow(seen Observed, answer Answer) bool {
	before := seen.Parent.Status
	had := before.StormStatus != "" && before.StormName == answer.Name || before.Beside != nil && before.Beside.StormName == answer.Name
	if taken := before.NameConflict; taken != nil && nameOfID(taken.StormID) == answer.Name {
		had = had || taken.FreeSince == nil || untilFree(taken, seen.Now) <= 0
	}
	return had && answer.Heard == Absent && !answer.View.Listed
}

// replacing says whether a restart had begun when something ran last: its pod may have
// killed that. It stays so until something runs again.
func replacing(seen Observed) bool {
	before, heard := seen.Parent.Status, seen.Storm.Heard
	switch {
	case before.Change == nil || heard == Foreign || heard == OwnerUnknown:
		return false
	case before.Change.Kind != v1beta1.ChangeRestart:
		return seen.submissionTried() // a rebalance that waits for it was a restart until the spec changed again
	}
	// What ran until now while nothing was submitted, only extracted, was killed by hand.
	return !ranUntilNow(before) || seen.submissionTried() || seen.Aim.Submit.mayHaveKilled()
}

// ranUntilNow says whether the topology ran when Storm answered last, one call ago.
func ranUntilNow(before v1beta1.StormTopologyStatus) bool {
	switch before.StormStatus {
	case "", storm.Killed, unknownToStorm: // "": it was missing
		return false
	}
	return true
}

// remarkOn is what the submission of the topology found worth saying, remembered
// after its pod has gone.
func remarkOn(seen Observed, id string) string {
	pods := seen.Target.Submit.Pods
	for i := range pods {
		if message, told := termination.Of(&pods[i], children.SubmitContainer); told && message.Facts.StormID == id {
			return message.Facts.Remark
		}
	}
	if before := seen.Parent.Status; before.StormID == id {
		return before.Remark
	}
	return ""
}

// changeOf is how the aim is reached from what runs, or ran until it was killed for
// this change.
func changeOf(seen Observed) *v1beta1.Change {
	before, t := seen.Parent.Status, seen.Storm.Running()
	switch {
	case !seen.Storm.Known():
		return before.Change
	case t == nil && replacing(seen) && (before.Change.Kind != v1beta1.ChangeRestart || before.TargetRevision != seen.Target.Fingerprint.Revision):
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "the target changed again during a restart"}
	case t == nil && replacing(seen):
		return before.Change
	case t == nil && killedForTarget(seen):
		return changeFrom(seen, seen.Storm.Topology, v1beta1.UpdateRestart)
	case t == nil || seen.Aim.Runs:
		return nil
	case seen.Storm.Heard == Adopted:
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "the topology that was adopted is replaced"}
	}
	policy := v1beta1.UpdateAuto
	if update := seen.Parent.Spec.Update; update != nil && update.Policy != "" {
		policy = update.Policy
	}
	return changeFrom(seen, t, policy)
}

// killedForTarget says whether another revision drains, and the submission that kills it
// has begun. The status may not have the restart: Metacontroller writes a status whole,
// and may send one that is older than the restart.
func killedForTarget(seen Observed) bool {
	submit, target := seen.Target.Submit, seen.Target.Fingerprint.Revision
	return seen.Storm.Heard == Own && seen.Storm.Revision != target && submit.exists() && submit.serves.Revision == target
}

// changeFrom is how the aim is reached from a topology; nil where it has the aim's
// revision.
func changeFrom(seen Observed, t *storm.Topology, policy v1beta1.UpdatePolicy) *v1beta1.Change {
	running := revision.Version{Fingerprint: t.Fingerprint}
	if last := seen.Parent.Status.LastSpec; last != nil && last.Revision == t.Fingerprint.Revision {
		running.Spec, running.RestartNonce, running.RestartedAt = revision.SpecOf(last), last.RestartNonce, last.RestartedAt
	}
	aim := seen.Aim.Parent
	target := revision.Version{Fingerprint: seen.Aim.Fingerprint, Spec: &aim.Spec.Topology,
		RestartNonce: aim.Spec.RestartNonce, RestartedAt: aim.Annotations[v1beta1.AnnotationRestartedAt]}
	if seen.Aim.Because == nil {
		target.ChangedInputs = revision.Shown(seen.Inputs.Restart, seen.Parent.Spec.Template)
	}
	change := revision.Compare(running, target, policy)
	good := seen.Parent.Status.LastGood
	if change == nil || running.Spec != nil || good == nil || good.Revision != t.Fingerprint.Revision {
		return change
	}
	// What runs is the last good revision again. The status has its spec there until the next
	// call, and only the reason is taken from it.
	running.Spec, running.RestartNonce, running.RestartedAt = revision.SpecOf(good), good.RestartNonce, good.RestartedAt
	if known := revision.Compare(running, target, policy); known != nil && known.Kind == change.Kind {
		change.Why = known.Why
	}
	return change
}
