package topology

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// What nothing here reads of what others make, and is long. Whoever comes to read
// one of these takes it from the list: TestUnread fails else, and so does the
// simulation, which decides on typed objects and compares over the wire.
var (
	unreadOfClaims = metacontroller.NobodyReads.And(
		metacontroller.WalkOver[corev1.VolumeResourceRequirements](),
		metacontroller.WalkOver[corev1.ResourceList](),
		metacontroller.WalkOver[metav1.LabelSelector](),
		metacontroller.WalkOver[[]corev1.PersistentVolumeClaimCondition](),
	)
	unreadOfNamespaces = metacontroller.NobodyReads.And(
		metacontroller.WalkOver[corev1.NamespaceSpec](),
		metacontroller.WalkOver[[]corev1.NamespaceCondition](),
	)
	unreadOfWorkloads = metacontroller.NobodyReads.And(
		metacontroller.WalkOver[metav1.LabelSelector](),
		metacontroller.WalkOver[batchv1.PodFailurePolicy](),
		metacontroller.WalkOver[batchv1.UncountedTerminatedPods](),
		metacontroller.WalkOver[[]corev1.EnvVar](),
		metacontroller.WalkOver[[]corev1.EnvFromSource](),
		metacontroller.WalkOver[[]corev1.VolumeMount](),
		metacontroller.WalkOver[corev1.Affinity](),
		metacontroller.WalkOver[[]corev1.Toleration](),
		metacontroller.WalkOver[[]corev1.TopologySpreadConstraint](),
		metacontroller.WalkOver[corev1.Lifecycle](),
		metacontroller.WalkOver[corev1.Probe](),
	)
	unreadOfJobs = unreadOfWorkloads.And(
		metacontroller.WalkOver[corev1.ResourceRequirements](),
	)
	// Limits are read of a pod: what was killed for memory is told by them. Security
	// contexts are read of a Job, whose pods are refused for them.
	unreadOfPods = unreadOfWorkloads.And(
		metacontroller.WalkOver[corev1.SecurityContext](),
		metacontroller.WalkOver[corev1.PodSecurityContext](),
		metacontroller.WalkOver[[]corev1.VolumeMountStatus](),
		metacontroller.WalkOver[[]corev1.PodIP](),
		metacontroller.WalkOver[[]corev1.HostIP](),
		metacontroller.WalkOver[corev1.ContainerUser](),
	)
)
