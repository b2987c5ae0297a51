package revision

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// ConfigMapNames are the ConfigMaps that a template names, sorted; at most MostConfigMaps.
func ConfigMapNames(template *v1beta1.PodTemplate) []string {
	if template == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(configMapsOf(template)))
	return names[:min(len(names), MostConfigMaps)]
}

// MissingConfigMaps are those that a template needs and that are not among the ones that exist,
// sorted; at most MostConfigMaps are looked at.
func MissingConfigMaps(template *v1beta1.PodTemplate, existing map[string]string) (missing []string) {
	for _, name := range ConfigMapNames(template) {
		if existing[name] == "" && configMapsOf(template)[name] {
			missing = append(missing, name)
		}
	}
	return missing
}

// configMapsOf are the ConfigMaps that a template names, and whether a pod needs them.
func configMapsOf(template *v1beta1.PodTemplate) map[string]bool {
	needed := map[string]bool{}
	add := func(name string, optional *bool) {
		if name != "" {
			needed[name] = needed[name] || optional == nil || !*optional
		}
	}
	for _, variable := range template.Env {
		if from := variable.ValueFrom; from != nil && from.ConfigMapKeyRef != nil {
			add(from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Optional)
		}
	}
	for _, from := range template.EnvFrom {
		if from.ConfigMapRef != nil {
			add(from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		}
	}
	for _, volume := range template.Volumes {
		if volume.ConfigMap != nil {
			add(volume.ConfigMap.Name, volume.ConfigMap.Optional)
		}
		for _, source := range projections(volume) {
			if source.ConfigMap != nil {
				add(source.ConfigMap.Name, source.ConfigMap.Optional)
			}
		}
	}
	return needed
}

func projections(volume v1beta1.Volume) []corev1.VolumeProjection {
	if volume.Projected == nil {
		return nil
	}
	return volume.Projected.Sources
}
