package children

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// SubmitMemoryLimit is the submission's memory limit; the JVM's heap is a share of it.
const SubmitMemoryLimit = "1Gi"

// chunk is the longest single argument in bytes: Linux takes 128 KiB
// (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
const chunk = 96 << 10

// graceBesideKillWait is how long a submission may go on after SIGTERM between
// the kill of the old revision and Storm's showing of the new one, besides the
// kill wait itself.
const graceBesideKillWait = 2 * time.Minute

// MakeSubmitJob makes the Job that runs main against a recorder and hands the
// topology over to Storm.
func MakeSubmitJob(plan Plan) *batchv1.Job {
	pod := podSpec(plan,
		corev1.Container{
			Name:      SubmitContainer,
			Image:     plan.StormImage,
			Command:   []string{HelperPath},
			Args:      literal(submitArgs(plan)),
			Resources: resources("250m", "512Mi", SubmitMemoryLimit),
			VolumeMounts: []corev1.VolumeMount{
				{Name: jarsVolume, MountPath: jarsDir, ReadOnly: true},
				{Name: tmpVolume, MountPath: "/tmp"}, // the JVM's, the root file system being read-only
			},
		},
		claimVolume(plan, true),
		corev1.Volume{Name: tmpVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	)
	pod.TerminationGracePeriodSeconds = new(int64((plan.killWait() + graceBesideKillWait).Seconds()))
	return makeJob(plan, SubmitJobName(plan.Topology.Name), StepSubmit, plan.submitDeadline(), pod)
}

// submitArgs hand the submission over as JSON, cut into arguments that Linux takes.
func submitArgs(plan Plan) []string {
	text, err := json.Marshal(plan.Submission)
	if err != nil {
		// Settings come from decoded JSON; what JSON gave, JSON takes.
		panic(fmt.Sprintf("encoding a submission: %v", err))
	}
	args := []string{"submit"}
	for rest := string(text); rest != ""; {
		n := min(len(rest), chunk)
		args = append(args, "--submission="+rest[:n])
		rest = rest[n:]
	}
	return args
}

// literal keeps Kubernetes from replacing $(NAME) in arguments: $$ stands for $
// (k8s.io/kubernetes/third_party/forked/golang/expansion/expand.go).
func literal(args []string) []string {
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "$", "$$")
	}
	return args
}
