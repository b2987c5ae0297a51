package children

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MakeTopologyPod makes the Pod of init-container mode: an init container of the
// user's image extracts the JAR to a volume of the pod's own, and the main
// container submits it. The topology itself runs in Storm's workers.
func MakeTopologyPod(plan Plan) *corev1.Pod {
	spec := podSpec(plan, plan.extractTime()+storageTime+plan.submitTime(),
		submitContainer(plan, corev1.VolumeMount{Name: jarsVolume, MountPath: jarsDir, ReadOnly: true}),
		emptyDir(tmpVolume), emptyDir(jarsVolume))
	spec.InitContainers = append(spec.InitContainers, extractContainer(plan))
	spec.TerminationGracePeriodSeconds = plan.grace()
	if plan.Topology.Spec.Topology.Jar.Container.SecurityContext != nil {
		spec = withUsersSecurity(spec, ExtractContainer)
	}
	meta := objectMeta(plan, TopologyPodName(plan.Topology.Name), StepSubmit)
	meta.Labels = podLabels(plan, StepSubmit)
	meta.Annotations = mergedMaps(plan.Serves.annotations(), plan.template().Annotations)
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: meta,
		Spec:       spec,
	}
}
