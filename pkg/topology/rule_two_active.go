package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// twoActive claims an object whose two topologies are both active: a person activated the one
// beside. Must 1: the other one counts as running, and this one is deactivated.
func twoActive(seen Observed) (Decision, bool) {
	running, beside := seen.Storm.Running(), seen.Other.Running()
	if running == nil || beside == nil || !processes(running) || beside.Status != storm.Active {
		return pass()
	}
	d := seen.keep(seen.phaseBefore())
	d.Calls = []storm.Call{{Verb: storm.Deactivate, Name: beside.Name, ID: beside.ID}}
	return d.waiting(v1beta1.Switching, "Topologies %q and %q of this StormTopology are both active. %q was activated in Storm and is being deactivated again.",
		running.Name, beside.Name, beside.Name).again(whileStarting), true
}
