package topology

import (
	"fmt"
)

// failed claims a topology after as many failures as attempts follow soon. The last
// failed child stays, for its logs, until the next attempt, or until the spec changes.
func failed(seen Observed) (Decision, bool) {
	at := seen.Aim.spentStep()
	if at == nil {
		return pass()
	}
	d := seen.keep(seen.failedPhase())
	message := followed(seen.context(hasFailed) + sentence(at.problem.Text()))
	switch failures := int(at.Record.Failures); {
	case at.State == Exhausted:
		message += fmt.Sprintf(" Stormhooks gave up after %s. It tries again when the spec changes. To retry without a correction, change spec.restartNonce.",
			plural(failures, "failed attempt"))
	case at.jarRefused:
		message += at.jarAgain()
	default:
		message += fmt.Sprintf(" %s failed.%s To retry at once, correct the spec, or change spec.restartNonce.", plural(failures, "attempt"), at.laterAgain())
	}
	d = d.stalled(at.problem.Reason, "%s", message)
	d.Says.GaveUp = true
	d.Remember.Attempts = &at.Record
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.again(seen.poll()), true
}
