package topology

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
)

// aimOf is the goal that this call works towards: the target, or, once the target
// has failed with nothing left running, the last good revision. Until the specs
// change the target is not tried again, or the two would take turns without end.
func aimOf(seen Observed) Goal {
	failure := failureOf(seen)
	last := seen.Parent.Status.LastSpec
	if failure == nil || last == nil || last.Revision == seen.Target.Fingerprint.Revision {
		return seen.Target
	}
	spec := revision.SpecOf(last)
	if spec == nil {
		return seen.Target
	}
	parent := seen.Parent.DeepCopy()
	parent.Spec.Topology = *spec.DeepCopy()
	templateOfThen(parent, last)
	seen.Inputs = seen.Inputs.backTo(last)
	if revision.Of(parent, seen.Inputs.Key) != last.Revision { // a restart was requested since, too
		restartedAs(parent, *last)
	}
	seen.goesBack = true
	back := goalOf(seen, parent)
	if back.Fingerprint.Revision != last.Revision {
		return seen.Target // a status of an older server does not have the nonce of then
	}
	back.Because = failure
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
// good revision can.
func failureOf(seen Observed) *v1beta1.Rollback {
	target := seen.Target
	if update := seen.Parent.Spec.Update; update != nil && update.Rollback != nil && !*update.Rollback || target.Runs {
		return nil
	}
	failed := target.Fingerprint.Revision
	if before := seen.Parent.Status.Rollback; before != nil && before.Revision == failed && (before.Specs == target.hash.get() || seen.Cluster == nil) {
		return before // without the StormCluster, its part of the specs is unknown
	}
	at := target.Submit
	if !at.spent() && !at.killed() || seen.Storm.Heard != Absent {
		return nil
	}
	return &v1beta1.Rollback{Revision: failed, Reason: at.problem.Reason, Message: at.problem.Text(), Specs: target.hash.get()}
}
