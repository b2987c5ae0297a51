package topology

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// missing claims a topology that ran its target revision and is gone from Storm's list,
// unless another revision takes its place. After the second look it passes it on, to be
// submitted again. Both looks read the list, those between them do not.
func missing(seen Observed) (Decision, bool) {
	before, target := seen.Parent.Status, seen.Target
	ran := before.StormID != "" && before.Revision == target.Fingerprint.Revision
	if seen.Storm.Heard != Absent || seen.Aim.Because != nil || !ran && target.Submit.State != Succeeded {
		return pass()
	}
	since := before.MissingSince
	if since == nil {
		since = stamp(seen.Now)
	}
	waited := age(since, seen.Now)
	if waited >= secondLook && seen.Storm.View.Proves() { // Must 1
		return pass()
	}
	d := seen.keep(v1beta1.PhasePending).waiting(v1beta1.Missing,
		"The topology is not in Storm any more. It will be resubmitted if it is still missing at the next check, %s later.", secondLook).again(secondLook - waited)
	d.Remember.MissingSince, d.Look.Fresh = since, before.MissingSince == nil || waited >= secondLook
	return d, true
}
