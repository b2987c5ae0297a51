package topology

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// rebalancing claims a topology whose workers Storm is moving: meanwhile activate,
// deactivate and another rebalance fail silently
// (Nimbus.java, TOPO_STATE_TRANSITIONS, v2.8.1).
func rebalancing(seen Observed) (Decision, bool) {
	t := seen.Storm.Running()
	if t == nil || t.Status != storm.Rebalancing || seen.Aim.Submit.State == Running {
		return pass()
	}
	d := seen.keep(v1beta1.PhaseRunning)
	if !seen.Target.Runs {
		d.Says.Phase = v1beta1.PhaseUpdating
	}
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.waiting(v1beta1.Rebalancing, "%sStorm is rebalancing the topology; its spouts are paused until it is done.", seen.whyRolledBack()).again(rebalancingRest(seen)), true
}

// rebalancingRest is how long Storm will still need, as far as we know: it may have
// been asked by hand, with another wait.
func rebalancingRest(seen Observed) time.Duration {
	var since time.Duration
	if ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady); ready.Reason == v1beta1.Rebalancing {
		since = age(&ready.LastTransitionTime, seen.Now)
	}
	return untilDone(time.Duration(rebalanceWait(seen))*time.Second, since, whileShort)
}
