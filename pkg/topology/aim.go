package topology

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
)

// aimOf is the goal that this call works towards: the target, or, once the target
// has failed with nothing left running, or did not come up in time, the last good revision.
// Until the specs change in what can make it work (revision.Unscaled), the target is not tried
// again, or the two would take turns without end. Once the last good revision runs, it gets the
// number of workers.
func aimOf(seen Observed) Goal {
	failure := failureOf(seen)
	last := goodOf(seen)
	if failure == nil || last == nil || last.Revision == seen.Target.Fingerprint.Revision {
		return seen.Target
	}
	parent := parentOfThen(seen, last)
	if parent == nil {
		return asItIs(seen, last.Revision, failure)
	}
	seen.Inputs, seen.goesBack = seen.Inputs.backTo(last), true
	back := goalOf(seen, parent)
	if back.Fingerprint.Revision != last.Revision {
		return asItIs(seen, last.Revision, failure) // a status of an older server does not have the nonce of then
	}
	if t := seen.Storm.Running(); failure.Scaled && t != nil && t.Fingerprint.Restart == back.Fingerprint.Restart {
		parent.Spec.Topology.Workers = seen.Parent.Spec.Topology.Workers
		back = goalOf(seen, parent)
	}
	back.Because = failure
	return back
}

// parentOfThen is the object with the spec that a status remembers; nil where it remembers none.
func parentOfThen(seen Observed, last *v1beta1.LastSpec) *v1beta1.StormTopology {
	spec := revision.SpecOf(last)
	if spec == nil {
		return nil
	}
	parent := seen.Parent.DeepCopy()
	parent.Spec.Topology = *spec.DeepCopy()
	templateOfThen(parent, last)
	if revision.Of(parent, seen.Inputs.backTo(last).Key) != last.Revision { // a restart was requested since, too
		restartedAs(parent, *last)
	}
	return parent
}

// goodOf is the part of a spec that a rollback goes back to. Of two names, what is still in
// Storm comes first: the previous revision beside the target, or what runs before the target
// has taken over. It needs no spec, since it is only activated, or left as it is.
func goodOf(seen Observed) *v1beta1.LastSpec {
	status, target := seen.Parent.Status, seen.Target.Fingerprint.Revision
	if !seen.twoNames() {
		return lastGood(status)
	}
	var kept Answer
	switch {
	case seen.ranBefore():
		kept = seen.Other
	case seen.Storm.Running() != nil && !pending(seen.Progress):
		kept = seen.Storm
	}
	if kept.Revision == "" || kept.Revision == target {
		return lastGood(status)
	}
	for _, known := range []*v1beta1.LastSpec{status.LastGood, status.LastSpec} {
		if known != nil && (known.Revision == kept.Revision || scaledSince(seen, known, kept)) {
			return known
		}
	}
	return &v1beta1.LastSpec{Revision: kept.Revision}
}

// scaledSince says whether a topology runs what the status remembers, with another number of
// workers since a rollback.
func scaledSince(seen Observed, known *v1beta1.LastSpec, kept Answer) bool {
	if failed := seen.Parent.Status.Rollback; failed == nil || !failed.Scaled || kept.Running() == nil {
		return false
	}
	parent := parentOfThen(seen, known)
	return parent != nil && revision.OfRestart(parent, seen.Inputs.backTo(known).Key) == kept.Running().Fingerprint.Restart
}

// asItIs is the way back to a revision that Storm has, and whose spec the status does not
// have; the target where Storm does not have it.
func asItIs(seen Observed, revision string, failure *v1beta1.Rollback) Goal {
	inStorm := func(answer Answer) bool { return answer.Running() != nil && answer.Revision == revision }
	if !seen.twoNames() || !inStorm(seen.Storm) && !inStorm(seen.Other) {
		return seen.Target
	}
	back := seen.Target
	back.Fingerprint.Revision, back.Because = revision, failure
	back.Submit = Attempt{Child: back.Submit.Child}
	return back
}

// templateOfThen gives an object the part of the template that a revision that ran had.
func templateOfThen(parent *v1beta1.StormTopology, last *v1beta1.LastSpec) {
	then := revision.TemplateOf(last)
	if then == nil && !last.WholeTemplate {
		return
	}
	var now v1beta1.PodTemplate
	if parent.Spec.Template != nil {
		now = *parent.Spec.Template
	}
	if last.WholeTemplate {
		now = children.WithWhole(now, then)
	} else {
		now = children.WithPart(now, then)
	}
	parent.Spec.Template = &now
}

// restartedAs gives an object the nonce and the annotation of a revision that ran.
func restartedAs(parent *v1beta1.StormTopology, last v1beta1.LastSpec) {
	parent.Spec.RestartNonce = last.RestartNonce
	delete(parent.Annotations, v1beta1.AnnotationRestartedAt)
	if last.RestartedAt != "" {
		metav1.SetMetaDataAnnotation(&parent.ObjectMeta, v1beta1.AnnotationRestartedAt, last.RestartedAt)
	}
}

// failureOf is why the target is not tried again; nil while it is. A submission that has
// killed what ran and then failed is not repeated (Must 2): nothing runs, and the last
// good revision can. One that does not come up in time keeps running until the last good
// revision takes its place.
func failureOf(seen Observed) *v1beta1.Rollback {
	target := seen.Target
	if update := seen.Parent.Spec.Update; update != nil && update.Rollback != nil && !*update.Rollback {
		return nil
	}
	before := knownFailure(seen)
	switch at := target.Submit; {
	case before != nil && (!target.Runs || before.Reason == v1beta1.ProgressDeadlineExceeded):
		return before
	case target.Runs:
		return tooLateToKeep(seen)
	case lateBeside(seen):
		b := seen.beside()
		return failedTarget(seen, v1beta1.ProgressDeadlineExceeded, lateWords(b))
	case !at.spent() && !at.killed() || seen.Storm.Heard != Absent:
		return nil
	default:
		return failedTarget(seen, at.problem.Reason, at.problem.Text())
	}
}

// failedTarget is the failure of the target, as the status remembers it.
func failedTarget(seen Observed, reason, message string) *v1beta1.Rollback {
	target := seen.Target
	return &v1beta1.Rollback{
		Revision: target.Fingerprint.Revision, Reason: reason, Message: message,
		Specs: target.hash.get(), Unscaled: target.hash.unscaled(),
	}
}

// knownFailure is the failure that the status remembers, where it is that of the target: the
// specs are those that failed, but for what cannot make it work (revision.Unscaled).
func knownFailure(seen Observed) *v1beta1.Rollback {
	before, target := seen.Parent.Status.Rollback, seen.Target
	switch {
	case before == nil:
		return nil
	case seen.Cluster == nil: // its part of the specs is unknown
		if before.Revision == target.Fingerprint.Revision || before.Scaled {
			return before
		}
		return nil
	case before.Revision == target.Fingerprint.Revision && before.Specs == target.hash.get():
	case before.Unscaled == "" || !target.hash.wasUnscaled(before.Unscaled): // the first: an older server wrote it
		return nil
	}
	known := *before
	known.Unscaled = target.hash.unscaled() // an older server wrote another one
	known.Scaled = before.Scaled || before.Revision != target.Fingerprint.Revision
	return &known
}

// tooLateToKeep is the failure of a target that runs and did not come up in time; nil while it
// may, once it has (Must 2), and where no other revision is known to be good.
func tooLateToKeep(seen Observed) *v1beta1.Rollback {
	target, good := seen.Target, seen.Parent.Status.LastGood
	if seen.ranBefore() {
		good = goodOf(seen)
	}
	if !exceeded(seen) || len(target.Problems) > 0 || good == nil || good.Revision == target.Fingerprint.Revision {
		return nil
	}
	return failedTarget(seen, v1beta1.ProgressDeadlineExceeded, lateWords(seen))
}

// lateWords say what did not come up in time, and what to do.
func lateWords(seen Observed) string {
	return notUpInTime(seen) + " Fix the topology, or " + raised(seen) + "." + reportedLast(seen)
}
