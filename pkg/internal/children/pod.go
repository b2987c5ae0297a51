package children

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// user is the uid, gid and fsGroup of every container of ours: nobody's, so that
// the restricted Pod Security Standard holds for images without a user entry.
const user = 65532

// makeJob makes a Job that runs its pod once. Attempts are counted by pkg/topology,
// not by the Job: podReplacementPolicy Failed and backoffLimit 0, so that no two
// pods of one Job are ever there. No TTL: the last one is kept for its logs.
func makeJob(plan Plan, name, step string, deadline time.Duration, pod corev1.PodSpec) *batchv1.Job {
	meta := objectMeta(plan, name, step)
	meta.Annotations = plan.Serves.annotations()
	pod.ActiveDeadlineSeconds = new(int64(deadline.Seconds()))
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: meta,
		Spec: batchv1.JobSpec{
			BackoffLimit:         new(int32(0)),
			PodReplacementPolicy: new(batchv1.Failed),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: podLabels(plan, step)},
				Spec:       pod,
			},
		},
	}
}

// podSpec is what our pods have in common: an init container that brings our
// binary, so that an image needs no shell and no tool, and the restricted Pod
// Security Standard.
func podSpec(plan Plan, main corev1.Container, volumes ...corev1.Volume) corev1.PodSpec {
	main.VolumeMounts = append([]corev1.VolumeMount{{Name: helperVolume, MountPath: helperDir, ReadOnly: true}}, main.VolumeMounts...)
	main.SecurityContext = restrictedContainer()
	main.TerminationMessagePolicy = corev1.TerminationMessageReadFile
	return corev1.PodSpec{
		RestartPolicy:                corev1.RestartPolicyNever,
		AutomountServiceAccountToken: new(false),
		EnableServiceLinks:           new(false),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot:        new(true),
			RunAsUser:           new(int64(user)),
			RunAsGroup:          new(int64(user)),
			FSGroup:             new(int64(user)),
			FSGroupChangePolicy: new(corev1.FSGroupChangeOnRootMismatch),
			SeccompProfile:      &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		InitContainers: []corev1.Container{helperContainer(plan)},
		Containers:     []corev1.Container{main},
		Volumes: append([]corev1.Volume{
			{Name: helperVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		}, volumes...),
	}
}

func helperContainer(plan Plan) corev1.Container {
	return corev1.Container{
		Name:                     HelperContainer,
		Image:                    plan.HelperImage,
		Args:                     []string{"jar", "install", "--to", installDir},
		Resources:                resources("50m", "64Mi", "256Mi"),
		SecurityContext:          restrictedContainer(),
		TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		VolumeMounts:             []corev1.VolumeMount{{Name: helperVolume, MountPath: installDir}},
	}
}

func restrictedContainer() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

func resources(cpu, memory, limit string) corev1.ResourceRequirements {
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse(cpu),
			corev1.ResourceMemory: resource.MustParse(memory),
		},
		Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)},
	}
}

func claimVolume(plan Plan, readOnly bool) corev1.Volume {
	return corev1.Volume{Name: jarsVolume, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
			ClaimName: ClaimName(plan.Topology.Name),
			ReadOnly:  readOnly,
		},
	}}
}
