package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// rollback claims a topology whose target revision failed for good after the old
// one had been killed: the last revision that ran is submitted again. It stands
// before the rule that gives up. Until the specs change the target is not tried
// again, or the two would take turns for ever.
func rollback(seen Observed, now time.Time) (Decision, bool) {
	failure := seen.failure(now)
	last := seen.Parent.Status.LastSpec
	if failure == nil || last == nil || last.Topology == nil || last.Revision == seen.Target.Fingerprint.Revision {
		return Decision{}, false
	}
	back := seen.goingBack(last)
	if back.Target.Fingerprint.Revision != last.Revision {
		return Decision{}, false // the JAR of then is not to be had by this spec: the nonce has changed
	}
	d := back.backAgain(now)
	d.made, d.Rollback = &back, failure
	d.Ready.Message = fmt.Sprintf("Revision %s failed: %s %s", failure.Revision, sentence(failure.Message), d.Ready.Message)
	return d, true
}

// failure is why the target is not tried again; nil while it is.
func (seen Observed) failure(now time.Time) *v1beta1.Rollback {
	if update := seen.Parent.Spec.Update; update != nil && update.Rollback != nil && !*update.Rollback {
		return nil
	}
	revision := seen.Target.Fingerprint.Revision
	if before := seen.Parent.Status.Rollback; before != nil && before.Revision == revision && before.Specs == seen.specs() {
		return before
	}
	at := seen.submission(now)
	if at.at != exhausted || seen.ours() != nil {
		return nil
	}
	return &v1beta1.Rollback{Revision: revision, Reason: at.problem.Reason, Message: at.problem.Message, Specs: seen.specs()}
}

// goingBack is the same world with the spec of the revision that ran.
func (seen Observed) goingBack(last *v1beta1.LastSpec) Observed {
	parent := seen.Parent.DeepCopy()
	parent.Spec.Topology = *last.Topology.DeepCopy()
	seen.Parent = parent
	seen.Target = target(parent, seen.Cluster, seen.Kubernetes)
	return seen
}

// backAgain decides for the revision that is gone back to.
func (back Observed) backAgain(now time.Time) Decision {
	if t := back.running(); back.runsTarget() {
		d := back.keeping(v1beta1.PhaseUpdateFailed).stalled(v1beta1.RolledBack,
			"It was rolled back: revision %s runs again. Any change of the spec tries again.", back.revisionOf(t))
		d.Attempts = nil
		return d.again(back.poll())
	}
	if at := back.usedUp(now); at.at == exhausted {
		d := back.keeping(v1beta1.PhaseFailed).stalled(at.problem.Reason, "Rolling back to revision %s failed, too: %s",
			back.Target.Fingerprint.Revision, sentence(at.problem.Message))
		d.Attempts = &at.attempts
		return d.again(back.poll())
	}
	d, claimed := jarNotReady(back, now)
	if !claimed {
		d, _ = submit(back, now)
	}
	d.Phase = v1beta1.PhaseUpdating
	d.Ready.Message = fmt.Sprintf("Rolling back to revision %s: %s", back.Target.Fingerprint.Revision, d.Ready.Message)
	return d
}
