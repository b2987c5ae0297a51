package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// secondName claims a submission beside what runs, or drains, whose name in Storm is not free.
func secondName(seen Observed) (Decision, bool) {
	name, beside := seen.submitName()
	if !beside || seen.Storm.Topology == nil {
		return pass()
	}
	answer := seen.Other
	d := seen.keep(v1beta1.PhaseUpdating)
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	runsOn := seen.context(notSubmitted)
	switch {
	case answer.Topology != nil && !answer.Topology.Alive():
		if answer.Revision == seen.Aim.Fingerprint.Revision {
			runsOn = seen.context(wasKilled)
		}
		return d.waiting(v1beta1.Killing, "%sIt is submitted as topology %q once Storm has removed %s, which has that name.", runsOn, name, answer.Topology.ID).again(whileDraining), true
	case answer.Heard == Foreign || answer.Heard == OwnerUnknown:
		whose, _ := answer.nameIsTaken(seen.Kubernetes)
		id, left := answer.View.Topology.ID, "Stormhooks does not touch it."
		if adoptedID(seen.Parent) == id {
			left = "It is not adopted: this object has its own."
		}
		return d.waiting(v1beta1.NameConflict, "%sTopology %s, which %s, has the name %q that it needs. %s Set spec.update.strategy to Replace, or delete that one and wait %s.",
			runsOn, id, whose, name, left, duration(leftToOwner(seen.NameConflict))).again(seen.poll()), true
	case seen.NameConflict != nil && seen.NameConflict.FreeSince != nil:
		left := seen.NameConflict
		return d.waiting(v1beta1.NameConflict, "%s%s", runsOn, fmt.Sprintf("Topology %s, which had the name %q, is not in Storm any more. In case it is submitted again, this StormTopology waits until %s and then uses the name. To update now, set spec.update.strategy to Replace.",
			left.StormID, name, left.FreeSince.Add(leftToOwner(left)).UTC().Format(time.RFC3339))).again(min(untilFree(left, seen.Now), seen.poll())), true
	}
	return pass()
}
