package topology

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

const (
	// historyKept is how many revisions a status remembers.
	historyKept = 10
	// lastSpecLimit is the largest spec.topology that a status remembers, in bytes.
	lastSpecLimit = 64 << 10
	resultRunning = "Running"
)

// selector matches no pod: the scale subresource must have one, and a
// HorizontalPodAutoscaler would multiply by the pods that it matches.
func selector(topology string) string { return v1beta1.Group + "/no-pod=" + topology }

// remember keeps what later calls need: the spec that runs, and the history.
func (seen Observed) remember(status *v1beta1.StormTopologyStatus, d Decision, now time.Time) {
	before := seen.Parent.Status
	status.LastSpec, status.History = before.LastSpec, before.History
	switch {
	case seen.heardOfOurs() && seen.runsTarget():
		status.LastSpec = seen.lastSpec()
		seen.noteRunning(status, seen.cause(), now)
	case d.Rule == failedRule:
		seen.noteFailed(status, d.Ready.Reason, now)
	case d.Rollback != nil:
		seen.noteFailed(status, d.Rollback.Reason, now)
		if t := seen.running(); t != nil {
			seen.noteRunning(status, "rolled back", now)
		}
	}
}

// noteFailed notes a target revision that failed, once.
func (seen Observed) noteFailed(status *v1beta1.StormTopologyStatus, reason string, now time.Time) {
	for _, entry := range status.History {
		if entry.Revision == status.TargetRevision && entry.Result == reason {
			return
		}
		if entry.Result == resultRunning && entry.Cause != "rolled back" {
			break
		}
	}
	seen.note(status, v1beta1.HistoryEntry{
		Revision: status.TargetRevision, Image: seen.Parent.Spec.Topology.Jar.Container.Image,
		Time: stamp(now), Cause: seen.cause(), Result: reason,
	})
}

// noteRunning notes a revision that runs; one that was rebalanced keeps its id,
// in which only the time of its submission stands.
func (seen Observed) noteRunning(status *v1beta1.StormTopologyStatus, cause string, now time.Time) {
	if last, ran := lastRun(status.History); ran && last.StormID == status.StormID && last.Revision == status.Revision {
		return // nothing has taken its place, whatever failed since
	}
	entry := v1beta1.HistoryEntry{
		Revision: status.Revision, StormID: status.StormID, Image: seen.Parent.Spec.Topology.Jar.Container.Image,
		Time: status.StartTime, Cause: cause, Result: resultRunning,
	}
	if jar := status.Jar; jar != nil && jar.Revision == seen.running().Fingerprint.Jar {
		entry.Image, entry.SHA256 = jar.Image, jar.SHA256
	}
	// What was rebalanced may never have been noted before: another was wanted already.
	change := seen.Parent.Status.Change
	rebalanced := change != nil && change.Kind == v1beta1.ChangeRebalance
	if last, ran := lastRun(status.History); rebalanced || ran && last.StormID == status.StormID {
		entry.Time = stamp(now)
	}
	seen.note(status, entry)
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

func (seen Observed) note(status *v1beta1.StormTopologyStatus, entry v1beta1.HistoryEntry) {
	history := append([]v1beta1.HistoryEntry{entry}, status.History...)
	status.History = history[:min(len(history), historyKept)]
}

// cause is why this revision came: as the status said while it was on its way.
func (seen Observed) cause() string {
	before := seen.Parent.Status
	switch {
	case before.Change != nil:
		return string(before.Change.Kind) + ": " + before.Change.Why
	case seen.adopts(seen.running()):
		return "adopted"
	case len(before.History) == 0:
		return "first submission"
	}
	return "submitted again"
}

// lastSpec is the part of the spec that runs, without anything resolved in it:
// what a Secret holds is not there.
func (seen Observed) lastSpec() *v1beta1.LastSpec {
	last := &v1beta1.LastSpec{
		Revision: seen.Target.Fingerprint.Revision,
		Topology: &seen.Parent.Spec.Topology,
	}
	if before := seen.Parent.Status.LastSpec; reflect.DeepEqual(before, last) {
		return before // it had room
	}
	if text, err := json.Marshal(last); err != nil || len(text) > lastSpecLimit {
		last.Topology = nil
	}
	return last
}
