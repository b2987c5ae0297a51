package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// previous claims a topology that runs the aim, and beside which another one is left: the
// previous revision, once the aim has come up, or the one that failed. Must 2: until then it
// stays, as the way back.
func previous(seen Observed) (Decision, bool) {
	beside := seen.Other.Running()
	if beside == nil || processes(beside) || !seen.Aim.Runs {
		return pass()
	}
	switch wayBack := seen.Aim.Because == nil && seen.ranBefore() && seen.Other.Revision != seen.Storm.Revision; {
	case wayBack && pending(seen.Progress):
		return pass()
	case seen.Storm.Topology.Status != storm.Active && !seen.Parent.Spec.Suspend:
		return pass() // it is activated first
	}
	d := seen.keep(v1beta1.PhaseUpdating)
	d.Children.Extract = seen.Aim.Extract.keepEnded()
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	d.Calls = []storm.Call{seen.killInactive(beside)}
	why, runs := "", "is running"
	if seen.Storm.Topology.Status != storm.Active {
		runs = seen.goesOn()
	}
	if seen.Aim.Because != nil {
		why = seen.whyRolledBack()
	}
	return d.waiting(v1beta1.Killing, "%sRevision %s %s. Revision %s, INACTIVE beside it as topology %q, is being killed.",
		why, seen.Storm.revisionName(), runs, seen.Other.revisionName(), beside.Name).again(whileStarting), true
}
