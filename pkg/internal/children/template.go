package children

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Template is spec.template, with spec.submission of the StormCluster as its default.
// Maps are merged. So are env, volumes and mounts, by name. Any other field is that of
// the StormTopology where it has one.
func Template(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster) v1beta1.PodTemplate {
	var own, other v1beta1.PodTemplate
	if topology.Spec.Template != nil {
		own = *topology.Spec.Template
	}
	if cluster != nil && cluster.Spec.Submission != nil {
		other = *cluster.Spec.Submission
	}
	return v1beta1.PodTemplate{
		ServiceAccountName: cmp.Or(own.ServiceAccountName, other.ServiceAccountName),
		NodeSelector:       mergedMaps(own.NodeSelector, other.NodeSelector),
		Tolerations:        firstList(own.Tolerations, other.Tolerations),
		Affinity:           cmp.Or(own.Affinity, other.Affinity),
		Labels:             mergedMaps(own.Labels, other.Labels),
		Annotations:        mergedMaps(own.Annotations, other.Annotations),
		SecurityContext:    cmp.Or(own.SecurityContext, other.SecurityContext),
		PriorityClassName:  cmp.Or(own.PriorityClassName, other.PriorityClassName),
		RuntimeClassName:   cmp.Or(own.RuntimeClassName, other.RuntimeClassName),
		HostAliases:        firstList(own.HostAliases, other.HostAliases),
		DNSConfig:          cmp.Or(own.DNSConfig, other.DNSConfig),
		Volumes:            mergedByName(own.Volumes, other.Volumes, func(v v1beta1.Volume) string { return v.Name }),
		Env:                mergedByName(own.Env, other.Env, variableName),
		EnvFrom:            slices.Concat(other.EnvFrom, own.EnvFrom),
		VolumeMounts:       mergedByName(own.VolumeMounts, other.VolumeMounts, func(m corev1.VolumeMount) string { return m.MountPath }),
		Resources:          cmp.Or(own.Resources, other.Resources),
	}
}

// Variables says which environment variables a template gives to the submitting
// container. known is false if an envFrom may give more: only the pod knows those.
func Variables(template v1beta1.PodTemplate) (set func(name string) bool, known bool) {
	return func(name string) bool {
		return slices.ContainsFunc(template.Env, func(e corev1.EnvVar) bool { return e.Name == name })
	}, len(template.EnvFrom) == 0
}

// PullSecrets are those of the StormTopology, then those of the StormCluster.
func PullSecrets(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster) []corev1.LocalObjectReference {
	var other []corev1.LocalObjectReference
	if cluster != nil {
		other = cluster.Spec.ImagePullSecrets
	}
	return mergedByName(topology.Spec.Topology.Jar.Container.ImagePullSecrets, other, func(s corev1.LocalObjectReference) string { return s.Name })
}

func firstList[T any](own, other []T) []T {
	if len(own) > 0 {
		return own
	}
	return other
}

func mergedMaps(own, other map[string]string) map[string]string {
	if len(own) == 0 {
		return other
	}
	merged := map[string]string{}
	maps.Copy(merged, other)
	maps.Copy(merged, own)
	return merged
}

func variableName(e corev1.EnvVar) string { return e.Name }

// mergedByName is own, and those of other whose names own does not have.
func mergedByName[T any](own, other []T, name func(T) string) []T {
	merged := slices.Clone(own)
	for _, item := range other {
		if !slices.ContainsFunc(own, func(o T) bool { return name(o) == name(item) }) {
			merged = append(merged, item)
		}
	}
	return merged
}

// podVolume is a volume of the template as Kubernetes' own type.
func podVolume(v v1beta1.Volume) corev1.Volume {
	return corev1.Volume{Name: v.Name, VolumeSource: corev1.VolumeSource{
		ConfigMap: v.ConfigMap, Secret: v.Secret, EmptyDir: v.EmptyDir,
		PersistentVolumeClaim: v.PersistentVolumeClaim, Projected: v.Projected, CSI: v.CSI,
	}}
}
