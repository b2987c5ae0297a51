package children

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// SubmitMemoryLimit is the memory limit of a submission whose spec has none. The heap of
// the JVM is a part of it.
const SubmitMemoryLimit = "1Gi"

// graceBesideKillWait is how long, besides the kill wait and the topology's own wait for
// replicas, a submission may continue after SIGTERM, so that it can finish between the kill
// of the old revision and the new revision in Storm's list.
const graceBesideKillWait = 2 * time.Minute

// MakeSubmitJob makes the Job that runs main against a recorder and hands the
// topology over to Storm, in the modes copy and image-volume.
func MakeSubmitJob(plan Plan) *batchv1.Job {
	jar, mount := claimVolume(plan, true), corev1.VolumeMount{Name: JarsVolume, MountPath: jarsDir, ReadOnly: true}
	if plan.Topology.Mode() == v1beta1.ExtractionVolume {
		jar = imageVolumeOf(plan.Topology.Spec.Topology.Jar.Container)
		mount = corev1.VolumeMount{Name: ImageVolume, MountPath: ImageDir, ReadOnly: true}
	}
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: servingMeta(plan, SubmitJobName(plan.Topology.Name), StepSubmit),
		Spec: jobSpec(corev1.PodTemplateSpec{
			ObjectMeta: podMeta(plan, StepSubmit),
			Spec: podSpec(plan, withIdentity(plan, corev1.PodSpec{
				ActiveDeadlineSeconds:         seconds(plan.submitTime()),
				TerminationGracePeriodSeconds: seconds(plan.grace()),
				Containers:                    []corev1.Container{submitContainer(plan, mount)},
				Volumes:                       []corev1.Volume{emptyDir(tmpVolume), jar},
			})),
		}),
	}
}

// submitTime is how long a submission may take.
func (p Plan) submitTime() time.Duration {
	return time.Duration(p.Submission.MainTimeoutSeconds)*time.Second + pullTime + handoverTime + p.replicationWait() + p.killWait()
}

func (p Plan) grace() time.Duration { return p.killWait() + p.replicationWait() + graceBesideKillWait }

// submitArgs pass the submission as JSON, cut into arguments that Linux accepts. The cuts
// are between characters, since the JSON of the Job cannot contain half a character.
func submitArgs(plan Plan) []string {
	submission, err := json.Marshal(plan.Submission)
	if err != nil {
		// Settings come from decoded JSON, so they can be encoded.
		panic(fmt.Sprintf("encoding a submission: %v", err))
	}
	args := []string{"submit"}
	for rest := string(submission); rest != ""; {
		chunk := text.Head(rest, text.ArgumentLimit)
		args = append(args, "--submission="+chunk)
		rest = rest[len(chunk):]
	}
	return args
}

// SubmissionOf is what a pod submits, by its arguments; false where they do not say it.
func SubmissionOf(pod *corev1.Pod) (submission storm.Submission, read bool) {
	var chunks strings.Builder
	for _, container := range pod.Spec.Containers {
		for _, arg := range container.Args {
			if chunk, is := strings.CutPrefix(arg, "--submission="); is && container.Name == SubmitContainer {
				chunks.WriteString(chunk)
			}
		}
	}
	return submission, json.Unmarshal([]byte(strings.ReplaceAll(chunks.String(), "$$", "$")), &submission) == nil
}

// escaped stops Kubernetes from replacing $(NAME) in arguments: $$ stands for $
// (k8s.io/kubernetes/third_party/forked/golang/expansion/expand.go).
func escaped(args []string) []string {
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "$", "$$")
	}
	return args
}
