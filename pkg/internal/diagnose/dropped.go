package diagnose

import (
	batchv1 "k8s.io/api/batch/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// ImageVolumeDropped is the problem of a Job without the image volume that it was
// created with.
func ImageVolumeDropped(job *batchv1.Job) *Problem {
	return report(v1beta1.ImageVolumeUnsupported,
		"This Kubernetes does not mount images and removed the image volume from Job %s. Set %s to copy or init-container, or enable the feature gate ImageVolume (on by default since Kubernetes 1.35).",
		quote(job.Name), fieldMode)
}
