package v1beta1

// Annotations that a person sets on a StormTopology.
const (
	// AnnotationAbandon "true": delete the object and let Storm's topology run on.
	AnnotationAbandon = Group + "/abandon"
	// AnnotationPaused "true": hands off, no child is made and Storm is told nothing.
	AnnotationPaused = Group + "/paused"
	// AnnotationRestartedAt is spec.restartNonce for people at a keyboard: any
	// text, such as the time; a change restarts.
	AnnotationRestartedAt = Group + "/restartedAt"
	// AnnotationAdopt names the id of a topology in Storm that somebody else
	// submitted under our name: it is left running, and replaced at the next change.
	AnnotationAdopt = Group + "/adopt"
)

// AnnotationAcceptStorm, on a StormCluster, names the identity of the Storm
// that the seeds lead to now, when that is meant.
const AnnotationAcceptStorm = Group + "/accept-storm"
