package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// nameConflict claims a topology whose name in Storm is taken by one that is not
// this object's.
func nameConflict(seen Observed) (Decision, bool) {
	if seen.Storm.Heard != Foreign && seen.Storm.Heard != OwnerUnknown {
		return pass()
	}
	t := seen.Storm.View.Topology
	whose, do := seen.Storm.nameIsTaken(seen.Kubernetes)
	d := seen.keep(v1beta1.PhasePending).waiting(v1beta1.NameConflict,
		"Storm has a topology %q (%s) that %s. Stormhooks does not touch it. %s, or delete this StormTopology and apply it with another spec.topology.name.",
		t.Name, t.ID, whose, do)
	if t.ConfKnown && t.Fingerprint.Cluster != seen.Kubernetes { // two objects here would both want one of another object here
		d.Says.Message += " To adopt it: " + seen.annotate("--overwrite", v1beta1.AnnotationAdopt+"="+t.ID)
	}
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.again(seen.poll()), true
}
