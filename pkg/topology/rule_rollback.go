package topology

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// rollback is for a topology whose target failed after the old revision had been killed, or
// did not come up in time. It claims it once the last good revision runs again, or once the
// attempts at that have failed, too: then another one follows later, since it ran before and
// may run again. On the way the rules below work towards it (aim.go).
func rollback(seen Observed) (Decision, bool) {
	if seen.Aim.Because == nil {
		return pass()
	}
	if seen.Aim.Runs {
		d := seen.keep(v1beta1.PhaseUpdateFailed)
		d.Remember.Attempts = nil
		return d.stalled(v1beta1.RolledBack, "%sRolled back: revision %s is running again. Change the spec to try again.",
			seen.whyRolledBack(), seen.Storm.revisionName()).again(seen.poll()), true
	}
	at := seen.Aim.spentStep()
	if at == nil {
		return pass()
	}
	d := seen.keep(seen.failedPhase())
	d.Remember.Attempts = &at.Record
	return d.stalled(at.problem.Reason, "%s%sThe rollback to revision %s failed too. %s%s",
		seen.whyRolledBack(), seen.stillRuns(), seen.Aim.Fingerprint.Revision, followed(at.problem.Text()), at.laterAgain()).again(min(at.Recheck, seen.poll())), true
}
