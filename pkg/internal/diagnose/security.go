package diagnose

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// violations are the rules of a Pod Security Standard that a pod breaks; none for
// the level privileged, or without a level. They are those rules of
// k8s.io/pod-security-admission 0.37 (policy/check_*.go) that a securityContext or
// a volume of a spec can break. The library is too heavy for a module that others
// import, so e2e/manifests compares this copy with it (TestPodSecurityIsTheLibrarys).
func violations(level string, spec *corev1.PodSpec) []string {
	var broken []string
	if !enforces(level) {
		return nil
	}
	if spec.HostNetwork || spec.HostPID || spec.HostIPC {
		broken = append(broken, "the pod uses its node's namespaces")
	}
	for _, volume := range spec.Volumes {
		if volume.HostPath != nil || level == "restricted" && !mayMount(volume.VolumeSource) {
			broken = append(broken, "volume "+quote(volume.Name)+" is of a forbidden kind")
		}
	}
	for _, container := range slices.Concat(spec.InitContainers, spec.Containers) {
		rules := baseline
		if level == "restricted" {
			rules = slices.Concat(baseline, restricted)
		}
		for _, rule := range rules {
			if rule.breaks(security(spec, container)) {
				broken = append(broken, "container "+quote(container.Name)+" "+rule.says)
			}
		}
	}
	return broken
}

// enforces says whether a level forbids anything.
func enforces(level string) bool { return level == "baseline" || level == "restricted" }

// effective is a container's security context, with the pod's where it has none.
type effective struct {
	own           corev1.SecurityContext
	nonRoot       *bool
	user          *int64
	seccomp       corev1.SeccompProfileType
	add, drop     []corev1.Capability
	userNamespace bool
}

func security(spec *corev1.PodSpec, container corev1.Container) effective {
	e := effective{userNamespace: spec.HostUsers != nil && !*spec.HostUsers}
	if pod := spec.SecurityContext; pod != nil {
		e.nonRoot, e.user = pod.RunAsNonRoot, pod.RunAsUser
		if pod.SeccompProfile != nil {
			e.seccomp = pod.SeccompProfile.Type
		}
	}
	own := container.SecurityContext
	if own == nil {
		return e
	}
	e.own = *own
	if own.RunAsNonRoot != nil {
		e.nonRoot = own.RunAsNonRoot
	}
	if own.RunAsUser != nil {
		e.user = own.RunAsUser
	}
	if own.SeccompProfile != nil {
		e.seccomp = own.SeccompProfile.Type
	}
	if own.Capabilities != nil {
		e.add, e.drop = own.Capabilities.Add, own.Capabilities.Drop
	}
	return e
}

type securityRule struct {
	says   string
	breaks func(effective) bool
}

var baseline = []securityRule{
	{"may not be privileged", func(e effective) bool { return isTrue(e.own.Privileged) }},
	{unmasked, func(e effective) bool { return !e.userNamespace && unmasks(e) }},
	{"may not run unconfined (appArmorProfile)", func(e effective) bool {
		profile := e.own.AppArmorProfile
		return profile != nil && profile.Type != corev1.AppArmorProfileTypeRuntimeDefault && profile.Type != corev1.AppArmorProfileTypeLocalhost
	}},
	{"may not choose its SELinux user, role or type (seLinuxOptions)", func(e effective) bool {
		options := e.own.SELinuxOptions
		return options != nil && (*options != corev1.SELinuxOptions{Level: options.Level, Type: options.Type} || !slices.Contains(seLinuxTypes, options.Type))
	}},
	{"may not be a host process of Windows", func(e effective) bool {
		return e.own.WindowsOptions != nil && isTrue(e.own.WindowsOptions.HostProcess)
	}},
	{"may not run unconfined (seccompProfile)", func(e effective) bool { return e.seccomp == corev1.SeccompProfileTypeUnconfined }},
	{"adds capabilities that are forbidden", func(e effective) bool { return slices.ContainsFunc(e.add, notInBaseline) }},
}

var restricted = []securityRule{
	{unmasked, func(e effective) bool { return e.userNamespace && unmasks(e) }},
	{"must set allowPrivilegeEscalation to false", func(e effective) bool {
		return e.own.AllowPrivilegeEscalation == nil || *e.own.AllowPrivilegeEscalation
	}},
	{"must drop ALL capabilities", func(e effective) bool { return !slices.Contains(e.drop, "ALL") }},
	{"may add no capability but NET_BIND_SERVICE", func(e effective) bool {
		return slices.ContainsFunc(e.add, func(c corev1.Capability) bool { return c != "NET_BIND_SERVICE" })
	}},
	{"must set runAsNonRoot to true", func(e effective) bool { return !e.userNamespace && !isTrue(e.nonRoot) }},
	{"may not run as user 0", func(e effective) bool { return !e.userNamespace && e.user != nil && *e.user == 0 }},
	{"must set seccompProfile to RuntimeDefault or Localhost", func(e effective) bool {
		return e.seccomp != corev1.SeccompProfileTypeRuntimeDefault && e.seccomp != corev1.SeccompProfileTypeLocalhost
	}},
}

// unmasked is allowed by baseline alone, and only in a user namespace.
const unmasked = "may not unmask /proc (procMount)"

func unmasks(e effective) bool {
	return e.own.ProcMount != nil && *e.own.ProcMount != corev1.DefaultProcMount
}

func isTrue(b *bool) bool { return b != nil && *b }

// seLinuxTypes: policy/check_seLinuxOptions.go.
var seLinuxTypes = []string{"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

// notInBaseline: policy/check_capabilities_baseline.go.
func notInBaseline(c corev1.Capability) bool {
	return !slices.Contains([]corev1.Capability{
		"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
		"NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
	}, c)
}

// mayMount: policy/check_restrictedVolumes.go.
func mayMount(v corev1.VolumeSource) bool {
	return v.ConfigMap != nil || v.DownwardAPI != nil || v.EmptyDir != nil || v.Projected != nil || v.Secret != nil ||
		v.CSI != nil || v.PersistentVolumeClaim != nil || v.Ephemeral != nil || v.Image != nil
}
