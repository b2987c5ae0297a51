package kube

import (
	"strings"
	"testing"
)

func TestKustomization(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		reason    string
		overlay   Overlay
		want      []string
		complaint string
	}{
		"a folder": {
			reason:  "kustomize takes relative paths only",
			overlay: Overlay{Namespace: "ns", Resources: []string{"/usr"}},
			want:    []string{"namespace: ns", "- ../"},
		},
		"a component": {
			reason:  "kustomize does not accept it under resources",
			overlay: Overlay{Resources: []string{"/usr"}, Components: []string{"/tmp"}},
			want:    []string{"components:\n- ../"},
		},
		"an image on a port": {
			reason:  "the colon of a port is none of a tag",
			overlay: Overlay{Images: map[string]string{"a/b": "host:5000/a/b:v1"}},
			want:    []string{"newName: host:5000/a/b", "newTag: v1"},
		},
		"an image without a tag": {
			reason:  "what would be pulled then is anybody's guess",
			overlay: Overlay{Images: map[string]string{"a/b": "host:5000/a/b"}}, complaint: "has no tag",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := test.overlay.kustomization(dir)
			if test.complaint != "" {
				if err == nil || !strings.Contains(err.Error(), test.complaint) {
					t.Fatalf("%s: want a complaint %q, got %v", test.reason, test.complaint, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s: %q is not in\n%s", test.reason, want, text)
				}
			}
		})
	}
}
