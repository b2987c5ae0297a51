package topology

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// stormUnreachable claims a topology whose Storm does not answer, or does not reveal
// whose the topology is that ran. The first time nothing changes but the memory of
// it.
func stormUnreachable(seen Observed) (Decision, bool) {
	reason, until := v1beta1.ClusterUnreachable, "Storm answers"
	var problem string
	switch seen.Storm.Heard {
	case Silent:
		problem = seen.Storm.View.Problem
		if seen.Storm.View.TooOld {
			reason, until = v1beta1.StormTooOld, "that Storm is upgraded"
		}
	case Unreadable:
		problem = seen.Storm.View.Topology.ConfProblem
	default:
		if seen.Other.Heard != Unreadable {
			return pass()
		}
		problem = seen.Other.View.Topology.ConfProblem
	}
	before := seen.Parent.Status
	d := seen.keep(seen.phaseBefore()).waiting(reason,
		"%s Nothing changes until %s; then Stormhooks continues by itself.", followed(problem), until)
	d.Says.Ready = metav1.ConditionUnknown
	d.Remember.MissingSince, d.Remember.SilentSince = before.MissingSince, before.SilentSince
	if d.Remember.SilentSince == nil {
		d.Remember.SilentSince = stamp(seen.Now)
	}
	d.Says.Unchanged = len(before.Conditions) > 0 && age(d.Remember.SilentSince, seen.Now) < silentAfter &&
		before.ObservedGeneration == seen.Parent.Generation
	return d.again(whileSilent), true
}
