package topology

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// What nothing here reads of what others make, and is long. Whoever comes to read
// one of these takes it from the list: TestUnread fails else, and so does the
// simulation, which decides on typed objects and compares over the wire.
var (
	unreadOfParents = metacontroller.AlwaysSkipped.And(metacontroller.ReadUntyped[v1beta1.Settings]())
	unreadOfClaims  = metacontroller.AlwaysSkipped.And(
		metacontroller.SkipLastApplied,
		metacontroller.Skip[corev1.VolumeResourceRequirements](),
		metacontroller.Skip[corev1.ResourceList](),
		metacontroller.Skip[metav1.LabelSelector](),
		metacontroller.Skip[[]corev1.PersistentVolumeClaimCondition](),
	)
	unreadOfNamespaces = metacontroller.AlwaysSkipped.And(
		metacontroller.Skip[corev1.NamespaceSpec](),
		metacontroller.Skip[[]corev1.NamespaceCondition](),
	)
	unreadOfWorkloads = metacontroller.AlwaysSkipped.And(
		metacontroller.SkipLastApplied,
		metacontroller.Skip[metav1.LabelSelector](),
		metacontroller.Skip[batchv1.PodFailurePolicy](),
		metacontroller.Skip[batchv1.UncountedTerminatedPods](),
		metacontroller.Skip[[]corev1.EnvVar](),
		metacontroller.Skip[[]corev1.EnvFromSource](),
		metacontroller.Skip[[]corev1.VolumeMount](),
		metacontroller.Skip[corev1.Affinity](),
		metacontroller.Skip[[]corev1.Toleration](),
		metacontroller.Skip[[]corev1.TopologySpreadConstraint](),
		metacontroller.Skip[corev1.Lifecycle](),
		metacontroller.Skip[corev1.Probe](),
	)
	unreadOfJobs = unreadOfWorkloads.And(
		metacontroller.Skip[corev1.ResourceRequirements](),
	)
	// Limits are read of a pod: what was killed for memory is told by them. Security
	// contexts are read of a Job, whose pods are refused for them.
	unreadOfPods = unreadOfWorkloads.And(
		metacontroller.Skip[corev1.SecurityContext](),
		metacontroller.Skip[corev1.PodSecurityContext](),
		metacontroller.Skip[[]corev1.VolumeMountStatus](),
		metacontroller.Skip[[]corev1.PodIP](),
		metacontroller.Skip[[]corev1.HostIP](),
		metacontroller.Skip[corev1.ContainerUser](),
		metacontroller.Skip[corev1.ResourceList](),
		metacontroller.SkipAllBut("limits", func(r *corev1.ResourceRequirements) any {
			return (*map[corev1.ResourceName]resource.Quantity)(&r.Limits)
		}),
	)
)
