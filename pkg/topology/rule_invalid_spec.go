package topology

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// invalidSpec claims a spec that cannot be carried out. What runs keeps running.
func invalidSpec(seen Observed) (Decision, bool) {
	if len(seen.Target.Problems) == 0 {
		return pass()
	}
	if call, differs := seen.leftInactive(); differs {
		return seen.changeActivity(seen.keep(v1beta1.PhaseUpdating), call), true
	}
	return seen.refuse(strings.Join(seen.Target.Problems, " ")), true
}
