package topology

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// The image that the status shows is the one with the JAR, whatever else the pod mounts: the
// helper, or an image of the template.
func TestTheImageWithTheJar(t *testing.T) {
	mounted := func(name, image string) corev1.Volume {
		return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: image}}}
	}
	pod := &corev1.Pod{Spec: corev1.PodSpec{
		Volumes:    []corev1.Volume{mounted("helper", "helper:1"), mounted("rules", "rules:1"), mounted("image", "jar:1")},
		Containers: []corev1.Container{{Name: "submit", Image: "storm:1"}},
	}}
	if got := imageOf(pod); got != "jar:1" {
		t.Errorf("mounted: %q", got)
	}
	pod.Spec.InitContainers = []corev1.Container{{Name: "extract", Image: "jar:2"}}
	if got := imageOf(pod); got != "jar:2" {
		t.Errorf("extracted: %q", got)
	}
}
