package topology

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// paused claims a topology that a person works on. It is not Ready meanwhile,
// whatever runs: it is unmanaged. A pod that would kill and submit meanwhile is
// ended.
func paused(seen Observed) (Decision, bool) {
	if !seen.Parent.Paused() {
		return pass()
	}
	ending := ""
	if seen.Aim.Submit.underWay() {
		ending = " A submission that was under way is being ended; if what ran before has been killed for it already, it goes on to its end."
	}
	d := seen.keep(seen.phaseBefore()).waiting(v1beta1.Paused,
		"Nothing is made and Storm is told nothing while the annotation %s is \"true\". Remove it to go on. A deletion is carried out all the same.%s", v1beta1.AnnotationPaused, ending)
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	d.Says.Class = ""
	return d.again(seen.poll()), true
}
