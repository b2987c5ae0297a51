package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// activity claims a topology whose running revision, which is not the target, is
// active or stopped contrary to spec.suspend. The update continues right after.
func activity(seen Observed) (Decision, bool) {
	if seen.Storm.Running() == nil {
		return pass()
	}
	call, differs := wrongActivity(seen)
	if !differs {
		return pass()
	}
	return seen.changeActivity(seen.keep(v1beta1.PhaseUpdating), call), true
}
