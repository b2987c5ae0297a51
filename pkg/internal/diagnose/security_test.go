package diagnose

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// securityCase is a pod, and the rules of a level of the Pod Security Standards that it
// breaks. e2e/manifests reads the file and compares it with Kubernetes' own library.
type securityCase struct {
	Name   string
	Level  string
	Broken []string `json:",omitempty"`
	Spec   corev1.PodSpec
}

// securityChange changes one field that a spec can set.
type securityChange struct {
	name   string
	change func(spec *corev1.PodSpec, own *corev1.SecurityContext)
}

// securityCases are the changes, at each level.
func securityCases() (cases []securityCase) {
	for _, level := range []string{"baseline", "restricted"} {
		for _, c := range securityChanges() {
			usual := children.MakeExtractJob(plan()).Spec.Template.Spec
			spec := corev1.PodSpec{SecurityContext: usual.SecurityContext, Containers: []corev1.Container{
				{Name: usual.Containers[0].Name, SecurityContext: usual.Containers[0].SecurityContext}}}
			c.change(&spec, spec.Containers[0].SecurityContext)
			cases = append(cases, securityCase{c.name, level, violations(level, &spec), spec})
		}
	}
	return cases
}

func TestSecurityCases(t *testing.T) {
	var lines []byte
	for _, c := range securityCases() {
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	testkit.Golden(t, "testdata/security.golden.jsonl", lines)
}

func securityChanges() []securityChange {
	return []securityChange{
		{"the usual pod", func(*corev1.PodSpec, *corev1.SecurityContext) {}},
		{"privileged", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.Privileged = new(true) }},
		{"not privileged", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.Privileged = new(false) }},
		{"escalation", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.AllowPrivilegeEscalation = new(true) }},
		{"escalation unset", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.AllowPrivilegeEscalation = nil }},
		{"capabilities unset", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.Capabilities = nil }},
		{"a capability of baseline", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.Capabilities = &corev1.Capabilities{Add: []corev1.Capability{"CHOWN"}, Drop: []corev1.Capability{"ALL"}}
		}},
		{"a capability of neither", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.Capabilities = &corev1.Capabilities{Add: []corev1.Capability{"SYS_ADMIN"}, Drop: []corev1.Capability{"ALL"}}
		}},
		{"the capability of restricted", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.Capabilities = &corev1.Capabilities{Add: []corev1.Capability{"NET_BIND_SERVICE"}, Drop: []corev1.Capability{"ALL"}}
		}},
		{"root by user", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.RunAsUser = new(int64(0)) }},
		{"root allowed", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.RunAsNonRoot = new(false) }},
		{"root in a user namespace", func(spec *corev1.PodSpec, own *corev1.SecurityContext) {
			spec.HostUsers, own.RunAsUser, own.RunAsNonRoot = new(false), new(int64(0)), new(false)
		}},
		{"another user", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.RunAsUser = new(int64(1000)) }},
		{"seccomp unconfined", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
		}},
		{"seccomp of the node", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeLocalhost, LocalhostProfile: new("own.json")}
		}},
		{"no seccomp", func(spec *corev1.PodSpec, _ *corev1.SecurityContext) { spec.SecurityContext.SeccompProfile = nil }},
		{"AppArmor unconfined", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
		}},
		{"AppArmor's default", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeRuntimeDefault}
		}},
		{"an SELinux type", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.SELinuxOptions = &corev1.SELinuxOptions{Type: "spc_t"}
		}},
		{"an SELinux user", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.SELinuxOptions = &corev1.SELinuxOptions{User: "system_u"}
		}},
		{"an SELinux level", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.SELinuxOptions = &corev1.SELinuxOptions{Level: "s0:c1", Type: "container_t"}
		}},
		{"/proc unmasked", func(_ *corev1.PodSpec, own *corev1.SecurityContext) { own.ProcMount = new(corev1.UnmaskedProcMount) }},
		{"/proc unmasked in a user namespace", func(spec *corev1.PodSpec, own *corev1.SecurityContext) {
			spec.HostUsers, own.ProcMount = new(false), new(corev1.UnmaskedProcMount)
		}},
		{"a host process", func(_ *corev1.PodSpec, own *corev1.SecurityContext) {
			own.WindowsOptions = &corev1.WindowsSecurityContextOptions{HostProcess: new(true)}
		}},
		{"a volume of the host", func(spec *corev1.PodSpec, _ *corev1.SecurityContext) {
			spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "own", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}})
		}},
		{"a volume over NFS", func(spec *corev1.PodSpec, _ *corev1.SecurityContext) {
			spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "own", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{Server: "nfs", Path: "/"}}})
		}},
		{"the node's network", func(spec *corev1.PodSpec, _ *corev1.SecurityContext) { spec.HostNetwork = true }},
	}
}
