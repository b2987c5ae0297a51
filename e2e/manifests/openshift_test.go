package manifests

import (
	"os"
	"path/filepath"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

// The component, in an overlay as docs/platforms.md shows it, leaves the server's user,
// group and fsGroup to the cluster, and keeps the rest of the restricted standard.
func TestTheClusterChoosesTheServersUser(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(overlayOf(t, "docs/platforms.md", folder, "OpenShift")), 0o600); err != nil {
		t.Fatal(err)
	}
	pod := decode[appsv1.Deployment](t, build(t, folder), "Deployment/stormhooks").Spec.Template.Spec
	if s := pod.SecurityContext; s.RunAsUser != nil || s.RunAsGroup != nil || s.FSGroup != nil || !*s.RunAsNonRoot || s.SeccompProfile == nil {
		t.Errorf("the pod's security context: %+v", s)
	}
	for _, c := range pod.Containers {
		if s := c.SecurityContext; s.RunAsUser != nil || s.RunAsGroup != nil || *s.AllowPrivilegeEscalation {
			t.Errorf("container %s: %+v", c.Name, s)
		}
	}
}
