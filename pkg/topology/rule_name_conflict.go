package topology

import (
	"fmt"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// nameConflict claims a topology whose name in Storm is taken by one that is not
// this object's, or was a moment ago.
func nameConflict(seen Observed) (Decision, bool) {
	switch seen.Storm.Heard {
	case Foreign, OwnerUnknown:
		return nameTaken(seen), true
	case Absent:
		if seen.NameConflict != nil && seen.NameConflict.FreeSince != nil && !seen.Parent.Spec.Suspend {
			return nameLeftToOwner(seen), true
		}
	}
	return pass()
}

// anotherName is what to do at once, and harms nothing. With this name it would take the name
// that the other StormTopology may need. Whether that exists is not known (Customize).
const anotherName = " To submit now, delete this one and apply it with another spec.topology.name"

func nameTaken(seen Observed) Decision {
	t := seen.Storm.View.Topology
	whose, or := seen.Storm.nameIsTaken(seen.Kubernetes)
	d := seen.keep(v1beta1.PhasePending)
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	if !t.Alive() {
		d = d.waiting(v1beta1.NameConflict,
			"Storm is draining and killing topology %q (%s), which %s. This StormTopology submits its own %s after Storm has removed that one, unless it is submitted again.",
			t.Name, t.ID, whose, leftToOwner(seen.NameConflict))
		if seen.NameConflict.Owner != "" {
			d.Says.Message += anotherName + ", or later with this name, if the other StormTopology is gone."
		}
		return d.again(seen.poll())
	}
	if strings.HasSuffix(t.Name, v1beta1.GreenSuffix) && t.Fingerprint.OwnedIn(seen.Kubernetes) {
		whose += ", perhaps as its second name (BlueGreen)"
	}
	adoptable := t.ConfKnown && t.Fingerprint.Cluster != seen.Kubernetes // two objects here would both want one of another object here
	says := fmt.Sprintf("Storm has a topology %q (%s) that %s. Stormhooks does not touch it. Delete this StormTopology and apply it with another spec.topology.name%s",
		t.Name, t.ID, whose, or)
	if id := adoptedID(seen.Parent); id != "" && id != t.ID && adoptable {
		says = fmt.Sprintf("Annotation %s is %q, but topology %q in Storm is %s, which %s. Stormhooks does not touch it.",
			v1beta1.AnnotationAdopt, text.Said(id, 100), t.Name, t.ID, whose)
	}
	if adoptable {
		says += " To adopt it: " + seen.annotate("--overwrite", v1beta1.AnnotationAdopt+"="+t.ID)
	}
	return d.waiting(v1beta1.NameConflict, "%s", says).again(seen.poll())
}

// nameLeftToOwner waits before it uses a name that has become free (Must 3).
func nameLeftToOwner(seen Observed) Decision {
	conflict := seen.NameConflict
	whose := "not submitted by Stormhooks"
	switch conflict.Owner {
	case "":
	case ownerUnknown:
		whose = "of an unknown owner"
	default:
		whose = "of StormTopology " + conflict.Owner
	}
	wait, again := leftToOwner(conflict), "it is submitted again, this StormTopology"
	if conflict.Owner != "" {
		again = "its StormTopology still exists and submits it again, this one"
	}
	d := seen.keep(v1beta1.PhasePending).waiting(v1beta1.NameConflict,
		"Topology %s (%s), which had the name, is not in Storm any more. In case %s waits until %s and then submits its own.",
		conflict.StormID, whose, again, conflict.FreeSince.Add(wait).UTC().Format(time.RFC3339))
	if conflict.Owner != "" {
		d.Says.Message += anotherName + ", or with this name, if the other StormTopology is gone."
	}
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.again(min(untilFree(conflict, seen.Now), seen.poll()))
}
