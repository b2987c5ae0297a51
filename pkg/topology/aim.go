package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// aimOf is the goal that this call works towards: the target, or, once the target
// has failed with nothing left running, the last good revision. Until the specs
// change the target is not tried again, or the two would take turns without end.
func aimOf(seen Observed) Goal {
	failure := failureOf(seen)
	last := seen.Parent.Status.LastSpec
	if failure == nil || last == nil || last.Topology == nil || last.Revision == seen.Target.Fingerprint.Revision {
		return seen.Target
	}
	parent := seen.Parent.DeepCopy()
	parent.Spec.Topology = *last.Topology.DeepCopy()
	back := goalOf(seen, parent)
	if back.Fingerprint.Revision != last.Revision {
		return seen.Target // this spec cannot have the JAR of then: its nonce has changed
	}
	back.Because = failure
	return back
}

// failureOf is why the target is not tried again; nil while it is.
func failureOf(seen Observed) *v1beta1.Rollback {
	target := seen.Target
	if update := seen.Parent.Spec.Update; update != nil && update.Rollback != nil && !*update.Rollback || target.Runs {
		return nil
	}
	revision := target.Fingerprint.Revision
	if before := seen.Parent.Status.Rollback; before != nil && before.Revision == revision && before.Specs == target.hash.get() {
		return before
	}
	at := target.Submit
	if at.State != Exhausted || seen.Storm.Heard != Absent {
		return nil
	}
	return &v1beta1.Rollback{Revision: revision, Reason: at.problem.Reason, Message: at.problem.Text(), Specs: target.hash.get()}
}
