package children

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// ExtractMemoryLimit is the extraction's memory limit where none is given.
const ExtractMemoryLimit = "256Mi"

// MakeExtractJob makes the Job that copies the JAR out of its image to the
// volume. The image's own container is the Job's main container, so that
// `kubectl logs job/topology-jar-extract-NAME` shows what went wrong.
func MakeExtractJob(plan Plan) *batchv1.Job {
	pod := podSpec(plan, plan.extractTime()+pullTime+storageTime, extractContainer(plan), claimVolume(plan, false))
	if plan.Topology.Spec.Topology.Jar.Container.SecurityContext != nil {
		pod = withUsersSecurity(pod, ExtractContainer)
	}
	return makeJob(plan, ExtractJobName(plan.Topology.Name), StepExtract, pod)
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
	for _, revision := range plan.KeepJars {
		args = append(args, "--keep="+JarFile(revision))
	}
	if command := spec.Jar.Container.Command; len(command) > 0 {
		args = append(args, "--work="+extractedDir, "--")
		args = append(append(args, command...), spec.Jar.Container.Args...)
	}
	return args
}
