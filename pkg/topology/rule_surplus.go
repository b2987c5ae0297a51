package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// surplus claims a topology that is to be restarted, and beside which there is one that is
// neither what runs nor the aim. It never processed a tuple, or not any more.
func surplus(seen Observed) (Decision, bool) {
	running, beside := seen.Storm.Running(), seen.Other.Running()
	if running == nil || beside == nil || processes(beside) || seen.Aim.Runs || runs(seen.Other, seen.Aim) {
		return pass()
	}
	d := switching(seen)
	d.Calls = []storm.Call{seen.killInactive(beside)}
	return d.waiting(v1beta1.Killing, "%sRevision %s, INACTIVE beside it as topology %q, is not wanted any more and is being killed.",
		seen.context(notSubmitted), seen.Other.revisionName(), beside.Name), true
}
