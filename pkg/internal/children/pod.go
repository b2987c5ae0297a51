package children

import (
	"cmp"
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// helperUser is the uid, gid and fsGroup of every container: an id without rights, so
// that images without a user of their own keep to the restricted Pod Security Standard.
const helperUser = 65532

// podSpec adds to a pod what all pods have in common: the helper, the restricted Pod
// Security Standard, and the template.
func podSpec(plan Plan, spec corev1.PodSpec) corev1.PodSpec {
	template := plan.template()
	spec.RestartPolicy = corev1.RestartPolicyNever
	spec.AutomountServiceAccountToken = new(false)
	spec.EnableServiceLinks = new(false)
	spec = withHelper(plan, spec)
	for _, v := range template.Volumes {
		spec.Volumes = append(spec.Volumes, podVolume(v))
	}
	spec.ImagePullSecrets = PullSecrets(plan.Topology, plan.Cluster)
	spec.ServiceAccountName = template.ServiceAccountName
	spec.NodeSelector = mergedMaps(template.NodeSelector, map[string]string{corev1.LabelOSStable: string(corev1.Linux)})
	spec.Tolerations = template.Tolerations
	spec.Affinity = template.Affinity
	spec.PriorityClassName = template.PriorityClassName
	spec.HostAliases = template.HostAliases
	spec.DNSConfig = template.DNSConfig
	if template.RuntimeClassName != "" {
		spec.RuntimeClassName = &template.RuntimeClassName
	}
	if template.SecurityContext != nil {
		spec.SecurityContext = restrictedAs(template.SecurityContext)
		return spec
	}
	return secured(spec, plan.Topology.Spec.Topology.Jar.Container.SecurityContext)
}

// seconds of a pod's limit. Kubernetes takes no deadline above 2^31-1
// (k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodSpec).
func seconds(d time.Duration) *int64 { return new(min(int64(d.Seconds()), math.MaxInt32)) }

// container adds to a container what all containers have in common.
func container(c corev1.Container) corev1.Container {
	c.TerminationMessagePolicy = corev1.TerminationMessageReadFile
	c.SecurityContext = cmp.Or(c.SecurityContext, restrictedContainer())
	return c
}

// extractContainer runs the helper in the user's image. With a command in the spec, the
// helper runs that first.
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
		VolumeMounts:    []corev1.VolumeMount{helperMount(), {Name: JarsVolume, MountPath: jarsDir}},
	})
	if spec.Resources != nil {
		c.Resources = *spec.Resources
	}
	if len(spec.Command) > 0 {
		// A folder of the pod's own, so that another pod cannot use what a command leaves
		// behind that was stopped half way. A folder of the claim would have to be made by
		// the kubelet, as root, which an NFS server with root_squash refuses.
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: tmpVolume, MountPath: extractedDir})
	}
	return c
}

// submitContainer runs the helper in the image of Storm. jar mounts the JAR.
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
			{Name: tmpVolume, MountPath: "/tmp"}, // for the JVM: the root file system is read-only
			jar,
		}, template.VolumeMounts...),
	})
	if template.Resources != nil {
		c.Resources = *template.Resources
	}
	return c
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

// restrictedAs is a security context of the template, which keeps to the restricted Pod
// Security Standard where it does not say otherwise. It has the identity that it names, or
// none, so that the cluster may choose one.
func restrictedAs(given *corev1.PodSecurityContext) *corev1.PodSecurityContext {
	usual, as := restrictedPod(), given.DeepCopy()
	as.RunAsNonRoot = cmp.Or(as.RunAsNonRoot, usual.RunAsNonRoot)
	as.SeccompProfile = cmp.Or(as.SeccompProfile, usual.SeccompProfile)
	return as
}

// secured adds the security context of the pod. Where the spec has a security context
// for the extracting container, the pod itself has no user, since that would be the user
// of that container, too: every other container has it instead. The pod keeps its
// fsGroup, which only a pod can have, where that security context names a user: without
// it the user could not write to most volumes. Where it names none, the cluster may
// choose both (OpenShift's ranges).
func secured(pod corev1.PodSpec, extract *corev1.SecurityContext) corev1.PodSpec {
	usual := restrictedPod()
	pod.SecurityContext = usual
	extracts := func(c corev1.Container) bool { return c.Name == ExtractContainer }
	if extract == nil || !slices.ContainsFunc(slices.Concat(pod.InitContainers, pod.Containers), extracts) {
		return pod
	}
	pod.SecurityContext = &corev1.PodSecurityContext{SeccompProfile: usual.SeccompProfile}
	if extract.RunAsUser != nil {
		pod.SecurityContext.FSGroup, pod.SecurityContext.FSGroupChangePolicy = usual.FSGroup, usual.FSGroupChangePolicy
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		if !extracts(c) { // c is a copy, but its security context is a pointer
			c.SecurityContext.RunAsNonRoot, c.SecurityContext.RunAsUser, c.SecurityContext.RunAsGroup = usual.RunAsNonRoot, usual.RunAsUser, usual.RunAsGroup
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
	return corev1.Volume{Name: JarsVolume, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
			ClaimName: plan.claimName(),
			ReadOnly:  readOnly,
		},
	}}
}

func imageVolumeOf(spec v1beta1.JarContainer) corev1.Volume {
	return corev1.Volume{Name: ImageVolume, VolumeSource: corev1.VolumeSource{
		Image: &corev1.ImageVolumeSource{Reference: spec.Image, PullPolicy: spec.ImagePullPolicy},
	}}
}
