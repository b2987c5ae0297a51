package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

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
		back, again := "is running again", seen.poll()
		if last, ran := lastRun(seen.Parent.Status.History); ran && last.StormID == seen.Storm.Topology.ID && last.Cause != causeRolledBack && last.Cause != causeScaled {
			back = "keeps running" // its successor never took over
		}
		switch t, wanted := seen.Storm.Topology, seen.Storm.workersWanted(); {
		case t.Status == storm.Inactive:
			back = "is in Storm, INACTIVE because spec.suspend is true"
		case t.Status == storm.Active && t.Counted() && !workersUp(seen):
			back = fmt.Sprintf("is in Storm again; %d of %s up so far", t.WorkersUp, plural(wanted, "worker"))
			again = min(again, whileShort)
		}
		return d.stalled(v1beta1.RolledBack, "%sRolled back: revision %s %s. To try again, change what can make it work, or spec.restartNonce.",
			seen.whyRolledBack(), seen.Storm.revisionName(), back).again(again), true
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
