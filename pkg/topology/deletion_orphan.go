package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// leftStopped is the call that activates what stays in Storm, where an update had stopped it or
// had submitted it INACTIVE (Must 2): no hook looks after it from now on. While it is paused, a
// person may have stopped it.
//
//	update ─ deactivates ─ drains ─┐
//	delete (Orphan) ───────────────┴ both are INACTIVE: what ran is activated
//
// What was adopted is left alone, and its successor is activated: a late call may come when the
// object has gone that adopted it (Must 3).
func (seen Observed) leftStopped() (storm.Call, bool) {
	left := seen.Storm
	if left.Heard == Adopted {
		left = seen.Other
	}
	switch t := left.Running(); {
	case seen.Parent.Deletion() != v1beta1.DeletionOrphan || seen.Parent.Spec.Suspend,
		t == nil || processes(seen.Storm.Topology) || processes(seen.Other.Topology),
		seen.Parent.Paused() && !seen.stoppedHere():
		return storm.Call{}, false
	default:
		return turned(t, storm.Activate), true
	}
}

// leftInStorm says which topology is left in Storm on purpose.
func leftInStorm(seen Observed) string {
	switch t, before := seen.Storm.Topology, seen.Parent.Status.StormID; {
	case t.Alive() && seen.Other.Running() != nil:
		return fmt.Sprintf("Its topologies %q (%s, %s) and %q (%s, %s) stay in Storm.", t.Name, t.ID, t.Status,
			seen.Other.Topology.Name, seen.Other.Topology.ID, seen.Other.Topology.Status)
	case t.Alive() && t.Status == storm.Inactive:
		return fmt.Sprintf("Its topology %q (%s) stays in Storm, INACTIVE.", t.Name, t.ID)
	case t.Alive():
		return fmt.Sprintf("Its topology %q (%s) keeps running in Storm.", t.Name, t.ID)
	case t != nil:
		return fmt.Sprintf("Storm is draining and killing its topology %q (%s).", t.Name, t.ID)
	case !seen.Storm.Known() && before != "":
		return fmt.Sprintf("Its topology ran as %s when Storm last answered, and is left in Storm.", before)
	}
	return "Nothing is killed in Storm."
}
