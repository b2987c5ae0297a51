package children

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// helperUser is the uid, gid and fsGroup of every container of ours: nobody's, so that
// the restricted Pod Security Standard holds for images without a helperUser entry.
const helperUser = 65532

// makeJob makes a Job that runs its pod once. Attempts are counted by pkg/topology,
// not by the Job: podReplacementPolicy Failed and backoffLimit 0, so that no two
// pods of one Job are ever there. No TTL: the last one is kept for its logs.
func makeJob(plan Plan, name, step string, pod corev1.PodSpec) *batchv1.Job {
	meta := objectMeta(plan, name, step)
	meta.Annotations = plan.Serves.annotations()
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: meta,
		Spec: batchv1.JobSpec{
			BackoffLimit:         new(int32(0)),
			PodReplacementPolicy: new(batchv1.Failed),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: podLabels(plan, step), Annotations: plan.template().Annotations},
				Spec:       pod,
			},
		},
	}
}

// podSpec is what our pods have in common: an init container that brings our
// binary, so that an image needs no shell and no tool, the restricted Pod
// Security Standard, and what the template asks for.
func podSpec(plan Plan, deadline time.Duration, main corev1.Container, volumes ...corev1.Volume) corev1.PodSpec {
	template := plan.template()
	spec := corev1.PodSpec{
		RestartPolicy:                corev1.RestartPolicyNever,
		ActiveDeadlineSeconds:        new(int64(deadline.Seconds())),
		AutomountServiceAccountToken: new(false),
		EnableServiceLinks:           new(false),
		SecurityContext:              restrictedPod(),
		InitContainers:               []corev1.Container{helperContainer(plan)},
		Containers:                   []corev1.Container{main},
		Volumes:                      append([]corev1.Volume{emptyDir(helperVolume)}, volumes...),
		ImagePullSecrets:             PullSecrets(plan.Topology, plan.Cluster),
		ServiceAccountName:           template.ServiceAccountName,
		NodeSelector:                 template.NodeSelector,
		Tolerations:                  template.Tolerations,
		Affinity:                     template.Affinity,
		PriorityClassName:            template.PriorityClassName,
		HostAliases:                  template.HostAliases,
		DNSConfig:                    template.DNSConfig,
	}
	if template.RuntimeClassName != "" {
		spec.RuntimeClassName = &template.RuntimeClassName
	}
	for _, v := range template.Volumes {
		spec.Volumes = append(spec.Volumes, podVolume(v))
	}
	return spec
}

// container is what every container of ours has in common.
func container(name, image string, command, args []string, resources corev1.ResourceRequirements, mounts ...corev1.VolumeMount) corev1.Container {
	return corev1.Container{
		Name:                     name,
		Image:                    image,
		Command:                  command,
		Args:                     args,
		Resources:                resources,
		SecurityContext:          restrictedContainer(),
		TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		VolumeMounts:             mounts,
	}
}

func helperContainer(plan Plan) corev1.Container {
	return container(HelperContainer, plan.HelperImage, nil, []string{"jar", "install", "--to", installDir},
		resources("50m", "64Mi", "256Mi"), corev1.VolumeMount{Name: helperVolume, MountPath: installDir})
}

// extractContainer runs in the user's image: the helper, or the user's own
// command under it.
func extractContainer(plan Plan) corev1.Container {
	spec := plan.Topology.Spec.Topology.Jar.Container
	c := container(ExtractContainer, spec.Image, []string{HelperPath}, escaped(extractArgs(plan)),
		resources("50m", "64Mi", ExtractMemoryLimit), helperMount(),
		corev1.VolumeMount{Name: jarsVolume, MountPath: jarsDir})
	c.ImagePullPolicy = spec.ImagePullPolicy
	c.Env = spec.Env
	if spec.Resources != nil {
		c.Resources = *spec.Resources
	}
	if spec.SecurityContext != nil {
		c.SecurityContext = spec.SecurityContext
	}
	if len(spec.Command) > 0 {
		// A folder of this pod's own on the same volume, so that a command that is
		// ended in the middle leaves nothing that another pod could take.
		c.Env = append([]corev1.EnvVar{{Name: podUID, ValueFrom: &corev1.EnvVarSource{
			FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.uid"}}}}, c.Env...)
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{
			Name: jarsVolume, MountPath: extractedDir, SubPathExpr: "extracted-$(" + podUID + ")"})
	}
	return c
}

// submitContainer runs in the Storm image.
func submitContainer(plan Plan, mounts ...corev1.VolumeMount) corev1.Container {
	template := plan.template()
	c := container(SubmitContainer, plan.stormImage(), []string{HelperPath}, escaped(submitArgs(plan)),
		resources("250m", "512Mi", SubmitMemoryLimit), append([]corev1.VolumeMount{
			helperMount(),
			{Name: tmpVolume, MountPath: "/tmp"}, // the JVM's, the root file system being read-only
		}, mounts...)...)
	c.Env, c.EnvFrom = template.Env, template.EnvFrom
	c.VolumeMounts = append(c.VolumeMounts, template.VolumeMounts...)
	if template.Resources != nil {
		c.Resources = *template.Resources
	}
	return c
}

func helperMount() corev1.VolumeMount {
	return corev1.VolumeMount{Name: helperVolume, MountPath: helperDir, ReadOnly: true}
}

func restrictedPod() *corev1.PodSecurityContext {
	return &corev1.PodSecurityContext{
		RunAsNonRoot:        new(true),
		RunAsUser:           new(int64(helperUser)),
		RunAsGroup:          new(int64(helperUser)),
		FSGroup:             new(int64(helperUser)),
		FSGroupChangePolicy: new(corev1.FSGroupChangeOnRootMismatch),
		SeccompProfile:      &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

func restrictedContainer() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

// withUsersSecurity is a pod of which one container has a securityContext of the
// user's: no user of ours stands on the pod then, where it would reach into that
// container; our own containers bear it themselves. Only where a user is named
// there does the pod keep our fsGroup, which no container can ask for: without it
// that user could not write to most volumes. Where none is named, the cluster may
// choose both (OpenShift's ranges).
func withUsersSecurity(pod corev1.PodSpec, theirs string) corev1.PodSpec {
	ours := pod.SecurityContext
	pod.SecurityContext = &corev1.PodSecurityContext{SeccompProfile: ours.SeccompProfile}
	for _, containers := range [][]corev1.Container{pod.InitContainers, pod.Containers} {
		for i := range containers {
			if containers[i].Name == theirs && containers[i].SecurityContext.RunAsUser != nil {
				pod.SecurityContext.FSGroup, pod.SecurityContext.FSGroupChangePolicy = ours.FSGroup, ours.FSGroupChangePolicy
			}
		}
	}
	for _, containers := range [][]corev1.Container{pod.InitContainers, pod.Containers} {
		for i := range containers {
			if containers[i].Name != theirs {
				containers[i].SecurityContext.RunAsNonRoot = new(true)
				containers[i].SecurityContext.RunAsUser = new(int64(helperUser))
				containers[i].SecurityContext.RunAsGroup = new(int64(helperUser))
			}
		}
	}
	return pod
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

func emptyDir(name string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}
}

func claimVolume(plan Plan, readOnly bool) corev1.Volume {
	return corev1.Volume{Name: jarsVolume, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
			ClaimName: plan.claimName(),
			ReadOnly:  readOnly,
		},
	}}
}

func imageVolumeOf(spec v1beta1.JarContainer) corev1.Volume {
	return corev1.Volume{Name: imageVolume, VolumeSource: corev1.VolumeSource{
		Image: &corev1.ImageVolumeSource{Reference: spec.Image, PullPolicy: spec.ImagePullPolicy},
	}}
}
