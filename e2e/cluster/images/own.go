package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

const (
	// OwnRepository is the name of our image without its tag.
	OwnRepository = "stormhooks/stormhooks"
	// NextSuffix ends the name of our image as a later release would be.
	NextSuffix = "-next"
	// Standin holds e2e/cluster/cmd/standin, Metacontroller the binary that a
	// person gave.
	Standin        = "stormhooks/standin"
	Metacontroller = "metacontroller/metacontroller"
)

// Own is our image, as the Dockerfile says, tagged by its content so that a
// changed checkout is a changed Deployment.
func Own(ctx context.Context, checkout string) (Image, error) {
	plan, err := readDockerfile(filepath.Join(checkout, "Dockerfile"))
	if err != nil {
		return Image{}, err
	}
	program, err := goBuild(ctx, checkout, "./hooks/stormhooks", "stormhooks")
	if err != nil {
		return Image{}, err
	}
	return tagged(OwnRepository, program, plan)
}

// Next is our image as a later release would be: another name and digest. The
// story of an upgrade needs it. A node keeps what it has pulled by name, so the name changes
// with the content.
func Next(own Image) Image {
	own.Name += NextSuffix
	own.config.Labels = map[string]string{"stormhooks.e2e": "next"}
	return own
}

func tagged(repository, program string, plan dockerfile) (Image, error) {
	image, err := Wrap(repository, program, plan.program, plan.config)
	if err != nil {
		return Image{}, err
	}
	digest, err := image.layers[0].Digest()
	image.Name = repository + ":" + digest.Hex[:12]
	return image, err
}

// StandinImage holds the stand-in of Metacontroller's CompositeController loop.
func StandinImage(ctx context.Context, checkout string) (Image, error) {
	program, err := goBuild(ctx, filepath.Join(checkout, "e2e", "cluster"), "./cmd/standin", "standin")
	if err != nil {
		return Image{}, err
	}
	return tagged(Standin, program, dockerfile{"standin", v1.Config{Entrypoint: []string{"/standin"}, User: "65532:65532"}})
}

// liarsImage holds cmd/lyingstorm.
func liarsImage(ctx context.Context) (Image, error) {
	checkout, err := place.Checkout()
	if err != nil {
		return Image{}, err
	}
	program, err := goBuild(ctx, filepath.Join(checkout, "e2e", "cluster"), "./cmd/lyingstorm", "lyingstorm")
	if err != nil {
		return Image{}, err
	}
	return Wrap("stories/lyingstorm:1", program, "lyingstorm", v1.Config{Entrypoint: []string{"/lyingstorm"}, User: "65532:65532"})
}

// MetacontrollerImage wraps the real one. It stands on the Storm image's Debian,
// for a binary that wants a C library.
func MetacontrollerImage(ctx context.Context, program string) (Image, error) {
	if _, err := os.Stat(program); err != nil {
		return Image{}, fmt.Errorf("METACONTROLLER=%s is not a file. Give the path of a Metacontroller binary: %w", program, err)
	}
	image, err := tagged(Metacontroller, program, dockerfile{"metacontroller", v1.Config{Entrypoint: []string{"/metacontroller"}, User: "65532:65532"}})
	if err != nil {
		return Image{}, err
	}
	debian, err := debianLayer(ctx)
	image.layers = append([]v1.Layer{debian}, image.layers...)
	return image, err
}
