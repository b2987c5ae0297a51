package preview

import (
	"fmt"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Surroundings are the other objects of the Kubernetes cluster, with what the files
// add: at least all StormClusters in the namespace of the topology. Surroundings are nil,
// or Clusters are, if they could not be read.
type Surroundings struct {
	Clusters   []v1beta1.StormCluster
	Topologies []v1beta1.StormTopology
}

// InContext is the plan with regard to other objects. If the hook waits for a
// StormCluster that does not exist, or for a name in Storm that another topology has,
// nothing of the plan happens until that is fixed.
func (p Plan) InContext(live, wanted *v1beta1.StormTopology, others *Surroundings) Plan {
	if others == nil || !p.Changes() {
		return p
	}
	cluster := others.clusterOf(wanted)
	switch {
	case cluster == nil && others.Clusters != nil:
		return p.waiting(v1beta1.ClusterNotFound, fmt.Sprintf("StormCluster %q does not exist in namespace %q. Apply it there, or set spec.clusterRef to another one",
			wanted.Spec.ClusterRef, wanted.Namespace))
	case live != nil && live.Status.StormID != "" && p.Beside == "": // it has the name already
		return p
	}
	name := wanted.StormName()
	if p.Beside != "" {
		name = p.Beside
	}
	if other := others.withName(wanted, name); other != nil {
		what, only := "has", ""
		if other.Status.StormID == "" {
			what, only = "needs", ", and only the first one gets it"
		}
		return p.waiting(v1beta1.NameConflict, fmt.Sprintf("StormTopology \"%s/%s\" %s the name %q in the same Storm%s. %s",
			other.Namespace, other.Name, what, name, only, instead(wanted, name)))
	}
	return p
}

// instead says how two topologies come by different names.
func instead(wanted *v1beta1.StormTopology, name string) string {
	if name == wanted.StormName() {
		return "Set another spec.topology.name in one of them"
	}
	return "Set spec.update.strategy to Replace, or give the other one another spec.topology.name"
}

// SecondNameTaken says which other topology has, or needs, the second name of a topology with
// strategy BlueGreen, and what to do; empty where none does. The topology runs, and its next
// update waits.
func (p Plan) SecondNameTaken(wanted *v1beta1.StormTopology, others *Surroundings) string {
	if others == nil || p.Kind == Waits || !wanted.BlueGreen() {
		return ""
	}
	name := wanted.GreenName()
	other := others.withName(wanted, name)
	if other == nil {
		return ""
	}
	return fmt.Sprintf("StormTopology \"%s/%s\" has, or needs, the name %q in the same Storm, which an update of this one with strategy BlueGreen needs. %s.",
		other.Namespace, other.Name, name, instead(wanted, name))
}

// withName is another topology in the same Storm that has a name there, or needs it; nil where
// none does.
func (s *Surroundings) withName(than *v1beta1.StormTopology, name string) *v1beta1.StormTopology {
	for i := range s.Topologies {
		other := &s.Topologies[i]
		itself := other.Namespace == than.Namespace && other.Name == than.Name
		if !itself && slices.Contains(namesOf(other), name) && s.together(than, other) {
			return other
		}
	}
	return nil
}

// namesOf are the names that a topology has in Storm, or may have.
func namesOf(t *v1beta1.StormTopology) []string {
	if t.BlueGreen() || t.Status.SecondName {
		return []string{t.StormName(), t.GreenName()}
	}
	return []string{t.StormName()}
}

func (p Plan) waiting(reason, why string) Plan {
	p.Then, p.ThenWhy = p.Kind, p.Why
	p.Kind, p.Reason, p.Why = Waits, reason, reason+": "+why
	return p
}

// together says whether two topologies are in one Storm. A StormCluster that is not known
// is at least the same for those that name it.
func (s *Surroundings) together(a, b *v1beta1.StormTopology) bool {
	if a.Namespace == b.Namespace && a.Spec.ClusterRef == b.Spec.ClusterRef {
		return true
	}
	one, other := s.clusterOf(a), s.clusterOf(b)
	return one != nil && other != nil && sameStorm(one, other)
}

func (s *Surroundings) clusterOf(t *v1beta1.StormTopology) *v1beta1.StormCluster {
	for i := range s.Clusters {
		if c := &s.Clusters[i]; c.Namespace == t.Namespace && c.Name == t.Spec.ClusterRef {
			return c
		}
	}
	return nil
}

// sameStorm says whether two StormClusters lead to the same Storm: by its identity if
// both have read it, otherwise by their seeds.
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

// LacksSlots returns how many workers the topology of a plan requests and how many
// slots Storm has for them, with those that the topology has now, and whether these
// are too few. Storm's default number of workers is not considered.
func (p Plan) LacksSlots(live, wanted *v1beta1.StormTopology, others *Surroundings) (workers, slots int64, lacks bool) {
	if others == nil || !slices.Contains([]Kind{Create, Submit, Rebalance, Restart}, p.Kind) {
		return 0, 0, false
	}
	cluster := others.clusterOf(wanted)
	if cluster == nil || cluster.Status.Slots == nil {
		return 0, 0, false
	}
	w := newWorld(wanted, cluster, topology.Config{})
	workers, set := topology.Observe(w.objects, w.config, noon).Target.Settings[storm.Workers].(int64)
	slots = int64(cluster.Status.Slots.Free)
	if live != nil && live.Status.StormID != "" && p.Beside == "" {
		slots += int64(live.Status.Workers)
	}
	return workers, slots, set && workers > slots
}
