package release

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
)

// image writes an OCI layout, as a tar file, with an index of the image for each
// platform. `skopeo copy --all oci-archive:FILE docker://NAME` pushes it.
func (r *release) image(ctx context.Context, work string) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range imagePlatforms {
		program, err := r.build(ctx, work, ".", "./hooks/stormhooks", "stormhooks", platform)
		if err != nil {
			return err
		}
		image, err := r.platformImage(program, platform)
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		system, processor, _ := strings.Cut(platform, "/")
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: system, Architecture: processor}},
		})
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	r.digest = digest.String()
	folder := filepath.Join(work, "layout")
	written, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	name := map[string]string{"org.opencontainers.image.ref.name": r.Version}
	if err := written.AppendIndex(index, layout.WithAnnotations(name)); err != nil {
		return err
	}
	return tarOf(folder, filepath.Join(r.Out, "stormhooks_"+r.Version+"_image.tar"), "")
}

// platformImage is the last stage of the Dockerfile, with a program in it.
func (r *release) platformImage(program, platform string) (v1.Image, error) {
	config, path, err := images.FromDockerfile(filepath.Join(r.Checkout, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		var text bytes.Buffer
		err := writeTar(&text, []entry{{name: path, file: program, mode: 0o755}})
		return io.NopCloser(&text), err
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.AppendLayers(image, layer); err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, _ = strings.Cut(platform, "/")
	config.Labels = map[string]string{
		"org.opencontainers.image.source":   "https://github.com/stormhooks/stormhooks",
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.version":  r.Version,
	}
	file.Config = config
	return mutate.ConfigFile(image, file)
}
