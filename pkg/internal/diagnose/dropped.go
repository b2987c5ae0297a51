package diagnose

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// ImageVolumeDropped is the problem of a Job without the image volume that it was
// created with.
func ImageVolumeDropped(job *batchv1.Job) *Problem {
	return report(v1beta1.ImageVolumeUnsupported,
		"This Kubernetes does not mount images and removed the image volume from Job %s. Set %s to copy or init-container, or enable the feature gate ImageVolume (on by default since Kubernetes 1.35).",
		quote(job.Name), fieldMode)
}

// HelperDropped is the problem of a child, a Job or a Pod, without the image volume with
// the helper that it was created with.
func HelperDropped(job *batchv1.Job, pod *corev1.Pod) *Problem {
	child := "Pod "
	if job != nil {
		child = "Job " + quote(job.Name)
	} else {
		child += quote(pod.Name)
	}
	return ofHelper(report(v1beta1.ImageVolumeUnsupported,
		"This Kubernetes does not mount images and removed the volume with the helper from %s. Set the hook server's %s to auto or init-container, or enable the feature gate ImageVolume (on by default since Kubernetes 1.35).",
		child, flagHelperMount))
}
