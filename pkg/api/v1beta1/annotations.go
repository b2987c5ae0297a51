package v1beta1

// Annotations that a person sets on a StormTopology.
const (
	// AnnotationAbandon "true": deleting the object leaves its topology running.
	AnnotationAbandon = Group + "/abandon"
	// AnnotationPaused "true": no child is created and Storm is not called.
	AnnotationPaused = Group + "/paused"
	// AnnotationRestartedAt is spec.restartNonce for the command line: any text,
	// such as the time. A change restarts the topology.
	AnnotationRestartedAt = Group + "/restartedAt"
	// AnnotationAdopt is the id of a topology in Storm that Stormhooks did not
	// submit: it keeps running, and is replaced at the next change.
	AnnotationAdopt = Group + "/adopt"
)

// AnnotationAcceptStorm, on a StormCluster, is the identity of the Storm that the
// seeds lead to now. It confirms that Storm.
const AnnotationAcceptStorm = Group + "/accept-storm"
