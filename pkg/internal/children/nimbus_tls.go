package children

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// PodTLS is how a submitting pod reaches Nimbus over TLS; nil without.
func PodTLS(cluster *v1beta1.StormCluster) *storm.TLS {
	if cluster == nil || cluster.Spec.Nimbus.TLS == nil {
		return nil
	}
	wanted := cluster.Spec.Nimbus.TLS
	tls := &storm.TLS{CABundle: wanted.CABundle, ServerName: wanted.ServerName}
	if wanted.SecretRef != nil {
		tls.Identity = nimbusDir
	}
	return tls
}

// withIdentity mounts the client certificate for Nimbus into the submitting container. A
// pod without it starts all the same: it says what is missing, which the kubelet does not.
func withIdentity(plan Plan, pod corev1.PodSpec) corev1.PodSpec {
	if tls := PodTLS(plan.Cluster); tls == nil || tls.Identity == "" {
		return pod
	}
	pod.Volumes = append(pod.Volumes, corev1.Volume{Name: nimbusVolume, VolumeSource: corev1.VolumeSource{
		Secret: &corev1.SecretVolumeSource{SecretName: plan.Cluster.Spec.Nimbus.TLS.SecretRef.Name, Optional: new(true)}}})
	for i := range pod.Containers {
		if c := &pod.Containers[i]; c.Name == SubmitContainer {
			c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: nimbusVolume, MountPath: nimbusDir, ReadOnly: true})
		}
	}
	return pod
}
