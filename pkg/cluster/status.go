package cluster

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
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
	switch d.Class {
	case diagnose.Waiting:
		states = append(states, conditions.Typed{Type: v1beta1.ConditionReconciling, State: conditions.True(d.Ready.Reason, d.Ready.Message)})
	case diagnose.Stalled:
		states = append(states, conditions.Typed{Type: v1beta1.ConditionStalled, State: conditions.True(d.Ready.Reason, d.Ready.Message)})
	}
	status.Conditions = conditions.Set(seen.Parent.Status.Conditions, states, seen.Parent.Generation, now)
	return status
}
