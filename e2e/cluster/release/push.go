package release

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Push sends the image of a release to a registry, as skopeo copy --all would: the index
// with its digest, under the given name and the tag of the version.
func Push(ctx context.Context, archive, repository string, auth authn.Authenticator) error {
	folder, err := os.MkdirTemp("", "layout-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := unpack(archive, folder); err != nil {
		return err
	}
	found, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return err
	}
	manifest, err := found.IndexManifest()
	if err != nil {
		return err
	}
	if len(manifest.Manifests) != 1 {
		return fmt.Errorf("%s has %d images, want 1", archive, len(manifest.Manifests))
	}
	index, err := found.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		return err
	}
	tag := manifest.Manifests[0].Annotations["org.opencontainers.image.ref.name"]
	ref, err := name.ParseReference(repository+":"+tag, name.Insecure)
	if err != nil {
		return err
	}
	direct := http.DefaultTransport.(*http.Transport).Clone()
	direct.Proxy = nil
	return remote.WriteIndex(ref, index, remote.WithContext(ctx), remote.WithTransport(direct), remote.WithAuth(auth))
}

// unpack writes the files of a tar file below a folder.
func unpack(archive, folder string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	for from := tar.NewReader(file); ; {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(folder, header.Name)
		if !strings.HasPrefix(path, folder+string(filepath.Separator)) {
			return fmt.Errorf("%s has the file %q outside of its folder", archive, header.Name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeFile(path, func(out io.Writer) error { _, err := io.Copy(out, from); return err }); err != nil {
			return err
		}
	}
}
