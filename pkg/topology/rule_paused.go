package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// paused claims a topology that a person works on. It is not Ready meanwhile,
// whatever runs: it is unmanaged. A pod that would kill and submit meanwhile is
// ended.
func paused(seen Observed) (Decision, bool) {
	if !seen.Parent.Paused() {
		return pass()
	}
	ending := ""
	if seen.Aim.Submit.underWay() {
		ending = " The submission in progress is being stopped, unless it has already killed the previous revision: then it runs to completion."
	}
	d := seen.keep(seen.phasePaused()).waiting(v1beta1.Paused,
		"%sPaused: nothing is created and Storm is not called while annotation %s is \"true\". Remove it to continue. Deletion still works.%s%s",
		seen.stoppedWhilePaused(), v1beta1.AnnotationPaused, seen.waitsForPause(), ending)
	d.Children.Submit = seen.keepHandover()
	d.Says.Class = ""
	return d.again(seen.poll()), true
}

// stoppedWhilePaused begins the message where nothing is processed; empty where something is, or
// spec.suspend wants it so.
func (seen Observed) stoppedWhilePaused() string {
	t := seen.Storm.Running()
	if t == nil || t.Status != storm.Inactive || seen.Parent.Spec.Suspend {
		return ""
	}
	if beside := seen.Other.Running(); beside != nil {
		return fmt.Sprintf("Nothing is processed: topologies %q and %q are both INACTIVE, in the middle of an update. ", t.Name, beside.Name)
	}
	return fmt.Sprintf("Nothing is processed: topology %q is INACTIVE in Storm. ", t.Name)
}

// waitsForPause says what continues after the pause; empty where nothing waits for that.
func (seen Observed) waitsForPause() string {
	failed, aim, beside := seen.Aim.Because, seen.Aim.Fingerprint.Revision, seen.Other.Running()
	switch {
	case len(seen.Aim.Problems) > 0:
		return ""
	case failed != nil && seen.Aim.Runs:
		return fmt.Sprintf(" Revision %s failed and is not tried again.", failed.Revision)
	case failed != nil && seen.Change != nil:
		return fmt.Sprintf(" The rollback to revision %s waits.", aim)
	case beside != nil && !seen.Aim.Runs && seen.Other.Revision == aim:
		return fmt.Sprintf(" The update to revision %s, which is in Storm as topology %q, waits.", aim, beside.Name)
	case seen.Change != nil:
		return fmt.Sprintf(" A change waits: %s (%s).", seen.Change.Kind, seen.Change.Why)
	}
	return ""
}

// phasePaused is the phase as Storm has the topology, where that is known.
func (seen Observed) phasePaused() v1beta1.Phase {
	before, t := seen.phaseBefore(), seen.Storm.Running()
	switch {
	case t == nil || seen.Aim.Because != nil:
		return before
	case seen.Target.Runs && seen.Parent.Spec.Suspend && t.Status == storm.Inactive:
		return v1beta1.PhaseSuspended
	case seen.Target.Runs:
		return v1beta1.PhaseRunning
	case before == v1beta1.PhaseFailed || before == v1beta1.PhaseUpdateFailed:
		return before
	}
	return v1beta1.PhaseUpdating
}
