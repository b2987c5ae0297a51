package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// running claims a topology that runs its target revision. Nothing is extracted or
// submitted for it, whatever happened to its Jobs and its volume (Must 7): what
// exists of them stays, for its logs. One that did not come up in time is rolled back by the
// rules below, and keeps running meanwhile.
func running(seen Observed) (Decision, bool) {
	if !seen.Target.Runs || seen.Aim.Because != nil {
		return pass()
	}
	d := seen.keep(v1beta1.PhaseRunning)
	d.Remember.Attempts = nil
	d.Children.Extract = seen.Aim.Extract.keepEnded()
	if submit := seen.Aim.Submit; !submit.ended() && submit.serves.Revision != seen.Target.Fingerprint.Revision {
		d.Children.Submit = Left // Must 2: it would replace what is wanted
	}
	if seen.Aim.Submit.doneBeside() {
		d.Children.Submit = Left // its pod would run for as long as a container of another component
	}
	if call, differs := wrongActivity(seen); differs {
		return seen.changeActivity(d, call), true
	}
	if seen.Parent.Spec.Suspend {
		d.Says.Phase = v1beta1.PhaseSuspended
		d = d.ready(v1beta1.Suspended, "The topology is deactivated in Storm (INACTIVE), because spec.suspend is true. Its workers are not stopped.")
		return d.again(seen.poll()), true
	}
	return judgeWorkers(seen, d), true
}
