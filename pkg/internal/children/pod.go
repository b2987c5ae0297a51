package children

import (
	"cmp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// helperUser is the uid, gid and fsGroup of every container of ours: nobody's, so that
// the restricted Pod Security Standard holds for images without a helperUser entry.
const helperUser = 65532

// podSpec is a pod's own spec, and what our pods have in common: an init container
// that brings our binary, so that an image needs no shell and no tool, the
// restricted Pod Security Standard, and what the template asks for.
func podSpec(plan Plan, spec corev1.PodSpec) corev1.PodSpec {
	template := plan.template()
	spec.RestartPolicy = corev1.RestartPolicyNever
	spec.AutomountServiceAccountToken = new(false)
	spec.EnableServiceLinks = new(false)
	spec.InitContainers = slices.Concat([]corev1.Container{helperContainer(plan)}, spec.InitContainers)
	spec.Volumes = slices.Concat([]corev1.Volume{emptyDir(helperVolume)}, spec.Volumes)
	for _, v := range template.Volumes {
		spec.Volumes = append(spec.Volumes, podVolume(v))
	}
	spec.ImagePullSecrets = PullSecrets(plan.Topology, plan.Cluster)
	spec.ServiceAccountName = template.ServiceAccountName
	spec.NodeSelector = template.NodeSelector
	spec.Tolerations = template.Tolerations
	spec.Affinity = template.Affinity
	spec.PriorityClassName = template.PriorityClassName
	spec.HostAliases = template.HostAliases
	spec.DNSConfig = template.DNSConfig
	if template.RuntimeClassName != "" {
		spec.RuntimeClassName = &template.RuntimeClassName
	}
	return secured(spec, plan.Topology.Spec.Topology.Jar.Container.SecurityContext)
}

func seconds(d time.Duration) *int64 { return new(int64(d.Seconds())) }

// container is what every container of ours has in common.
func container(c corev1.Container) corev1.Container {
	c.TerminationMessagePolicy = corev1.TerminationMessageReadFile
	c.SecurityContext = cmp.Or(c.SecurityContext, restrictedContainer())
	return c
}

func helperContainer(plan Plan) corev1.Container {
	return container(corev1.Container{
		Name:         HelperContainer,
		Image:        plan.HelperImage,
		Args:         []string{"jar", "install", "--to", installDir},
		Resources:    resources("50m", "64Mi", "256Mi"),
		VolumeMounts: []corev1.VolumeMount{{Name: helperVolume, MountPath: installDir}},
	})
}

// extractContainer runs in the user's image: the helper, or the user's own
// command under it.
func extractContainer(plan Plan) corev1.Container {
	spec := plan.Topology.Spec.Topology.Jar.Container
	c := container(corev1.Container{
		Name:            ExtractContainer,
		Image:           spec.Image,
		ImagePullPolicy: spec.ImagePullPolicy,
		Command:         []string{HelperPath},
		Args:            escaped(extractArgs(plan)),
		Env:             spec.Env,
		Resources:       resources("50m", "64Mi", ExtractMemoryLimit),
		SecurityContext: spec.SecurityContext,
		VolumeMounts:    []corev1.VolumeMount{helperMount(), {Name: jarsVolume, MountPath: jarsDir}},
	})
	if spec.Resources != nil {
		c.Resources = *spec.Resources
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

// submitContainer runs in the Storm image; jar is where the JAR is.
func submitContainer(plan Plan, jar corev1.VolumeMount) corev1.Container {
	template := plan.template()
	c := container(corev1.Container{
		Name:      SubmitContainer,
		Image:     plan.stormImage(),
		Command:   []string{HelperPath},
		Args:      escaped(submitArgs(plan)),
		Env:       template.Env,
		EnvFrom:   template.EnvFrom,
		Resources: resources("250m", "512Mi", SubmitMemoryLimit),
		VolumeMounts: append([]corev1.VolumeMount{
			helperMount(),
			{Name: tmpVolume, MountPath: "/tmp"}, // the JVM's, the root file system being read-only
			jar,
		}, template.VolumeMounts...),
	})
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

// secured is a pod with its security context, ours where no container has one of
// the user's. Where the extracting container does, no user of ours stands on the
// pod, where it would reach into that container; our own containers have it
// themselves. The pod keeps our fsGroup, which no container can ask for, where the
// user names a user: without it that user could not write to most volumes. Where
// the user names none, the cluster may choose both (OpenShift's ranges).
func secured(pod corev1.PodSpec, theirs *corev1.SecurityContext) corev1.PodSpec {
	ours := restrictedPod()
	pod.SecurityContext = ours
	isTheirs := func(c corev1.Container) bool { return c.Name == ExtractContainer }
	if theirs == nil || !slices.ContainsFunc(slices.Concat(pod.InitContainers, pod.Containers), isTheirs) {
		return pod
	}
	pod.SecurityContext = &corev1.PodSecurityContext{SeccompProfile: ours.SeccompProfile}
	if theirs.RunAsUser != nil {
		pod.SecurityContext.FSGroup, pod.SecurityContext.FSGroupChangePolicy = ours.FSGroup, ours.FSGroupChangePolicy
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		if !isTheirs(c) { // its security context is a pointer, so the pod's own changes
			c.SecurityContext.RunAsNonRoot, c.SecurityContext.RunAsUser, c.SecurityContext.RunAsGroup = ours.RunAsNonRoot, ours.RunAsUser, ours.RunAsGroup
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
