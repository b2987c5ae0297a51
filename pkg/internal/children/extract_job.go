package children

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// ExtractMemoryLimit is the extraction's memory limit.
const ExtractMemoryLimit = "256Mi"

// MakeExtractJob makes the Job that copies the JAR out of its image to the
// volume. The image's own container is the Job's main container, so that
// `kubectl logs job/topology-jar-extract-NAME` shows what went wrong.
func MakeExtractJob(plan Plan) *batchv1.Job {
	container := plan.Topology.Spec.Topology.Jar.Container
	return makeJob(plan, ExtractJobName(plan.Topology.Name), StepExtract, plan.extractDeadline(), podSpec(plan,
		corev1.Container{
			Name:         ExtractContainer,
			Image:        container.Image,
			Command:      []string{HelperPath},
			Args:         literal(extractArgs(plan)),
			Resources:    resources("50m", "64Mi", ExtractMemoryLimit),
			VolumeMounts: []corev1.VolumeMount{{Name: jarsVolume, MountPath: jarsDir}},
		},
		claimVolume(plan, false),
	))
}

func extractArgs(plan Plan) []string {
	spec := plan.Topology.Spec.Topology
	args := []string{
		"jar", "extract",
		"--image=" + spec.Jar.Container.Image,
		"--from=" + spec.Jar.Container.Path,
		"--to=" + JarPath(plan.Serves.JarRevision),
		"--main-class=" + spec.MainClass,
		"--timeout=" + v1beta1.DefaultExtractionTimeout.String(),
	}
	for _, revision := range plan.KeepJars {
		args = append(args, "--keep="+JarFile(revision))
	}
	return args
}
