package preview

import (
	"fmt"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Around is what else is known of the Kubernetes cluster, with what the files add
// to it: at the least all StormClusters of the topology's namespace. A nil Around
// is for those who could not look.
type Around struct {
	Clusters   []v1beta1.StormCluster
	Topologies []v1beta1.StormTopology
}

// Among is the plan among what is around: where the hook waits for a StormCluster
// that is not there, or for a name in Storm that another topology has, nothing of
// it comes until that is mended.
func (p Plan) Among(live, wanted *v1beta1.StormTopology, around *Around) Plan {
	if around == nil || !p.Changes() {
		return p
	}
	cluster := around.clusterOf(wanted)
	switch {
	case cluster == nil:
		return p.waiting(v1beta1.ClusterNotFound, fmt.Sprintf("StormCluster %q is not there. Apply it in namespace %q, or name another one in spec.clusterRef",
			wanted.Spec.ClusterRef, wanted.Namespace))
	case live != nil && live.Status.StormID != "": // the name is its own already
		return p
	}
	for i := range around.Topologies {
		other := &around.Topologies[i]
		if other.Namespace == wanted.Namespace && other.Name == wanted.Name || other.StormName() != wanted.StormName() {
			continue
		}
		if there := around.clusterOf(other); there == nil || !sameStorm(cluster, there) {
			continue
		}
		what, comes := "has", ""
		if other.Status.StormID == "" {
			what, comes = "wants", ", and only the first to come gets it"
		}
		return p.waiting(v1beta1.NameConflict, fmt.Sprintf("StormTopology \"%s/%s\" %s the name %q in the same Storm%s. Give one of them another spec.topology.name",
			other.Namespace, other.Name, what, wanted.StormName(), comes))
	}
	return p
}

func (p Plan) waiting(reason, why string) Plan {
	p.Then, p.ThenWhy = p.Kind, p.Why
	p.Kind, p.Reason, p.Why = Waits, reason, reason+": "+why
	return p
}

func (a *Around) clusterOf(t *v1beta1.StormTopology) *v1beta1.StormCluster {
	for i := range a.Clusters {
		if c := &a.Clusters[i]; c.Namespace == t.Namespace && c.Name == t.Spec.ClusterRef {
			return c
		}
	}
	return nil
}

// sameStorm says whether two StormClusters lead to one Storm: by its identity,
// where both have seen it, else by their seeds.
func sameStorm(a, b *v1beta1.StormCluster) bool {
	if a.Status.Identity != "" && b.Status.Identity != "" {
		return a.Status.Identity == b.Status.Identity
	}
	return a.Port() == b.Port() && slices.Equal(seeds(a), seeds(b))
}

func seeds(c *v1beta1.StormCluster) []string {
	sorted := c.SeedHosts()
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// Crowded says how many workers a plan's topology asks for, and how many slots
// Storm has for them, those that it holds already among them; ok where these are
// too few. Storm's default of workers is not looked at.
func (p Plan) Crowded(live, wanted *v1beta1.StormTopology, around *Around) (workers, slots int64, ok bool) {
	if around == nil || !slices.Contains([]Kind{Create, Submit, Rebalance, Restart}, p.Kind) {
		return 0, 0, false
	}
	cluster := around.clusterOf(wanted)
	if cluster == nil || cluster.Status.Slots == nil {
		return 0, 0, false
	}
	w := newWorld(wanted, cluster, topology.Config{})
	workers, set := topology.Observe(w.objects, w.config, noon).Target.Settings[storm.Workers].(int64)
	slots = int64(cluster.Status.Slots.Free)
	if live != nil && live.Status.StormID != "" {
		slots += int64(live.Status.Workers)
	}
	return workers, slots, set && workers > slots
}
