package children

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Helper is how a pod gets the helper. A pod without one, whose volume the API server
// removed, has the zero value.
type Helper struct {
	// Image has the helper.
	Image string
	// Mounted: the image is a volume of the pod. Else an init container of the image copies
	// the helper to a folder of the pod.
	Mounted bool
}

// HelperOf reads from the spec of a pod how it gets the helper.
func HelperOf(spec *corev1.PodSpec) Helper {
	for _, volume := range spec.Volumes {
		if volume.Name == HelperVolume && volume.Image != nil {
			return Helper{Image: volume.Image.Reference, Mounted: true}
		}
	}
	for _, container := range spec.InitContainers {
		if container.Name == HelperContainer {
			return Helper{Image: container.Image}
		}
	}
	return Helper{}
}

// withHelper puts the helper at HelperPath of each container that mounts it, so that an
// image needs neither a shell nor a tool. The program has the same name in the helper image
// (/stormhooks) and where an init container installs it.
func withHelper(plan Plan, spec corev1.PodSpec) corev1.PodSpec {
	volume := emptyDir(HelperVolume)
	if plan.Helper.Mounted {
		volume.VolumeSource = corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: plan.Helper.Image}}
	} else {
		spec.InitContainers = slices.Concat([]corev1.Container{helperContainer(plan, spec.Containers[0].Resources)}, spec.InitContainers)
	}
	spec.Volumes = slices.Concat([]corev1.Volume{volume}, spec.Volumes)
	return spec
}

// helperContainer installs the helper. It has the resources of the pod's main container,
// which cost nothing beside that: so it fits each quota and LimitRange that main fits.
func helperContainer(plan Plan, main corev1.ResourceRequirements) corev1.Container {
	return container(corev1.Container{
		Name:         HelperContainer,
		Image:        plan.Helper.Image,
		Args:         []string{"jar", "install", "--to", installDir},
		Resources:    *main.DeepCopy(),
		VolumeMounts: []corev1.VolumeMount{{Name: HelperVolume, MountPath: installDir}},
	})
}

// helperMount is read-only: containerd refuses any other mount of an image
// (containerd 2.3, internal/cri/server/container_image_mount.go, mutateImageMount).
func helperMount() corev1.VolumeMount {
	return corev1.VolumeMount{Name: HelperVolume, MountPath: helperDir, ReadOnly: true}
}
