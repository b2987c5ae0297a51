package preview

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// effect says when a change of a field takes effect. The first one whose field is the
// path, or begins it, counts.
type effect struct {
	field, says string
	// restart: a restart takes all of it.
	restart bool
}

// effects are those of the spec of a StormTopology. A test checks that every field of the
// CRD has one.
var effects = []effect{
	{field: "spec.clusterRef", says: "cannot be changed"},
	{field: "spec.deletionPolicy", says: "takes effect when this object is deleted"},
	{field: "spec.killWaitSeconds", says: "takes effect at the next kill: a restart, or the deletion of this object", restart: true},
	{field: "spec.restartNonce", says: "takes effect at once", restart: true},
	{field: "spec.suspend", says: "takes effect at once", restart: true},
	{field: "spec.retry", says: "takes effect at the next attempt that fails"},
	{field: "spec.update.rebalanceWaitSeconds", says: "takes effect at the next rebalance"},
	{field: "spec.update.restartOn", says: "takes effect at the next change of an input of main", restart: true},
	{field: "spec.update.rollback", says: "takes effect at the next update that fails", restart: true},
	{field: "spec.update.strategy", says: "takes effect at the next restart", restart: true},
	{field: "spec.update", says: "takes effect at the next update", restart: true},
	{field: "spec.template", says: "takes effect in the pod of the next submission", restart: true},
	{field: "spec.topology.jar.storage", says: "takes effect when the volume for the JAR is created again", restart: true},
	{field: "spec.topology.jar", says: "takes effect at the next extraction", restart: true},
	{field: "spec.topology", says: "takes effect at the next submission", restart: true},
	{field: "annotation " + v1beta1.AnnotationAbandon, says: "takes effect when this object is deleted: the topology keeps running in Storm"},
	{field: "annotation " + v1beta1.AnnotationAdopt, says: "takes effect when Storm runs no topology of this object"},
	{field: "annotation ", says: "takes effect at once", restart: true},
}

// effectOf is that of a path; nil if it has none.
func effectOf(table []effect, path string) *effect {
	for i, e := range table {
		rest, is := strings.CutPrefix(path, e.field)
		if is && (rest == "" || rest[0] == '.' || rest[0] == '[' || strings.HasSuffix(e.field, " ")) {
			return &table[i]
		}
	}
	return nil
}

// later are the effects that Kind does not say.
func (p Plan) later(live *v1beta1.StormTopology) (all []Effect) {
	judging := live.Status.Progress != nil && live.Status.Progress.ProgressedAt == nil && live.Status.Progress.StormID == live.Status.StormID
	for _, path := range p.Fields {
		e := effectOf(effects, path)
		switch {
		case e == nil, p.Kind == Refused, p.Kind == Held, p.Kind == Restart && e.restart:
		case (p.Kind == Cancel || p.Replaces != "") && ofRevision(path):
		case (p.Kind == Finish || p.Kind == Cancel && p.WaitSeconds != nil) && e.field == "spec.update": // the steps have it
		case judging && (path == "spec.update.minReadySeconds" || path == "spec.update.progressDeadlineSeconds"):
			all = append(all, Effect{path, "takes effect at once, for the revision that runs and has not progressed"})
		case p.Kind != None && (e.says == "takes effect at once" || strings.HasPrefix(path, "spec.topology.config[") || path == "spec.topology.workers" || strings.HasPrefix(path, "spec.topology.components.")):
		case p.Kind == Rebalance && strings.HasPrefix(path, "spec.update.rebalanceWaitSeconds"):
		default:
			all = append(all, Effect{path, e.says})
		}
	}
	return all
}

// ofRevision says whether a field belongs to a revision: where the running one is the target
// again, its value is what runs already.
func ofRevision(path string) bool {
	for _, later := range []string{"storage", "container.extractionMode", "container.imagePull", "container.resources", "container.securityContext", "container.timeoutSeconds"} {
		if strings.HasPrefix(path, "spec.topology.jar."+later) {
			return false
		}
	}
	return strings.HasPrefix(path, "spec.topology.") && path != "spec.topology.mainTimeoutSeconds"
}
