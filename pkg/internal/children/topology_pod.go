package children

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MakeTopologyPod makes the Pod of init-container mode: an init container of the user's
// image extracts the JAR to a volume of the pod, and the main container submits it. The
// topology itself runs in Storm's workers.
func MakeTopologyPod(plan Plan) *corev1.Pod {
	meta := servingMeta(plan, TopologyPodName(plan.Topology.Name), StepSubmit)
	meta.Labels = podLabels(plan, StepSubmit)
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: meta,
		Spec: podSpec(plan, withIdentity(plan, corev1.PodSpec{
			ActiveDeadlineSeconds:         seconds(plan.extractTime() + storageTime + plan.submitTime()),
			TerminationGracePeriodSeconds: seconds(plan.grace()),
			InitContainers:                []corev1.Container{extractContainer(plan)},
			Containers: []corev1.Container{
				submitContainer(plan, corev1.VolumeMount{Name: JarsVolume, MountPath: jarsDir, ReadOnly: true})},
			Volumes: []corev1.Volume{emptyDir(tmpVolume), emptyDir(JarsVolume)},
		})),
	}
}
