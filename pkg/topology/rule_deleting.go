package topology

import (
	"cmp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// deleting claims an object that is being deleted, or whose namespace is. It
// removes the finalizer only when
//
//	(a) no live submitting pod is there, nor one that was killed a moment ago
//	    while Nimbus may have been at its submission, and
//	(b) an ended submit Job is (its name was never free for another), or
//	    neither Job nor pod has been seen for a while, and
//	(c) the list, read in this call, has no topology of this object.
//
//	delete ──────────────── finalize ─ kill ─ list empty ─ finalizer removed
//	   Job POST in flight ─▶ accepted ▲        a pod that still
//	   (other watch)                  │        submits would come here
//	                       (a), (b) wait for it
//
// The topology in Storm is killed at once, also while (a) and (b) wait: what a pod
// submits after that is killed in a later call. One that stays (policy Orphan) is activated
// first, if an update had stopped it.
func deleting(seen Observed) (Decision, bool) {
	if !seen.Deleting {
		return pass()
	}
	d := seen.keep(v1beta1.PhaseDeleting)
	d.Children.Submit, d.Children.Extract = seen.Aim.Submit.keepEnded(), seen.Aim.Extract.keepEnded()
	memory, forPods := submissionOver(seen)
	calls, forStorm := goneFromStorm(seen, &memory, seen.Finalizing && forPods == nil)
	d.Calls, d.Remember.Deletion = calls, &memory
	if seen.Storm.Heard == Silent {
		d.Remember.SilentSince = cmp.Or(seen.Parent.Status.SilentSince, stamp(seen.Now))
	}
	over, gone := forPods == nil, forStorm == nil
	// Only a finalize call may remove the finalizer: a sync would take it from an
	// object that lives.
	d.Finalized = seen.Finalizing && over && gone
	if d.Finalized {
		d.Calls = forgets(seen)
	}
	activate, stopped := seen.leftStopped()
	if stopped {
		d.Calls = []storm.Call{activate}
		d.Finalized = d.Finalized && age(seen.Parent.DeletionTimestamp, seen.Now) >= activatedFor
	}
	switch {
	case forStorm != nil:
		return forStorm.apply(d), true
	case forPods != nil:
		return forPods.apply(d), true
	case stopped && !d.Finalized:
		return d.waiting(v1beta1.Deleting, "Topology %q (%s) is INACTIVE and stays in Storm, so it is being activated. This StormTopology is removed afterwards.", activate.Name, activate.ID).again(whileStarting), true
	case !seen.Finalizing:
		// Must 6: the namespace goes, and Kubernetes has not come to the object yet.
		return d.waiting(v1beta1.Deleting, "Nothing is left to clean up. Kubernetes removes this StormTopology together with namespace %s.", seen.Parent.Namespace), true
	}
	message := "Nothing is left to clean up for this StormTopology."
	if seen.Parent.Deletion() == v1beta1.DeletionOrphan {
		message = "This StormTopology is being removed. " + leftInStorm(seen)
	}
	return d.says(metav1.ConditionFalse, "", v1beta1.Deleting, message), true
}
