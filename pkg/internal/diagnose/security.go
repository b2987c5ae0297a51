package diagnose

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// violations are the rules of a Pod Security Standard that a pod breaks; none
// for privileged, or no level at all. They are the rules of
// k8s.io/pod-security-admission 0.37 (policy/check_*.go) for what our pods can
// hold: what a securityContext, a volume or a sidecar can bring.
func violations(level string, spec *corev1.PodSpec) []string {
	var broken []string
	if level != "baseline" && level != "restricted" {
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

// effective is a container's security context, the pod's where it says nothing.
type effective struct {
	privileged, escalation *bool
	nonRoot                *bool
	user                   *int64
	seccomp                corev1.SeccompProfileType
	add, drop              []corev1.Capability
	userNamespace          bool
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
	e.privileged, e.escalation = own.Privileged, own.AllowPrivilegeEscalation
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
	{"may not be privileged", func(e effective) bool { return e.privileged != nil && *e.privileged }},
	{"may not run unconfined (seccompProfile)", func(e effective) bool { return e.seccomp == corev1.SeccompProfileTypeUnconfined }},
	{"adds capabilities that are forbidden", func(e effective) bool { return slices.ContainsFunc(e.add, notInBaseline) }},
}

var restricted = []securityRule{
	{"must set allowPrivilegeEscalation to false", func(e effective) bool { return e.escalation == nil || *e.escalation }},
	{"must drop ALL capabilities", func(e effective) bool { return !slices.Contains(e.drop, "ALL") }},
	{"may add no capability but NET_BIND_SERVICE", func(e effective) bool {
		return slices.ContainsFunc(e.add, func(c corev1.Capability) bool { return c != "NET_BIND_SERVICE" })
	}},
	{"must set runAsNonRoot to true", func(e effective) bool { return !e.userNamespace && (e.nonRoot == nil || !*e.nonRoot) }},
	{"may not run as user 0", func(e effective) bool { return !e.userNamespace && e.user != nil && *e.user == 0 }},
	{"must set seccompProfile to RuntimeDefault or Localhost", func(e effective) bool {
		return e.seccomp != corev1.SeccompProfileTypeRuntimeDefault && e.seccomp != corev1.SeccompProfileTypeLocalhost
	}},
}

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
