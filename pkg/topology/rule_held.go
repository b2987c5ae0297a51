package topology

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
)

// held claims a topology that neither runs nor should: it is suspended, or its
// StormCluster is being deleted.
func held(seen Observed) (Decision, bool) {
	clusterDeleting := seen.Cluster.DeletionTimestamp != nil
	if !seen.Parent.Spec.Suspend && !clusterDeleting || seen.Storm.Running() != nil {
		return pass()
	}
	if !clusterDeleting && (seen.Change != nil || seen.Aim.Because != nil) {
		return pass() // what an update has killed comes back, INACTIVE
	}
	d := seen.keep(v1beta1.PhaseSuspended)
	d.Children.Submit, d.Children.Extract = seen.keepHandover(), seen.Aim.Extract.keepEnded()
	live := seen.Aim.Submit.Live
	if tried := d.Remember.Attempts; tried != nil && !live {
		// Counted again from 1, but not forgotten: a deletion asks whether any was made.
		d.Remember.Attempts = &v1beta1.Attempts{Revision: tried.Revision, Step: tried.Step, Number: 1}
	}
	switch {
	case clusterDeleting:
		d.Says.Phase = v1beta1.PhasePending
		return d.waiting(v1beta1.ClusterDeleting,
			"StormCluster %q is being deleted, so nothing new is submitted to it. Delete this StormTopology too; the StormCluster waits for it. "+
				"Then apply both again if you want them back.", seen.Cluster.Name).again(seen.poll()), true
	case live:
		return d.waiting(v1beta1.Suspended, "The submission in progress is being stopped, because spec.suspend is true. "+
			"If it has already submitted the topology, the topology is deactivated then.").again(seen.Aim.Submit.untilExited(seen.Now)), true
	}
	// A submission that has just ended may have got through: a list taken before it proves nothing.
	ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady)
	d.Look.Fresh = ready.Reason != v1beta1.Suspended || ready.Status != metav1.ConditionTrue
	return d.ready(v1beta1.Suspended, "The topology does not run in Storm. It is submitted once spec.suspend is false.").again(seen.poll()), true
}
