package cluster

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
)

// Report makes the status. While Storm does not answer, or the object is being deleted,
// the last known values stay.
func Report(seen Observed, d Decision, now time.Time) v1beta1.StormClusterStatus {
	status := *seen.Parent.Status.DeepCopy()
	status.SilentSince = d.SilentSince
	if d.unchanged {
		return status
	}
	status.ObservedGeneration = seen.Parent.Generation
	status.Message = d.Ready.Message
	status.Identity = d.Identity
	if view := seen.Storm; !seen.Finalizing && view.Answered() {
		status.Version, status.Leader = view.Version, view.Leader
		status.Supervisors, status.Topologies = new(int32(view.Supervisors)), new(int32(view.Topologies))
		status.Slots = &v1beta1.Slots{
			Total: int32(view.SlotsTotal),
			Used:  int32(view.SlotsUsed),
			Free:  int32(max(0, view.SlotsTotal-view.SlotsUsed)),
		}
	}
	states := []conditions.Typed{{Type: v1beta1.ConditionReady, State: d.Ready}}
	states = append(states, d.Class.Typed(d.Ready.Reason, d.Ready.Message)...)
	status.Conditions = conditions.Set(seen.Parent.Status.Conditions, states, seen.Parent.Generation, now)
	return status
}
