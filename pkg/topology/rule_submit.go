package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// submit claims whatever is left: the JAR is ready, and Storm does not run the
// target revision. The Job looks at Storm by itself before it kills or submits
// (Must 1), so naming it on a view that lags does no harm.
func submit(seen Observed, now time.Time) (Decision, bool) {
	at := seen.submission(now)
	d := seen.keeping(v1beta1.PhaseSubmitting)
	if seen.ours() != nil || seen.phaseBefore() == v1beta1.PhaseUpdating {
		d.Phase = v1beta1.PhaseUpdating
	}
	reason, what := v1beta1.Submitting, "The topology is being submitted."
	if ours := seen.ours(); ours != nil {
		what = fmt.Sprintf("Restart (%s): revision %s is being prepared; then Storm drains and kills revision %s, and it is submitted.",
			seen.why(), seen.Target.Fingerprint.Revision, seen.revisionOf(ours))
		if !ours.Alive() {
			what = fmt.Sprintf("Storm drains and kills revision %s, then revision %s is submitted.",
				seen.revisionOf(ours), seen.Target.Fingerprint.Revision)
		}
	}
	if d.Phase == v1beta1.PhaseSubmitting && seen.extractsInside() {
		d.Phase, reason = v1beta1.PhaseExtracting, v1beta1.Extracting
		what = fmt.Sprintf("The JAR is being extracted from image %q.", seen.Parent.Spec.Topology.Jar.Container.Image)
	}
	switch at.at {
	case due:
		d.Submit = Made
	case blocked:
		d.Submit = Absent
		what = "A pod of the former submission has not ended yet; the next one waits for it."
	case outdated:
		d.Submit = Absent
	case done: // missing looked twice: Storm has lost it, which is nobody's failure
		d.Submit = Absent
		at.attempts.Number = seen.Submit.Serves.Attempt + 1
		at.wait = soon
		d.restsOnAbsence = true
	}
	d.Attempts = &at.attempts
	d = d.waiting(reason, "%s", what)
	if at.ails {
		d = seen.stating(d, at)
	}
	return d.again(at.wait), true
}

// why the running revision is replaced.
func (seen Observed) why() string {
	if change := seen.changeUnderWay(); change != nil {
		return change.Why
	}
	return "it was lost"
}

// extractsInside says whether the Pod of init-container mode has not come to its
// main container yet.
func (seen Observed) extractsInside() bool {
	if seen.Parent.Mode() != v1beta1.ExtractionInit {
		return false
	}
	if seen.Submit.Pod == nil {
		return true
	}
	for _, status := range seen.Submit.Pod.Status.ContainerStatuses {
		if status.Name == children.SubmitContainer {
			return status.State.Waiting != nil
		}
	}
	return true
}
