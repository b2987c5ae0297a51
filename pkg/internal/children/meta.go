package children

import (
	"maps"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Labels of children and their pods.
const (
	// LabelTopology is the name of the StormTopology. The customize hook selects pods by
	// it.
	LabelTopology = v1beta1.Group + "/topology"
	// LabelStep is StepExtract or StepSubmit.
	LabelStep = v1beta1.Group + "/step"
)

// Annotations of a Job or Pod: what it serves.
const (
	AnnotationRevision    = v1beta1.Group + "/revision"
	AnnotationJarRevision = v1beta1.Group + "/jar-revision"
	// AnnotationClaim is the uid of the PersistentVolumeClaim that the Job used: a new
	// claim is empty, and what was copied to the previous one is lost.
	AnnotationClaim   = v1beta1.Group + "/claim-uid"
	AnnotationAttempt = v1beta1.Group + "/attempt"
	// AnnotationSpec is a hash of the specs that the child was created from. It shows
	// whether a child that fails or hangs would be another one now.
	AnnotationSpec = v1beta1.Group + "/spec-hash"
	// AnnotationFailures is the number of failures before this attempt that count.
	AnnotationFailures = v1beta1.Group + "/failures"
	// AnnotationInitialStatus is the status in which a Job submits the topology: ACTIVE,
	// or INACTIVE for a suspended one. Jobs of older builds lack it.
	AnnotationInitialStatus = v1beta1.Group + "/initial-status"
	// AnnotationBeside is the name in Storm that a Job submits to beside the topology that
	// runs. A Job that replaces what runs lacks it.
	AnnotationBeside = v1beta1.Group + "/beside"
)

// The steps on a topology's way into Storm.
const (
	StepExtract = "Extract"
	StepSubmit  = "Submit"
)

// Serves is what a child was created for.
type Serves struct {
	// Revision of the topology, JarRevision of its JAR.
	Revision, JarRevision string
	// Claim is the uid of the PersistentVolumeClaim.
	Claim string
	// Attempt counts from 1. Failures are those before it that count.
	Attempt  int64
	Failures int32
	// Spec is the hash of the specs that the child was created from.
	Spec string
	// InitialStatus is that of a submission; empty for an extraction.
	InitialStatus string
	// Beside is the free name in Storm of a submission that kills nothing; empty for one
	// that replaces what runs.
	Beside string
}

// ServesOf reads what a child serves from its annotations.
func ServesOf(object metav1.Object) Serves {
	from := object.GetAnnotations()
	attempt, _ := strconv.ParseInt(from[AnnotationAttempt], 10, 64)
	failures, _ := strconv.ParseInt(from[AnnotationFailures], 10, 32)
	return Serves{
		Revision:    from[AnnotationRevision],
		JarRevision: from[AnnotationJarRevision],
		Claim:       from[AnnotationClaim],
		Attempt:     attempt,
		Failures:    int32(failures),
		Spec:        from[AnnotationSpec],

		InitialStatus: from[AnnotationInitialStatus],
		Beside:        from[AnnotationBeside],
	}
}

func (s Serves) annotations() map[string]string {
	annotations := map[string]string{
		AnnotationRevision:    s.Revision,
		AnnotationJarRevision: s.JarRevision,
		AnnotationClaim:       s.Claim,
		AnnotationAttempt:     strconv.FormatInt(s.Attempt, 10),
		AnnotationSpec:        s.Spec,
		AnnotationFailures:    strconv.FormatInt(int64(s.Failures), 10),
	}
	if s.InitialStatus != "" {
		annotations[AnnotationInitialStatus] = s.InitialStatus
	}
	if s.Beside != "" {
		annotations[AnnotationBeside] = s.Beside
	}
	return annotations
}

func objectMeta(plan Plan, name, step string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: plan.Topology.Namespace,
		Labels: mergedMaps(labels(plan, step), plan.template().Labels), Annotations: annotations(plan)}
}

// servingMeta is objectMeta with the annotations of what the child serves.
func servingMeta(plan Plan, name, step string) metav1.ObjectMeta {
	meta := objectMeta(plan, name, step)
	meta.Annotations = mergedMaps(plan.Serves.annotations(), meta.Annotations)
	return meta
}

// annotations are those of the template, without any that Stormhooks would read.
func annotations(plan Plan) map[string]string {
	given := maps.Clone(plan.template().Annotations)
	maps.DeleteFunc(given, func(name, _ string) bool { return strings.HasPrefix(name, v1beta1.Group+"/") })
	return given
}

// podMeta is the metadata of the pod of a Job.
func podMeta(plan Plan, step string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Labels: podLabels(plan, step), Annotations: annotations(plan)}
}

func labels(plan Plan, step string) map[string]string {
	labels := map[string]string{LabelTopology: plan.Topology.Name}
	if step != "" {
		labels[LabelStep] = step
	}
	return labels
}

func podLabels(plan Plan, step string) map[string]string {
	// The sidecar of a mesh would keep the pod from ending, and Storm's Thrift is not HTTP.
	merged := map[string]string{"sidecar.istio.io/inject": "false"}
	maps.Copy(merged, plan.template().Labels)
	maps.Copy(merged, labels(plan, step))
	return merged
}
