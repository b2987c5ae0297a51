package children

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// ExtractMemoryLimit is the memory limit of an extraction whose spec has none.
const ExtractMemoryLimit = "256Mi"

// MakeExtractJob makes the Job that copies the JAR from its image to the volume. The
// container of the image is the main container of the Job, so that
// `kubectl logs job/topology-jar-extract-NAME` shows what went wrong.
func MakeExtractJob(plan Plan) *batchv1.Job {
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: servingMeta(plan, ExtractJobName(plan.Topology.Name), StepExtract),
		Spec: jobSpec(corev1.PodTemplateSpec{
			ObjectMeta: podMeta(plan, StepExtract),
			Spec: podSpec(plan, corev1.PodSpec{
				ActiveDeadlineSeconds: seconds(plan.extractTime() + pullTime + storageTime),
				Containers:            []corev1.Container{extractContainer(plan)},
				Volumes:               extractVolumes(plan),
			}),
		}),
	}
}

// extractVolumes are the claim, and a folder for the command of the spec.
func extractVolumes(plan Plan) []corev1.Volume {
	volumes := []corev1.Volume{claimVolume(plan, false)}
	if len(plan.Topology.Spec.Topology.Jar.Container.Command) > 0 {
		volumes = append(volumes, emptyDir(tmpVolume))
	}
	return volumes
}

// jobSpec runs a pod once. pkg/topology counts the attempts, not the Job: with
// podReplacementPolicy Failed and backoffLimit 0 a Job never has two pods. It has no TTL:
// the last Job is kept for its logs.
func jobSpec(pod corev1.PodTemplateSpec) batchv1.JobSpec {
	return batchv1.JobSpec{
		BackoffLimit:         new(int32(0)),
		PodReplacementPolicy: new(batchv1.Failed),
		Template:             pod,
	}
}

func (p Plan) extractTime() time.Duration {
	if seconds := p.Topology.Spec.Topology.Jar.Container.TimeoutSeconds; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return v1beta1.DefaultExtractionTimeout
}

func extractArgs(plan Plan) []string {
	spec := plan.Topology.Spec.Topology
	args := []string{
		"jar", "extract",
		"--image=" + spec.Jar.Container.Image,
		"--from=" + spec.Jar.Container.Path,
		"--to=" + JarPath(plan.Topology.Name, plan.Serves.JarRevision),
		"--main-class=" + spec.MainClass,
		"--timeout=" + plan.extractTime().String(),
	}
	if checksum := spec.Jar.Container.Checksum; checksum != nil && checksum.SHA256 != "" {
		args = append(args, "--sha256="+checksum.SHA256)
	}
	for _, pattern := range spec.Jar.Container.Dependencies {
		args = append(args, "--dependency="+pattern)
	}
	for _, pattern := range spec.Jar.Container.Files {
		args = append(args, "--file="+pattern)
	}
	for _, revision := range plan.KeepJars {
		args = append(args, "--keep="+JarFile(revision))
	}
	if command := slices.Concat(spec.Jar.Container.Command, spec.Jar.Container.Args); len(spec.Jar.Container.Command) > 0 {
		for _, name := range variablesIn(command, spec.Jar.Container.Env) {
			args = append(args, "--variable="+name)
		}
		args = append(args, "--work="+extractedDir, "--")
		args = append(args, command...)
	}
	return args
}

// variablesIn are the names of env that stand as $(NAME) in a command. The helper replaces
// them and not the kubelet, which would turn each $$ of a shell into $, and whose
// replacements the helper could not tell from the command in its messages.
func variablesIn(command []string, env []corev1.EnvVar) (names []string) {
	for _, word := range command {
		for _, name := range storm.Names(word) {
			if slices.ContainsFunc(env, func(e corev1.EnvVar) bool { return e.Name == name }) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
