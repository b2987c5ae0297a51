package children

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Each container of Stormhooks finds the helper at HelperPath, mounted or installed, in
// every mode. Mounted, the pod has no container besides those of its mode, so a pod of mode
// image-volume has one, as a Job written by hand.
func TestEachContainerHasTheHelper(t *testing.T) {
	for _, mounted := range []bool{false, true} {
		given := Helper{Image: "stormhooks/stormhooks:test", Mounted: mounted}
		_, pods := bodies(func(mode v1beta1.ExtractionMode) Plan {
			plan := guide(mode)
			plan.Helper = given
			return plan
		})
		containers := map[string]int{"extract": 1, "submit": 1, "image volume": 1, "pod": 2}
		for which, pod := range pods {
			t.Run(fmt.Sprintf("%s, mounted %t", which, mounted), func(t *testing.T) {
				spec := pod.Spec
				if got := HelperOf(&spec); got != given {
					t.Errorf("the helper is %+v, want %+v", got, given)
				}
				volume := spec.Volumes[slices.IndexFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Name == HelperVolume })]
				if (volume.Image != nil) != mounted || (volume.EmptyDir != nil) == mounted {
					t.Errorf("the volume is %+v", volume)
				}
				all, own := slices.Concat(spec.InitContainers, spec.Containers), 0
				for i, c := range all {
					if c.Name == HelperContainer {
						if mounted || i != 0 || c.Image != given.Image || c.VolumeMounts[0].Name != HelperVolume || c.VolumeMounts[0].ReadOnly {
							t.Errorf("container %d installs the helper: %+v", i, c)
						}
						continue
					}
					own++
					if c.Command[0] != HelperPath || !slices.ContainsFunc(c.VolumeMounts, mountsTheHelper) {
						t.Errorf("container %s runs %v with the mounts %+v", c.Name, c.Command, c.VolumeMounts)
					}
				}
				if want := containers[which]; own != want || len(all) != own+map[bool]int{false: 1}[mounted] {
					t.Errorf("%d containers, %d of them run the helper, want %d", len(all), own, want)
				}
			})
		}
	}
}

func mountsTheHelper(m corev1.VolumeMount) bool {
	return m.Name == HelperVolume && m.MountPath == "/stormhooks/bin" && m.ReadOnly && m.SubPath == ""
}

// A pod whose image volume the API server removed has no helper.
func TestAPodWithoutItsHelper(t *testing.T) {
	spec := MakeSubmitJob(guide(v1beta1.ExtractionVolume)).Spec.Template.Spec
	spec.Volumes = slices.DeleteFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Image != nil })
	if got := HelperOf(&spec); got != (Helper{}) {
		t.Errorf("the helper is %+v", got)
	}
}
