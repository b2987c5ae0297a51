package topology

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// killed claims a topology whose target revision was killed and still drains. It
// holds its name until Storm has removed it.
func killed(seen Observed) (Decision, bool) {
	t := seen.Storm.Topology
	if t == nil || t.Alive() || seen.Storm.Revision != seen.Aim.Fingerprint.Revision || seen.Aim.Submit.State == Running {
		return pass() // a submission at work waits for the name by itself
	}
	who := "The topology was killed in Storm."
	if seen.submissionTried() {
		who = "The topology was killed in Storm, by an update in progress or by hand."
	}
	then := "It will be resubmitted once Storm has removed it. To stop it permanently, delete this StormTopology."
	submits, known := seen.Aim.Submit.submits()
	switch {
	case seen.Aim.Submit.Live && known && submits.Fingerprint.Revision == seen.Aim.Fingerprint.Revision:
		then = "The pod that is under way may still submit it again. Otherwise the next pod does, once Storm has removed it."
	case seen.Aim.Submit.Live:
		then = "The pod of the update has not exited yet: if it killed the topology, it submits its own revision first. Then this one is submitted again."
	case seen.Parent.Spec.Suspend && seen.Change != nil:
		then = "It will be resubmitted INACTIVE once Storm has removed it, because spec.suspend is true."
	case seen.Parent.Spec.Suspend:
		then = "It is not resubmitted while spec.suspend is true."
	}
	d := seen.keep(v1beta1.PhasePending).waiting(v1beta1.Killing, "%s %s", who, then)
	since := seen.sinceKilled() // a person may have killed it with a shorter wait
	return d.again(untilDone(seen.drain(), since, max(whileShort, min(since/10, seen.poll())))), true
}
