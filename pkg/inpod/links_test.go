package inpod

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A mounted image gives the JAR that a container of the image would have, or a message that
// is true. Each row is an image; the file /app/topology.jar is in spec.
func TestMountedImages(t *testing.T) {
	link := func(t *testing.T, root, target, name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	jar := func(t *testing.T, root, name string) { write(t, makeJar(t, "com.example.Main"), root, name) }
	const usual = "/app/topology.jar"
	for _, tc := range []struct {
		why    string
		make   func(t *testing.T, root string)
		path   string
		real   string // where the JAR is; empty if there is a message
		reason string
		words  string
	}{
		{"the file", func(t *testing.T, root string) { jar(t, root, "app/topology.jar") }, usual, "app/topology.jar", "", ""},
		{"an absolute link", func(t *testing.T, root string) {
			link(t, root, "/opt/t-1.jar", "app/topology.jar")
			jar(t, root, "opt/t-1.jar")
		}, usual, "opt/t-1.jar", "", ""},
		{"a relative link", func(t *testing.T, root string) {
			link(t, root, "../opt/t-1.jar", "app/topology.jar")
			jar(t, root, "opt/t-1.jar")
		}, usual, "opt/t-1.jar", "", ""},
		{"a link above the root, which ends at the root", func(t *testing.T, root string) {
			link(t, root, "../../../../../../opt/t-1.jar", "app/topology.jar")
			jar(t, root, "opt/t-1.jar")
		}, usual, "opt/t-1.jar", "", ""},
		{"a folder that is a link, and a link in it", func(t *testing.T, root string) {
			link(t, root, "/opt/current", "app")
			link(t, root, "v2", "opt/current")
			link(t, root, "/srv/t.jar", "opt/v2/topology.jar")
			jar(t, root, "srv/t.jar")
		}, usual, "srv/t.jar", "", ""},
		{"a pattern through links", func(t *testing.T, root string) {
			link(t, root, "/opt/v2", "app/current")
			jar(t, root, "opt/v2/topology-2.jar")
		}, "/app/*/topology-*.jar", "opt/v2/topology-2.jar", "", ""},
		{"nothing: the runtime does not mount images", func(*testing.T, string) {}, usual, "", v1beta1.ImageVolumeUnsupported,
			`Image "example/app:1" is mounted as an empty folder: this node's container runtime does not mount images, or the image has no files. Set spec.topology.jar.container.extractionMode to copy or init-container, or choose other nodes (spec.template.nodeSelector).`},
		{"no mount at all", func(t *testing.T, root string) {
			if err := os.Remove(root); err != nil {
				t.Fatal(err)
			}
		}, usual, "", v1beta1.ImageVolumeUnsupported, "is mounted as an empty folder"},
		{"another folder", func(t *testing.T, root string) { jar(t, root, "opt/t.jar") }, usual, "", v1beta1.JarNotFound,
			`Image "example/app:1" has no /app/topology.jar. It has /opt/t.jar: set spec.topology.jar.container.path to it.`},
		{"a link to what the image lacks, and this container has", func(t *testing.T, root string) { link(t, root, "/bin/sh", "app/topology.jar") }, usual, "", v1beta1.JarNotFound,
			`Path /app/topology.jar in image "example/app:1" is a link to /bin/sh, which the image does not have. Build the image with the file that it leads to, or set spec.topology.jar.container.path to the JAR itself.`},
		{"a link to itself", func(t *testing.T, root string) { link(t, root, "topology.jar", "app/topology.jar") }, usual, "", v1beta1.JarNotFound, "is a link to topology.jar, which the image does not have"},
		{"a folder of that name", func(t *testing.T, root string) { write(t, nil, root, "app/topology.jar/x") }, usual, "", v1beta1.JarNotFound,
			`Path /app/topology.jar in image "example/app:1" is a folder, without a JAR in it. Set spec.topology.jar.container.path to the topology's JAR.`},
		{"a pipe", func(t *testing.T, root string) {
			write(t, nil, root, "app/x")
			if err := syscall.Mkfifo(filepath.Join(root, "app/topology.jar"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, usual, "", v1beta1.JarNotFound, "is neither a file nor a folder. Build the image with the JAR as a file."},
	} {
		t.Run(tc.why, func(t *testing.T) {
			root := t.TempDir()
			tc.make(t, root)
			s, sub, _ := newSubmit(t, "x")
			sub.Jar, sub.Mounted = "", &storm.MountedImage{Root: root + "/", Path: tc.path, Image: "example/app:1"}
			checked, failed := s.mounted(t.Context(), sub)
			switch {
			case tc.real != "" && (failed != nil || checked.path != filepath.Join(root, tc.real)):
				t.Errorf("%q, %+v", checked.path, failed)
			case tc.real == "" && (failed == nil || failed.Reason != tc.reason || !strings.Contains(failed.Message, tc.words)):
				t.Errorf("%+v\nwant %s: %s", failed, tc.reason, tc.words)
			case tc.real == "":
				for _, fault := range testkit.Form(failed.Message, failed.Counts) {
					t.Errorf("%s: %s", fault, failed.Message)
				}
			}
		})
	}
}

// Dependencies and files are found through the links of the image, too.
func TestMountedLinksOfDependenciesAndFiles(t *testing.T) {
	root := t.TempDir()
	write(t, makeJar(t, "com.example.Main"), root, "app/topology.jar")
	write(t, makeJar(t, "x.Y"), root, "opt/lib/y.jar")
	write(t, []byte("a"), root, "opt/conf/deep/a.yaml")
	for name, target := range map[string]string{"app/lib": "/opt/lib", "app/conf": "/opt/conf"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	s, sub, _ := newSubmit(t, "x")
	sub.Jar, sub.Mounted = "", &storm.MountedImage{Root: root + "/", Path: "/app/topology.jar", Image: "example/app:1",
		Dependencies: []string{"/app/lib/*.jar"}, Files: []string{"/app/conf/*"}}
	checked, failed := s.mounted(t.Context(), sub)
	if failed != nil {
		t.Fatal(failed)
	}
	if len(checked.Dependencies) != 1 || checked.Dependencies[0].at != filepath.Join(root, "opt/lib/y.jar") || checked.Dependencies[0].Path != "/app/lib/y.jar" {
		t.Errorf("dependencies %+v", checked.Dependencies)
	}
	if len(checked.Files) != 1 || checked.Files[0].at != filepath.Join(root, "opt/conf/deep/a.yaml") || checked.Files[0].Name != "deep/a.yaml" {
		t.Errorf("files %+v", checked.Files)
	}
}
