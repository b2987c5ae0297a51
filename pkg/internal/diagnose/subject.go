package diagnose

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// Subject is what a message needs to name objects and fields.
type Subject struct {
	// Namespace and Topology of the StormTopology, Cluster its StormCluster.
	Namespace, Topology, Cluster string
	// PullSecrets are the pull secrets in the spec. A pod can have others, which
	// Kubernetes copied from its service account.
	PullSecrets []string
	// RequestedAt is when Stormhooks requested the child, by the clock of now; zero if
	// unknown. The clock of the API server may be ahead of that one, or behind.
	RequestedAt time.Time
	// MissingConfigMaps are those that a pod needs, and that do not exist.
	MissingConfigMaps []string
	// EnforcedLevel is the namespace's label pod-security.kubernetes.io/enforce.
	EnforcedLevel string
}

// Fields of a StormTopology that messages name. A test compares them with the types of
// the API.
const (
	fieldImage           = "spec.topology.jar.container.image"
	fieldPullSecrets     = "spec.topology.jar.container.imagePullSecrets"
	fieldPullPolicy      = "spec.topology.jar.container.imagePullPolicy"
	fieldExtractMemory   = "spec.topology.jar.container.resources.limits.memory"
	fieldSubmitMemory    = "spec.template.resources.limits.memory"
	fieldSecurityContext = "spec.topology.jar.container.securityContext"
	fieldMode            = "spec.topology.jar.container.extractionMode"
	fieldPodSecurity     = "spec.template.securityContext"
	fieldStorageClass    = "spec.topology.jar.storage.storageClassName"
	fieldStorageSize     = "spec.topology.jar.storage.size"
	fieldTemplate        = "spec.template"
	fieldLabels          = "spec.template.labels"
	fieldTimeout         = "spec.topology.jar.container.timeoutSeconds"
)

// Flags of the hook server that messages name.
const (
	flagHelperImage = "--helper-image"
	flagHelperMount = "--helper-mount"
)

// imageField says where the image of a container is set.
func (about Subject) imageField(container string) string {
	switch container {
	case children.ExtractContainer:
		return fieldImage
	case children.SubmitContainer:
		return "spec.image of StormCluster " + quote(about.Cluster)
	case children.HelperContainer:
		return flagHelperImage + " of the hook server"
	default: // injected by an admission webhook, such as the sidecar of a service mesh
		return "the image of injected container " + quote(container)
	}
}

// resourcesField says where the resources of a main container are set.
func resourcesField(container string) string {
	if container == children.ExtractContainer {
		return "spec.topology.jar.container.resources"
	}
	return "spec.template.resources"
}

// runsHelper says whether a container is one of Stormhooks', which all run the helper.
func runsHelper(container string) bool {
	return container == children.HelperContainer || container == children.ExtractContainer || container == children.SubmitContainer
}

// mainOf is the container that does the work of the pod: submit, else extract.
func mainOf(spec *corev1.PodSpec) string {
	for _, container := range spec.Containers {
		if container.Name == children.SubmitContainer || container.Name == children.ExtractContainer {
			return container.Name
		}
	}
	return ""
}
