package v1beta1

// Annotations that a person sets on a StormTopology.
const (
	// AnnotationAbandon "true": delete the object and let Storm's topology run on.
	AnnotationAbandon = Group + "/abandon"
	// AnnotationPaused "true": hands off, no child is made and Storm is told nothing.
	AnnotationPaused = Group + "/paused"
)

// AnnotationAcceptStorm, on a StormCluster, names the identity of the Storm
// that the seeds lead to now, when that is meant.
const AnnotationAcceptStorm = Group + "/accept-storm"
