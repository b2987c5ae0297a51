package preview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
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
// nothing of the plan happens until that is over.
func (p Plan) InContext(live, wanted *v1beta1.StormTopology, others *Surroundings) Plan {
	if others == nil || !p.Changes() {
		return p
	}
	cluster := others.clusterOf(wanted)
	switch {
	case cluster == nil && others.Clusters != nil:
		return p.waiting(v1beta1.ClusterNotFound, fmt.Sprintf("StormCluster %q does not exist in namespace %q. Apply it there, or set spec.clusterRef to another one",
			wanted.Spec.ClusterRef, wanted.Namespace))
	}
	name := p.needs(live, wanted)
	if name == "" {
		return p
	}
	if other := others.find(wanted, name, hasName); other != nil {
		return p.behind(live, wanted, other, name)
	}
	if says := waitsAlready(live, name); says != "" && p.Kind != Adopt {
		p.ByItself = live.Status.NameConflict.FreeSince != nil
		return p.waiting(v1beta1.NameConflict, strings.TrimSuffix(says, "."))
	}
	return p
}

// needs is the name in Storm that a submission of the plan needs, and that the topology does
// not have yet; empty for none.
func (p Plan) needs(live, wanted *v1beta1.StormTopology) string {
	switch {
	case live == nil:
		return wanted.StormName()
	case p.Beside == "" && live.Status.StormID != "", p.Beside != "" && hasName(live, p.Beside):
		return ""
	case p.Beside != "":
		return p.Beside
	}
	return wanted.StormName()
}

// waitsAlready is what the status of the live object says of the topology that has the name;
// empty where it says nothing.
func waitsAlready(live *v1beta1.StormTopology, name string) string {
	if live == nil || live.Status.NameConflict == nil || NameOfID(live.Status.NameConflict.StormID) != name {
		return ""
	}
	if ready, _ := conditions.Find(live.Status.Conditions, v1beta1.ConditionReady); ready.Reason != v1beta1.NameConflict {
		return ""
	}
	return live.Status.Message
}

// behind is a plan that waits for the topology of another object, which has the name.
func (p Plan) behind(live, wanted, other *v1beta1.StormTopology, name string) Plan {
	has := fmt.Sprintf("StormTopology \"%s/%s\" has the name %q in the same Storm", other.Namespace, other.Name, name)
	switch {
	case other.DeletionTimestamp == nil:
		return p.waiting(v1beta1.NameConflict, has+". "+instead(live, wanted, other, name))
	case other.Spec.DeletionPolicy == v1beta1.DeletionOrphan || other.Annotations[v1beta1.AnnotationAbandon] == "true":
		return p.waiting(v1beta1.NameConflict, has+". It is being deleted, and leaves its topology in Storm. Kill that topology in Storm once the object is gone. This one is submitted "+ownerReturns+" after that")
	}
	p.ByItself = true
	return p.waiting(v1beta1.NameConflict, has+", and is being deleted. This one is submitted "+ownerReturns+" after Storm has removed that topology. To submit it at once, apply it only after that")
}

// ownerReturns is how long the hook leaves a name to its owner, once Storm has removed the
// topology. A test compares it with the hook's message.
const ownerReturns = "10 minutes"

// instead says how two topologies come by different names. That of a live object cannot be
// changed.
func instead(live, wanted, other *v1beta1.StormTopology, name string) string {
	another := "Delete one of them, and apply it with another spec.topology.name"
	switch {
	case live == nil:
		another = "Set another spec.topology.name in this one"
	case other.UID == "":
		another = fmt.Sprintf("Set another spec.topology.name in \"%s/%s\", which is new", other.Namespace, other.Name)
	}
	if wanted.BlueGreen() && name == wanted.GreenName() {
		return "Set spec.update.strategy to Replace. Or: " + strings.ToLower(another[:1]) + another[1:]
	}
	return another
}

// NameContested says that another topology needs a name which this one needs, too, and has not
// yet, so that the plan cannot know which one gets it; empty where none does. Storm gives a name
// to the first submission.
func (p Plan) NameContested(live, wanted *v1beta1.StormTopology, others *Surroundings) string {
	if others == nil || p.Kind == Waits || !p.Changes() {
		return ""
	}
	name := p.needs(live, wanted)
	if name == "" {
		return ""
	}
	other := others.find(wanted, name, needsName)
	if other == nil {
		return ""
	}
	return fmt.Sprintf("StormTopology \"%s/%s\" needs the name %q in the same Storm, too. The first one that is submitted gets it, and the other one waits (NameConflict). %s.",
		other.Namespace, other.Name, name, instead(live, wanted, other, name))
}

// SecondNameTaken says which other topology has, or needs, the second name of a topology with
// strategy BlueGreen, and what to do; empty where none does. The topology runs, and its next
// update waits.
func (p Plan) SecondNameTaken(live, wanted *v1beta1.StormTopology, others *Surroundings) string {
	name := wanted.GreenName()
	if others == nil || p.Kind == Waits || !wanted.BlueGreen() || p.Changes() && p.needs(live, wanted) == name {
		return ""
	}
	other := others.find(wanted, name, hasName)
	if other == nil {
		other = others.find(wanted, name, needsName)
	}
	if other == nil {
		return ""
	}
	return fmt.Sprintf("StormTopology \"%s/%s\" has, or needs, the name %q in the same Storm, which an update of this one with strategy BlueGreen needs. %s.",
		other.Namespace, other.Name, name, instead(live, wanted, other, name))
}

// find is another topology in the same Storm to which a name belongs; nil where there is none.
func (s *Surroundings) find(than *v1beta1.StormTopology, name string, belongs func(*v1beta1.StormTopology, string) bool) *v1beta1.StormTopology {
	for i := range s.Topologies {
		other := &s.Topologies[i]
		itself := other.Namespace == than.Namespace && other.Name == than.Name
		if !itself && belongs(other, name) && s.together(than, other) {
			return other
		}
	}
	return nil
}

// hasName says whether a topology has a name in Storm, by its status.
func hasName(t *v1beta1.StormTopology, name string) bool {
	running := t.Status.StormName
	if running == "" { // an older release wrote none
		running = t.StormName()
	}
	beside := t.Status.Beside
	return t.Status.StormID != "" && running == name || beside != nil && beside.StormName == name
}

// needsName says whether a topology has a name in Storm, or may need it. One that is being
// deleted submits nothing.
func needsName(t *v1beta1.StormTopology, name string) bool {
	second := (t.BlueGreen() || t.Status.SecondName) && t.GreenName() == name
	return t.DeletionTimestamp == nil && (second || t.StormName() == name)
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
		own := live.Status.Workers
		if ready, _ := conditions.Find(live.Status.Conditions, v1beta1.ConditionReady); ready.Reason != v1beta1.NotEnoughSlots {
			own = max(own, live.Status.WorkersWanted) // those that have a slot and are not up
		}
		slots += int64(own)
	}
	return workers, slots, set && workers > slots
}
