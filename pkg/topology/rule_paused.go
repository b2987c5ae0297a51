package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// paused claims a topology that a person works on. It is not Ready meanwhile,
// whatever runs: it is unmanaged. A pod that would kill and submit meanwhile is
// ended.
func paused(seen Observed) (Decision, bool) {
	if !seen.Parent.Paused() {
		return pass()
	}
	ending := ""
	if seen.Aim.Submit.underWay() {
		ending = " The submission in progress is being stopped, unless it has already killed the previous revision: then it runs to completion."
	}
	waits := ""
	switch {
	case len(seen.Aim.Problems) > 0 || seen.Change == nil:
	case seen.Aim.Because != nil:
		waits = fmt.Sprintf(" The rollback to revision %s waits.", seen.Aim.Fingerprint.Revision)
	default:
		waits = fmt.Sprintf(" A change waits: %s (%s).", seen.Change.Kind, seen.Change.Why)
	}
	d := seen.keep(seen.phaseBefore()).waiting(v1beta1.Paused,
		"Paused: nothing is created and Storm is not called while annotation %s is \"true\". Remove it to continue. Deletion still works.%s%s", v1beta1.AnnotationPaused, waits, ending)
	d.Children.Submit = seen.keepHandover()
	d.Says.Class = ""
	return d.again(seen.poll()), true
}
