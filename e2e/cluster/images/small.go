package images

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Pause is the name of the image that holds a pod's namespaces.
const Pause = "registry.k8s.io/pause:3.10"

// BusyBox is library/busybox: Debian's static busybox under all its names.
func BusyBox(ctx context.Context) (Image, error) {
	program, err := exec.LookPath("busybox")
	if err != nil {
		return Image{}, err
	}
	names, err := run.Command{Argv: []string{program, "--list"}}.Output(ctx)
	if err != nil {
		return Image{}, err
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return Image{}, err
	}
	made, err := makeLayer("busybox", string(content), func(w io.Writer) error {
		t := newTree(w)
		t.folder("bin", 0o755, 0)
		t.folder("tmp", 0o1777, 0)
		t.copy("bin/busybox", 0o755, program)
		for _, name := range strings.Fields(names) {
			if name != "busybox" {
				t.link("bin/"+name, "busybox")
			}
		}
		return t.close()
	})
	return Image{Name: "busybox:latest", layers: []v1.Layer{made}, config: v1.Config{Cmd: []string{"sh"}, Env: []string{"PATH=/bin"}}}, err
}

// PauseImage is built from cmd/pause.
func PauseImage(ctx context.Context, checkout string) (Image, error) {
	program, err := goBuild(ctx, filepath.Join(checkout, "e2e", "cluster"), "./cmd/pause", "pause")
	if err != nil {
		return Image{}, err
	}
	return Wrap(Pause, program, "pause", v1.Config{Entrypoint: []string{"/pause"}, User: "65535:65535"})
}

// Wrap is an image that holds one static program.
func Wrap(name, program, inside string, config v1.Config) (Image, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return Image{}, err
	}
	made, err := makeLayer(filepath.Base(inside), inside+string(content), func(w io.Writer) error {
		t := newTree(w)
		t.copy(inside, 0o755, program)
		return t.close()
	})
	return Image{Name: name, layers: []v1.Layer{made}, config: config}, err
}

// goBuild builds a static program, with the flags of the Dockerfile.
func goBuild(ctx context.Context, dir, pkg, name string) (string, error) {
	out := place.In("programs", name)
	argv := []string{"go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg}
	build := run.Command{Dir: dir, Env: append(os.Environ(), "CGO_ENABLED=0"), Argv: argv}
	return out, build.Run(ctx)
}
