package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// refuse says what is wrong with the spec. What runs keeps running. While Storm does
// not say what runs, the phase stays as it was.
func (seen Observed) refuse(problem string) Decision {
	phase := seen.failedPhase()
	switch before := seen.Parent.Status; {
	case !seen.Storm.Known() && before.StormID != "" && before.Phase != "":
		phase = before.Phase
	}
	d := seen.keep(phase).stalled(v1beta1.InvalidSpec, "%s%s", seen.keptThough(), problem)
	d.Children.Submit = seen.keepHandover() // a submission of the previous spec must not continue
	return d.again(seen.poll())
}

// keptThough begins the message of a spec that is refused with what Storm keeps; empty where it
// keeps nothing, and where the message says it itself.
func (seen Observed) keptThough() string {
	if seen.Aim.Because != nil {
		return ""
	}
	return seen.stillRuns()
}

// failedPhase says whether what failed is an update of what runs.
func (seen Observed) failedPhase() v1beta1.Phase {
	if seen.Storm.Running() != nil {
		return v1beta1.PhaseUpdateFailed
	}
	return v1beta1.PhaseFailed
}

// later is the phase and the message of an attempt that follows as many failures as
// attempts follow soon: the object has failed until one succeeds.
func (seen Observed) later(at Attempt, phase v1beta1.Phase, what string) (v1beta1.Phase, string) {
	before, t := seen.phaseBefore(), seen.Storm.Topology
	if !at.limitReached() || before != v1beta1.PhaseFailed && before != v1beta1.PhaseUpdateFailed || t != nil && !t.Alive() {
		return phase, what
	}
	return seen.failedPhase(), fmt.Sprintf("Attempt %d follows %s. %s", at.Record.Number, plural(int(at.Record.Failures), "failure"), what)
}

// keepHandover leaves out a submission that is under way, unless its pod may have
// killed what ran: then it ends with its successor in Storm. A pod that is told to stop
// would have no more than its grace period for that, and Storm may be silent for longer.
func (seen Observed) keepHandover() Want {
	t := seen.Storm.Topology
	if seen.Aim.Submit.Live && (t != nil && !t.Alive() || !seen.Storm.Known()) {
		return Kept
	}
	return seen.Aim.Submit.keepEnded()
}

// wrongActivity says whether what runs is stopped and should not be, or runs and
// should be stopped, and which call corrects it.
func wrongActivity(seen Observed) (storm.Call, bool) {
	t, suspend := seen.Storm.Topology, seen.Parent.Spec.Suspend
	switch {
	case suspend && t.Status == storm.Active:
		return storm.Call{Verb: storm.Deactivate, Name: t.Name, ID: t.ID}, true
	case !suspend && t.Status == storm.Inactive:
		return storm.Call{Verb: storm.Activate, Name: t.Name, ID: t.ID}, true
	}
	return storm.Call{}, false
}

// switching is what every step between two topologies has in common.
func switching(seen Observed) Decision {
	d := seen.keep(v1beta1.PhaseUpdating)
	if submit := seen.Aim.Submit; !submit.ended() && submit.serves.Revision != seen.Aim.Fingerprint.Revision || submit.doneBeside() {
		d.Children.Submit = Left
	}
	d.Children.Extract = seen.Aim.Extract.keepEnded()
	return d.again(whileStarting)
}

// turned is a call that activates or deactivates a topology.
func turned(t *storm.Topology, verb storm.Verb) storm.Call {
	return storm.Call{Verb: verb, Name: t.Name, ID: t.ID}
}

// killInactive kills one of two topologies, which is INACTIVE. What it may still process is what it
// has got until it was deactivated for the other one, which took at least a drain; only where
// spec.suspend is true nothing waited for that.
func (seen Observed) killInactive(t *storm.Topology) storm.Call {
	wait := int32(0)
	if seen.Parent.Spec.Suspend {
		wait = int32(max(seen.drainBeside(), min(seen.drain(), seen.runningTimeout())).Seconds())
	}
	return storm.Call{Verb: storm.Kill, Name: t.Name, ID: t.ID, WaitSeconds: &wait}
}

// leftInactive says whether what runs was deactivated for a revision beside it that must not
// take over now, and the call that activates it again (Must 2).
func (seen Observed) leftInactive() (storm.Call, bool) {
	if !seen.Storm.Known() || seen.Storm.Running() == nil || seen.Other.Running() == nil || seen.Parent.Spec.Suspend {
		return storm.Call{}, false
	}
	return wrongActivity(seen)
}

// changeActivity makes the call, and says why.
func (seen Observed) changeActivity(d Decision, call storm.Call) Decision {
	d.Calls = []storm.Call{call}
	d = d.again(whileStarting)
	switch {
	case call.Verb == storm.Deactivate:
		return d.waiting(v1beta1.Suspended, "The topology is being deactivated, because spec.suspend is true.")
	case seen.phaseBefore() == v1beta1.PhaseSuspended:
		return d.waiting(v1beta1.Starting, "The topology is being activated, because spec.suspend is false.")
	case seen.pauseEnded() && !seen.stoppedHere():
		return d.waiting(v1beta1.Starting, afterPause)
	case seen.twoNames() && seen.Parent.Status.StormID != call.ID || seen.stoppedHere():
		if !seen.Target.Runs && seen.submitsAgain() {
			return d.waiting(v1beta1.Switching, "Revision %s was killed in Storm. Revision %s, which is in Storm as topology %q, is being activated again; then revision %s is submitted again. To keep the one that is activated, set the spec back.",
				seen.Target.Fingerprint.Revision, seen.Storm.revisionName(), call.Name, seen.Target.Fingerprint.Revision)
		}
		return d.waiting(v1beta1.Switching, "Revision %s is in Storm as topology %q, and is being activated.", seen.Storm.revisionName(), call.Name)
	}
	return d.waiting(v1beta1.Deactivated, "The topology was deactivated in Storm and is being activated again. To stop it, set spec.suspend. "+
		"To work on it by hand: %s",
		seen.annotate(v1beta1.AnnotationPaused+"=true"))
}

// afterPause does not say who had stopped the topology: that may have been a person, or an update.
const afterPause = "The topology is INACTIVE in Storm and is being activated, because annotation " + v1beta1.AnnotationPaused + " is removed."

// pauseEnded says whether the status tells that a person had paused the topology until now.
func (seen Observed) pauseEnded() bool {
	ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady)
	return ready.Reason == v1beta1.Paused || ready.Message == afterPause
}

// rebalanceWait in seconds. It is always sent, so that it is known.
func rebalanceWait(seen Observed) int32 {
	if update := seen.Parent.Spec.Update; update != nil && update.RebalanceWaitSeconds != nil {
		return *update.RebalanceWaitSeconds
	}
	return int32(seen.Aim.messageTimeout().Seconds())
}
