package images

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image is layers and a config under the name that manifests use, such as
// apache/storm:2.8.1. The registry stands in for every registry of the world,
// so the name's host does not matter to it.
type Image struct {
	Name   string
	config v1.Config
	layers []v1.Layer
}

// Push puts the image into the registry at address. Blobs are there already.
func (i Image) Push(ctx context.Context, address string) error {
	image := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	image = mutate.ConfigMediaType(image, types.OCIConfigJSON)
	image, err := mutate.AppendLayers(image, i.layers...)
	if err != nil {
		return fmt.Errorf("putting image %q together: %w", i.Name, err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = "linux", "amd64", i.config
	if image, err = mutate.ConfigFile(image, file); err != nil {
		return err
	}
	ref, err := name.ParseReference(address+"/"+i.repository(), name.Insecure)
	if err != nil {
		return fmt.Errorf("naming image %q: %w", i.Name, err)
	}
	// A proxy of the environment knows no way into the cluster's network.
	direct := http.DefaultTransport.(*http.Transport).Clone()
	direct.Proxy = nil
	err = remote.Write(ref, image, remote.WithContext(ctx), remote.WithTransport(direct),
		remote.WithAuth(&authn.Basic{Username: User, Password: Password}))
	if err != nil {
		return fmt.Errorf("pushing image %q: %w", i.Name, err)
	}
	return nil
}

// Large tells whether pulling the image takes long enough to begin early.
func (i Image) Large() bool {
	var sum int64
	for _, l := range i.layers {
		size, _ := l.Size()
		sum += size
	}
	return sum > 100<<20
}

// repository is the path that containerd asks the mirror for: without a host,
// and with Docker's own library/ for a bare name.
func (i Image) repository() string {
	host, rest, found := strings.Cut(i.Name, "/")
	if !found {
		return "library/" + i.Name
	}
	if strings.ContainsAny(host, ".:") {
		return rest
	}
	return i.Name
}
