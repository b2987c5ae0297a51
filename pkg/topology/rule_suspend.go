package topology

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// wrongActivity says whether what runs is stopped and should not be, or runs and
// should be stopped, and which call mends that.
func (seen Observed) wrongActivity(t *storm.Topology) (storm.Call, bool) {
	switch {
	case seen.Parent.Spec.Suspend && t.Status == storm.Active:
		return storm.Call{Verb: storm.Deactivate, Name: t.Name, ID: t.ID}, true
	case !seen.Parent.Spec.Suspend && t.Status == storm.Inactive:
		return storm.Call{Verb: storm.Activate, Name: t.Name, ID: t.ID}, true
	}
	return storm.Call{}, false
}

// initialStatus is what a submission gives the topology.
func (seen Observed) initialStatus() string {
	if seen.Parent.Spec.Suspend {
		return storm.Inactive
	}
	return storm.Active
}

// setting makes the call, and says why.
func (seen Observed) setting(d Decision, t *storm.Topology, call storm.Call) Decision {
	d.Calls = []storm.Call{call}
	d = d.again(whileStarting)
	switch {
	case call.Verb == storm.Deactivate:
		return d.waiting(v1beta1.Suspended, "The topology is being stopped, as spec.suspend says.")
	case seen.phaseBefore() == v1beta1.PhaseSuspended:
		return d.waiting(v1beta1.Starting, "The topology is being activated: spec.suspend is false.")
	}
	return d.waiting(v1beta1.Deactivated, "The topology was deactivated in Storm and is activated again. "+
		"To stop it: spec.suspend. To work on it by hand: kubectl annotate stormtopology %s -n %s %s=true",
		seen.Parent.Name, seen.Parent.Namespace, v1beta1.AnnotationPaused)
}

// activity claims a topology of which another revision runs, or is stopped,
// against spec.suspend. The update goes on right after.
func activity(seen Observed, _ time.Time) (Decision, bool) {
	t := seen.running()
	if t == nil {
		return Decision{}, false
	}
	call, differs := seen.wrongActivity(t)
	if !differs {
		return Decision{}, false
	}
	return seen.setting(seen.keeping(v1beta1.PhaseUpdating), t, call), true
}

// held claims a topology of which nothing runs, and nothing is to: it is
// suspended, or its StormCluster is being deleted.
func held(seen Observed, now time.Time) (Decision, bool) {
	going := seen.Cluster.DeletionTimestamp != nil
	if !seen.Parent.Spec.Suspend && !going || seen.running() != nil {
		return Decision{}, false
	}
	d := seen.keeping(v1beta1.PhaseSuspended)
	if going {
		d.Phase = v1beta1.PhasePending
	}
	d.Submit = seen.submitUnlessLive()
	if !seen.Extract.ended() {
		d.Extract = Absent
	}
	if tried := d.Attempts; tried != nil && !seen.Submit.live(now) {
		// Counted anew, but not forgotten: a deletion asks whether any was made.
		d.Attempts = &v1beta1.Attempts{Revision: tried.Revision, Step: tried.Step, Number: 1}
	}
	switch {
	case going:
		return d.waiting(v1beta1.ClusterDeleting,
			"StormCluster %q is being deleted, so nothing new is submitted to it. Delete this StormTopology, too: the StormCluster waits for it. "+
				"To have both back, apply both again after that.", seen.Cluster.Name).again(seen.poll()), true
	case seen.Submit.live(now):
		return d.waiting(v1beta1.Suspended, "A submission that was under way is being ended, as spec.suspend says. "+
			"If what ran before has been killed for it already, it goes on to its end, and the topology is stopped then.").again(soon), true
	}
	d.Ready = conditions.True(v1beta1.Suspended, "Nothing is extracted or submitted while spec.suspend is true.")
	// A submission that has just ended may have got through: a list of before it is no proof.
	ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady)
	d.restsOnAbsence = ready.Reason != v1beta1.Suspended || ready.Status != d.Ready.Status
	return d.again(seen.poll()), true
}
