package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// The component, in an overlay as docs/install.md shows it, mounts the Secret that the page
// creates, where the server reads it and the group of the server may.
func TestTheServersCertificateForNimbus(t *testing.T) {
	for _, beside := range []string{"install", "overlays/tls"} {
		folder := t.TempDir()
		text := strings.Replace(overlay(t, folder, "A Nimbus with TLS"), "manifests/install\n", "manifests/"+beside+"\n", 1)
		if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		pod := decode[appsv1.Deployment](t, build(t, folder), "Deployment/stormhooks").Spec.Template.Spec
		at := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Secret != nil && v.Secret.SecretName == "stormhooks-nimbus" })
		if at < 0 {
			t.Fatalf("%s: no volume is the Secret stormhooks-nimbus: %v", beside, pod.Volumes)
		}
		if group := pod.SecurityContext.FSGroup; group == nil || *pod.Volumes[at].Secret.DefaultMode != 0o440 {
			t.Errorf("%s: the files are for group %v, mode %o", beside, group, *pod.Volumes[at].Secret.DefaultMode)
		}
		container := pod.Containers[0]
		at = slices.IndexFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == pod.Volumes[at].Name })
		if at < 0 {
			t.Fatalf("%s: the volume is not mounted", beside)
		}
		for flag, file := range map[string]string{"--nimbus-cert-file": "tls.crt", "--nimbus-key-file": "tls.key"} {
			if want := flag + "=" + container.VolumeMounts[at].MountPath + "/" + file; !slices.Contains(container.Args, want) {
				t.Errorf("%s: the arguments %q lack %s", beside, container.Args, want)
			}
		}
	}
}
