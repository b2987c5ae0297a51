package cluster

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
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
		status.Supervisors = new(int32(view.Supervisors))
		count(&status, view, now)
	}
	states := []conditions.Typed{{Type: v1beta1.ConditionReady, State: d.Ready}}
	states = append(states, d.Class.Typed(d.Ready.Reason, d.Ready.Message)...)
	status.Conditions = conditions.Set(seen.Parent.Status.Conditions, states, seen.Parent.Generation, now)
	return status
}

// countEvery is how old the counts are at least before they are written again.
const countEvery = 10 * time.Minute

// count writes how many slots and topologies Storm has. Metacontroller syncs every
// StormTopology of a StormCluster whose status is written (a related object with another
// resourceVersion), and with each submission the counts are others. Whether there is a
// free slot at all is written at once: pkg/topology needs that.
func count(status *v1beta1.StormClusterStatus, view storm.ClusterView, now time.Time) {
	slots := v1beta1.Slots{
		Total: int32(view.SlotsTotal),
		Used:  int32(view.SlotsUsed),
		Free:  int32(max(0, view.SlotsTotal-view.SlotsUsed)),
	}
	topologies := int32(view.Topologies)
	if last := status.Slots; last != nil && status.Topologies != nil {
		if *last == slots && *status.Topologies == topologies {
			return
		}
		lately := status.CountedAt != nil && now.Sub(status.CountedAt.Time) < countEvery && !now.Before(status.CountedAt.Time)
		if lately && last.Total == slots.Total && (last.Free == 0) == (slots.Free == 0) {
			return
		}
	}
	at := metav1.NewTime(now.UTC().Truncate(time.Second))
	status.Slots, status.Topologies, status.CountedAt = &slots, &topologies, &at
}
