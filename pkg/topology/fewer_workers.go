package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// fewerWorkers is what the status has while Storm assigns fewer workers than the topology
// requests, all of them up, although slots are free; nil otherwise. Storm's schedulers
// assign what a topology requests within a round. If rounds pass and they do not, another
// number was requested by hand (storm rebalance -n leaves topology.workers as it is:
// StormBase.num_workers, v2.8.1), or they need no more.
//
// Once that is settled, it stays so for as long as the numbers stay: whether slots are
// free no longer matters then.
func fewerWorkers(seen Observed) *v1beta1.FewerWorkers {
	t, before := seen.Storm.Topology, seen.Parent.Status
	wanted := seen.Storm.workersWanted()
	same := before.FewerWorkers != nil && before.StormID == t.ID
	switch {
	case t.Status == storm.Rebalancing, t.Workers == 0, t.Workers >= wanted:
		return nil
	case !t.Counted() && same:
		return before.FewerWorkers
	case same && int(before.FewerWorkers.Assigned) == t.Workers && int(before.WorkersWanted) == wanted &&
		(hasFreeSlots(seen) || settled(seen, before.FewerWorkers)):
		return before.FewerWorkers
	case !t.Counted() || t.WorkersUp < t.Workers || !hasFreeSlots(seen):
		return nil
	}
	return &v1beta1.FewerWorkers{Assigned: int32(t.Workers), Since: stamp(seen.Now)}
}

// settled says whether Storm has had rounds enough to assign more workers. The number of
// free slots is as old as the last poll of the StormCluster.
func settled(seen Observed, fewer *v1beta1.FewerWorkers) bool {
	return fewer != nil && age(fewer.Since, seen.Now) >= seen.Cluster.Poll()+schedulingRounds
}

func hasFreeSlots(seen Observed) bool {
	slots := seen.Cluster.Status.Slots
	return slots != nil && slots.Free > 0
}
