package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// submit claims whatever is left: the JAR is ready, and Storm does not run the aim.
// The Job looks at Storm by itself before it kills or submits (Must 1), so a request
// that rests on a view that lags does no harm.
func submit(seen Observed) (Decision, bool) {
	at := seen.Aim.Submit
	phase, reason, what := submitting(seen)
	d := seen.keep(phase)
	switch at.State {
	case Due:
		d.Children.Submit = Requested
	case Blocked:
		d.Children.Submit = Left
		what, at.Recheck = exiting(seen), at.untilExited(seen.Now)
	case Outdated:
		d.Children.Submit = Left
		if at.Live {
			what, at.Recheck = exiting(seen), at.untilExited(seen.Now)
		}
	case Succeeded: // missing looked twice: Storm has lost it, which is not a failure
		d.Children.Submit = Left
		at.Record.Number = at.serves.Attempt + 1
		at.Recheck = whileLeftOut
		d.Look.Fresh = true
	}
	d.Remember.Attempts = &at.Record
	d.Says.Phase, what = seen.later(at, phase, what)
	d = d.waiting(reason, "%s%s", turning(seen), what)
	if at.problem != nil {
		at.lost = at.lost && seen.Storm.Heard == Absent
		d = d.withProblem(at, seen.context(notSubmitted))
		d.Says.Message += noWayBack(seen)
		d.Look.Fresh = d.Look.Fresh || at.killed() && seen.Storm.Heard != Absent // the way back begins where nothing runs
	}
	return d.again(at.Recheck), true
}

// submitting says which phase the way to a submission has, and what happens in it.
func submitting(seen Observed) (phase v1beta1.Phase, reason, what string) {
	aim, t := seen.Aim, seen.Storm.Topology
	phase = v1beta1.PhaseSubmitting
	if t != nil || aim.Because != nil || seen.phaseBefore() == v1beta1.PhaseUpdating {
		phase = v1beta1.PhaseUpdating
	}
	switch {
	case phase == v1beta1.PhaseSubmitting && aim.extractsInside():
		return v1beta1.PhaseExtracting, v1beta1.Extracting,
			fmt.Sprintf("The JAR is being extracted from image %q.", aim.Parent.Spec.Topology.Jar.Container.Image)
	case t.Alive() && aim.Parent.BlueGreen():
		name, _ := seen.submitName()
		return phase, v1beta1.Submitting, fmt.Sprintf("BlueGreen (%s): revision %s is being prepared. It is submitted INACTIVE as topology %q; revision %s %s until the workers of the new one are up.",
			whyRestarted(seen), aim.Fingerprint.Revision, name, seen.Storm.revisionName(), seen.goesOn())
	case t != nil && aim.Parent.BlueGreen():
		name, _ := seen.submitName()
		return phase, v1beta1.Submitting, fmt.Sprintf("BlueGreen (%s): Storm is draining and killing revision %s. Revision %s is being prepared, and submitted INACTIVE as topology %q.",
			whyRestarted(seen), seen.Storm.revisionName(), aim.Fingerprint.Revision, name)
	case t.Alive(): // no look follows until the pod has ended: this holds all the time
		return phase, v1beta1.Submitting, fmt.Sprintf("Restart (%s): a pod prepares revision %s, lets Storm drain and kill revision %s, and then submits the new one.",
			whyRestarted(seen), aim.Fingerprint.Revision, seen.Storm.revisionName())
	case t != nil:
		return phase, v1beta1.Submitting, fmt.Sprintf("Storm is draining and killing revision %s; then revision %s is submitted.",
			seen.Storm.revisionName(), aim.Fingerprint.Revision)
	}
	return phase, v1beta1.Submitting, "The topology is being submitted."
}

// exiting says what the pod of another submission, which was told to stop, still does.
func exiting(seen Observed) string {
	aim, t := seen.Aim.Fingerprint.Revision, seen.Storm.Topology
	draining := t != nil && !t.Alive()
	submits, known := seen.Aim.Submit.submits()
	switch own := known && submits.Fingerprint.Revision == aim; {
	case own && draining:
		return fmt.Sprintf("Storm is draining and killing revision %s. If the pod that is under way killed it, that pod submits revision %s%s. Otherwise the next pod submits it.",
			seen.Storm.revisionName(), aim, seen.thenTurned(submits))
	case own:
		return fmt.Sprintf("Waiting for the pod that is under way to exit: it may still submit revision %s%s.", aim, seen.thenTurned(submits))
	case draining:
		return fmt.Sprintf("Storm is draining and killing revision %s. The pod of the previous submission has not exited yet: if it killed that revision, it submits its own first. Then revision %s is submitted.",
			seen.Storm.revisionName(), aim)
	}
	return "Waiting for the previous submission's pod to exit."
}

// thenTurned says what happens to a topology whose initial status is not the one that is wanted
// now; empty where it is.
func (seen Observed) thenTurned(submits storm.Submission) string {
	switch suspend := seen.Parent.Spec.Suspend; {
	case suspend && !submits.Inactive:
		return ", which is then deactivated, because spec.suspend is true"
	case !suspend && submits.Inactive && !seen.twoNames():
		return ", which is then activated"
	}
	return ""
}

// turning begins the message of a submission that rolls back.
func turning(seen Observed) string {
	if seen.Aim.Because != nil {
		return seen.rollingBack()
	}
	return ""
}

// whyRestarted says why the running revision is replaced.
func whyRestarted(seen Observed) string {
	switch {
	case seen.Change == nil:
		return "it was lost"
	case seen.submitsAgain():
		return seen.Change.Why + "; submitted again"
	}
	return seen.Change.Why
}

// noWayBack says that what a failed submission killed does not run, why it does not come
// back by itself, and what to do; empty where it does, or nothing was killed.
func noWayBack(seen Observed) string {
	last, update := lastGood(seen.Parent.Status), seen.Parent.Spec.Update
	switch {
	case seen.Aim.Because != nil || seen.Storm.Heard != Absent || seen.Target.Submit.failedWith().Killed == "":
		return ""
	case !seen.Target.Submit.killed(): // it is tried again soon, and without end
		return " The previous topology was killed, and nothing runs until an attempt succeeds."
	case update != nil && update.Rollback != nil && !*update.Rollback:
		return " The previous topology was killed, and spec.update.rollback is false. To run it again, set the spec back."
	case revision.SpecOf(last) == nil || last.Revision == seen.Target.Fingerprint.Revision:
		return " The previous topology was killed, and Stormhooks does not have its spec. To run it again, set the spec back."
	}
	return " The previous topology was killed, and spec.restartNonce has changed since. To run it again, set the spec back."
}
