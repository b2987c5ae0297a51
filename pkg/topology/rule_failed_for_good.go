package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
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
	d := seen.keep(phase).withProblem(*at, seen.context(hasFailed))
	d.Says.Class, d.Says.GaveUp = conditions.Stalled, true
	d.Says.Message = followed(d.Says.Message) + fmt.Sprintf(" Stormhooks gave up after %s. It tries again when the spec changes. To retry without a correction, change spec.restartNonce.", plural(int(at.Record.Failures), "failed attempt"))
	d.Remember.Attempts = &at.Record
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.again(seen.poll()), true
}
