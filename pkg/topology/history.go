package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// historyKept is how many revisions a status remembers.
	historyKept   = 10
	resultRunning = "Running"
	// causeRolledBack is why a revision runs again whose successor failed.
	causeRolledBack = "rolled back"
	// causeScaled is why a revision that was rolled back to has another number of workers.
	causeScaled = string(v1beta1.ChangeRebalance) + ": workers changed after a rollback"
	// causeAdopted is why a revision stands for a topology that was submitted by hand.
	causeAdopted = "adopted"
	// causeAgain is why a revision runs that ran last, too.
	causeAgain = "submitted again"
	// causeActivated is why the previous revision runs again, which was beside its successor.
	causeActivated = "activated again"
)

// rememberSpecs keeps the spec that runs and, while that has not progressed, the last one that
// had: another update in between does not lose it.
func rememberSpecs(seen Observed) (last, good *v1beta1.LastSpec) {
	before := seen.Parent.Status
	switch last, good = before.LastSpec, before.LastGood; {
	case !pending(seen.Progress):
		good = nil
	case pending(before.Progress): // the same submission, or one that replaced another such one
	case last != nil && last.Revision != seen.Progress.Revision && (seen.Other.Running() != nil || !standsForAdopted(before, last.Revision)):
		good = last
	}
	switch {
	case seen.Target.Runs && seen.Aim.Because == nil:
		last = lastSpec(seen)
	case seen.Storm.Running() != nil && before.LastGood != nil && seen.Storm.Revision == before.LastGood.Revision:
		last = before.LastGood
	case seen.scaledBack() && last != nil && last.Revision != seen.Aim.Fingerprint.Revision:
		last = scaledSpec(seen.Aim, last)
	case seen.twoNames() && seen.Aim.Runs && last != nil && last.Revision == seen.Target.Fingerprint.Revision:
		last = nil // what runs again was in Storm, and its spec is not known
	}
	return last, good
}

// scaledBack says whether the last good revision runs again with another number of workers than
// it had then.
func (seen Observed) scaledBack() bool {
	because := seen.Aim.Because
	return because != nil && because.Scaled && seen.Aim.Runs
}

// scaledSpec is what a status remembers of a revision, with the number of workers that it has now.
func scaledSpec(aim Goal, last *v1beta1.LastSpec) *v1beta1.LastSpec {
	scaled := *last
	scaled.Revision, scaled.Topology = aim.Fingerprint.Revision, &aim.Parent.Spec.Topology
	scaled.Template, scaled.Compressed = revision.TemplateOf(last), nil
	return revision.Compact(scaled, last)
}

// standsForAdopted says whether a revision only stands for what was adopted: what ran was
// submitted by hand, and that the spec of the adoption works was never seen.
func standsForAdopted(before v1beta1.StormTopologyStatus, revision string) bool {
	last, ran := lastSubmitted(before.History)
	return ran && last.Revision == revision && last.Cause == causeAdopted
}

// remember keeps the history.
func remember(seen Observed, d Decision, status v1beta1.StormTopologyStatus) []v1beta1.HistoryEntry {
	history := seen.Parent.Status.History
	switch {
	case seen.Aim.Because != nil && !d.Says.GaveUp:
		history = noteFailed(seen, history, seen.Aim.Because.Revision, seen.Aim.Because.Reason)
		if seen.Storm.Running() != nil {
			history = noteRunning(seen, status, history, causeBack(seen, history))
		}
	case seen.Target.Runs:
		return noteRunning(seen, status, history, cause(seen))
	case d.Says.GaveUp:
		return noteFailed(seen, history, seen.Target.Fingerprint.Revision, d.Says.Reason)
	case seen.Storm.Heard == Own && seen.Storm.Topology.Status == storm.Active:
		return noteInBetween(seen, status, history)
	}
	return history
}

// noteInBetween notes a revision that runs and is not the target any more: its pod had killed
// what ran, or it was beside what was killed.
func noteInBetween(seen Observed, status v1beta1.StormTopologyStatus, history []v1beta1.HistoryEntry) []v1beta1.HistoryEntry {
	last, ran := lastRun(history)
	switch {
	case !ran || last.StormID == status.StormID: // a rebalance of it is noted once it is the target
		return history
	case ranAs(history, status.StormID) != nil:
		return noteRunning(seen, status, history, causeActivated)
	}
	return noteRunning(seen, status, history, cause(seen))
}

// causeBack is why the last good revision runs: it was rolled back to, and scaled since.
func causeBack(seen Observed, history []v1beta1.HistoryEntry) string {
	if last, ran := lastRun(history); seen.scaledBack() && ran && last.StormID == seen.Storm.Topology.ID {
		return causeScaled
	}
	return causeRolledBack
}

// noteFailed notes a revision of the target that failed, once.
func noteFailed(seen Observed, history []v1beta1.HistoryEntry, target, reason string) []v1beta1.HistoryEntry {
	for _, entry := range history {
		if entry.Revision == target && entry.Result == reason {
			return history
		}
		if entry.Result == resultRunning && entry.Cause != causeRolledBack && entry.Cause != causeScaled {
			break
		}
	}
	why := cause(seen)
	if last, ran := lastRun(history); ran && last.Revision == target {
		why = last.Cause // it did not come up
	}
	return note(history, v1beta1.HistoryEntry{
		Revision: target, Image: shownImage(seen.Parent.Spec.Topology.Jar.Container.Image),
		Time: stamp(seen.Now), Cause: why, Result: reason,
	})
}

// noteRunning notes a revision that runs. One that was rebalanced, or runs
// again, keeps its id, which has only the time of its submission.
func noteRunning(seen Observed, status v1beta1.StormTopologyStatus, history []v1beta1.HistoryEntry, cause string) []v1beta1.HistoryEntry {
	last, ran := lastRun(history)
	if ran && last.StormID == status.StormID && last.Revision == status.Revision {
		return history // nothing has taken its place, whatever failed since
	}
	entry := v1beta1.HistoryEntry{
		Revision: status.Revision, StormID: status.StormID, Image: shownImage(seen.Parent.Spec.Topology.Jar.Container.Image),
		Time: status.StartTime, Cause: cause, Result: resultRunning,
	}
	if jar := status.Jar; jar != nil && jar.Revision == seen.Storm.Topology.Fingerprint.Jar {
		entry.Image, entry.SHA256 = jar.Image, jar.SHA256
	}
	// What was rebalanced may never have been noted before: another was wanted already.
	change := seen.Parent.Status.Change
	rebalanced := change != nil && change.Kind == v1beta1.ChangeRebalance
	before := ranAs(history, status.StormID)
	if before != nil && before.Revision == status.Revision {
		entry.Image, entry.SHA256 = before.Image, before.SHA256
	}
	if rebalanced || before != nil {
		entry.Time = stamp(seen.Now)
	}
	return note(history, entry)
}

// ranAs is the newest entry of an id in Storm; nil where there is none.
func ranAs(history []v1beta1.HistoryEntry, id string) *v1beta1.HistoryEntry {
	for i := range history {
		if history[i].StormID == id {
			return &history[i]
		}
	}
	return nil
}

// lastRun is the newest entry of a revision that ran.
func lastRun(history []v1beta1.HistoryEntry) (v1beta1.HistoryEntry, bool) {
	for _, entry := range history {
		if entry.StormID != "" {
			return entry, true
		}
	}
	return v1beta1.HistoryEntry{}, false
}

// lastSubmitted is the newest entry of a revision that was submitted, and not only activated.
func lastSubmitted(history []v1beta1.HistoryEntry) (v1beta1.HistoryEntry, bool) {
	for _, entry := range history {
		if entry.StormID != "" && entry.Cause != causeActivated {
			return entry, true
		}
	}
	return v1beta1.HistoryEntry{}, false
}

func note(history []v1beta1.HistoryEntry, entry v1beta1.HistoryEntry) []v1beta1.HistoryEntry {
	history = append([]v1beta1.HistoryEntry{entry}, history...)
	return history[:min(len(history), historyKept)]
}

// cause is why this revision came: as the status said while it was on its way.
func cause(seen Observed) string {
	before := seen.Parent.Status
	switch {
	case seen.submitsAgain():
		return causeAgain
	case before.Change != nil:
		return string(before.Change.Kind) + ": " + before.Change.Why
	case seen.Storm.Heard == Adopted:
		return causeAdopted
	case len(before.History) == 0:
		return "first submission"
	}
	return causeAgain
}

// submitsAgain says whether the target ran last, of two names: what was beside it runs since it
// was killed in Storm, or it has been submitted again.
func (seen Observed) submitsAgain() bool {
	last, ran := lastSubmitted(seen.Parent.Status.History)
	return seen.twoNames() && seen.Aim.Because == nil && ran && last.Revision == seen.Target.Fingerprint.Revision
}

// lastSpec is the part of the spec that runs, without anything resolved in it: it
// does not have what a Secret holds.
func lastSpec(seen Observed) *v1beta1.LastSpec {
	return revision.Compact(v1beta1.LastSpec{
		Revision:      seen.Target.Fingerprint.Revision,
		RestartNonce:  seen.Parent.Spec.RestartNonce,
		RestartedAt:   seen.Parent.Annotations[v1beta1.AnnotationRestartedAt],
		Topology:      &seen.Parent.Spec.Topology,
		Template:      lastTemplate(seen),
		WholeTemplate: wholeTemplate(seen),
		Inputs:        seen.Inputs.Then.Remembered(),
	}, seen.Parent.Status.LastSpec)
}

// shownImage is the name of an image as a status has it. The API server checks only its
// ends.
func shownImage(image string) string { return text.Cut(text.Clean(image), saidLimit) }
