package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
)

// failedForGood claims a topology whose attempts are used up. The last failed Job
// stays, for its logs, until the spec changes.
func failedForGood(seen Observed) (Decision, bool) {
	at := seen.Aim.exhausted()
	if at == nil {
		return pass()
	}
	phase := v1beta1.PhaseFailed
	if seen.Storm.Running() != nil {
		phase = v1beta1.PhaseUpdateFailed
	}
	d := seen.keep(phase).withProblem(*at, seen.context())
	d.Says.Class, d.Says.GaveUp = diagnose.Stalled, true
	d.Says.Message += fmt.Sprintf(" Tried %s; it is tried again when the spec changes (spec.restartNonce, say).", times(at.Record.Failures))
	d.Remember.Attempts = &at.Record
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.again(seen.poll()), true
}
