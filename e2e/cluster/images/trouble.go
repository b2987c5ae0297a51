package images

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The login that the registry requires for images whose name begins with Private.
const (
	Private  = "mycompany/my-storm-topology"
	User     = "me"
	Password = "correct-horse"
)

// put is a file or folder of a small image.
type put struct {
	path    string // one that ends in / is a folder
	mode    int64
	content []byte
}

// small is an image of a story: what it stands on, and what it has besides.
type small struct {
	name string
	base []v1.Layer
	puts []put
}

// PushOfStories brings what only stories and the bench need to a registry.
func PushOfStories(ctx context.Context, address string) error {
	all, err := OfStories(ctx)
	if err != nil {
		return err
	}
	for _, image := range all {
		if err := image.Push(ctx, address); err != nil {
			return err
		}
	}
	return nil
}

// OfStories are the images that only stories need: the guide's, images with
// hardly anything in them, and images with something wrong.
func OfStories(ctx context.Context) ([]Image, error) {
	jar, err := topologyJar(ctx)
	if err != nil {
		return nil, err
	}
	bundled, err := bundling(jar, "defaults.yaml", nil)
	if err != nil {
		return nil, err
	}
	thin, only, err := split(jar, library)
	if err != nil {
		return nil, err
	}
	many, err := manyLibraries(only)
	if err != nil {
		return nil, err
	}
	flux, err := fluxImage(ctx, thin, only)
	if err != nil {
		return nil, err
	}
	strictTLS, err := strictTLSJar(ctx)
	if err != nil {
		return nil, err
	}
	busybox, err := BusyBox(ctx)
	if err != nil {
		return nil, err
	}
	java, err := debianLayer(ctx)
	if err != nil {
		return nil, err
	}
	app := put{"app/", 0o755, nil}
	var made []Image
	for _, s := range []small{
		// The guide's simple Dockerfile, on a JRE, and its multi-stage one.
		{Private + ":v1.2.3", []v1.Layer{java}, []put{app, {"app/topology.jar", 0o644, jar}}},
		{"mycompany/topology:v1.0.0", busybox.layers, []put{app, {"app/topology.jar", 0o644, jar}}},
		// One for each login that is tried: a node that has an image once may not ask again.
		{Private + ":missing-secret", nil, []put{{"topology.jar", 0o644, jar}}},
		{Private + ":wrong-password", nil, []put{{"topology.jar", 0o644, jar}}},
		{Private + ":service-account", nil, []put{{"topology.jar", 0o644, jar}}},
		{"stories/scratch:1", nil, []put{{"topology.jar", 0o644, jar}}},
		{"stories/scratch:2", nil, []put{{"topology.jar", 0o644, jar}, {"release", 0o644, []byte("2\n")}}},
		// A thin JAR with 40 beside it, one more, one that is Storm itself; and Flux.
		{"stories/thin:1", nil, append([]put{app, {"app/topology.jar", 0o644, thin}}, many...)},
		{"stories/thin:2", nil, append([]put{app, {"app/topology.jar", 0o644, thin}, {"app/release", 0o644, []byte("2\n")}}, many...)},
		{"stories/thin:bundled", nil, append([]put{app, {"app/topology.jar", 0o644, thin}, {"app/storm.jar", 0o644, bundled}}, many...)},
		{"stories/crawler:1", nil, flux},
		{"stories/keeps-argument:1", nil, []put{{"topology.jar", 0o644, jar}}},
		{"stories/validator:1", nil, []put{{"topology.jar", 0o644, jar}}},
		{"stories/strict-tls:1", nil, []put{{"strict-tls.jar", 0o644, strictTLS}}},
		{"stories/distroless:1", nil, []put{
			app, {"app/topology.jar", 0o644, jar}, {"etc/", 0o755, nil}, {"tmp/", 0o1777, nil},
			{"etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n")},
		}},
		{"stories/two-jars:1", busybox.layers, []put{app, {"app/first.jar", 0o644, jar}, {"app/second.jar", 0o644, jar}}},
		{"stories/root-only:1", nil, []put{app, {"app/topology.jar", 0o600, jar}}},
		{"stories/folder:1", nil, []put{app, {"app/topology.jar/", 0o755, nil}, {"app/topology.jar/inner.jar", 0o644, jar}}},
		{"stories/no-zip:1", nil, []put{app, {"app/topology.jar", 0o644, []byte("<html>404 Not Found</html>\n")}}},
		{"stories/cut-off:1", nil, []put{app, {"app/topology.jar", 0o644, jar[:len(jar)*2/3]}}},
		{"stories/bundled:1", nil, []put{app, {"app/topology.jar", 0o644, bundled}}},
	} {
		image, err := s.make()
		if err != nil {
			return nil, err
		}
		made = append(made, image)
	}
	withFlux, err := stormWithFlux(ctx)
	if err != nil {
		return nil, err
	}
	liars, err := liarsImage(ctx)
	return append(made, withFlux, liars), err
}

func (s small) make() (Image, error) {
	recipe := sha256.New()
	for _, p := range s.puts {
		fmt.Fprintf(recipe, "%s %o %d\n%s\n", p.path, p.mode, len(p.content), p.content)
	}
	layer, err := makeLayer("story", fmt.Sprintf("story %x", recipe.Sum(nil)), func(w io.Writer) error {
		t := newTree(w)
		for _, p := range s.puts {
			if folder, is := strings.CutSuffix(p.path, "/"); is {
				t.folder(folder, p.mode, 0)
			} else {
				t.text(p.path, p.mode, string(p.content))
			}
		}
		return t.close()
	})
	return Image{Name: s.name, layers: append(append([]v1.Layer(nil), s.base...), layer)}, err
}
