package registry

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Serve answers on address until the process is ended.
func Serve(address, blobFolder string, login Login) error {
	server := &http.Server{
		Addr:              address,
		Handler:           Handler(blobFolder, login, os.Stderr),
		ReadHeaderTimeout: 10 * time.Second,
	}
	return server.ListenAndServe()
}

// Handler is the registry. Images whose name begins with login's Private are
// given to those who know its user and password only.
func Handler(blobFolder string, login Login, says io.Writer) http.Handler {
	return login.around(registry.New(
		registry.Logger(log.New(says, "", log.LstdFlags)),
		registry.WithBlobHandler(blobs{blobFolder}),
	))
}

// blobs are files named by their digest. The library's own handler reads a
// whole blob to answer how large it is.
type blobs struct{ dir string }

func (b blobs) path(h v1.Hash) string { return filepath.Join(b.dir, h.Algorithm, h.Hex) }

func (b blobs) Stat(_ context.Context, _ string, h v1.Hash) (int64, error) {
	info, err := os.Stat(b.path(h))
	if errors.Is(err, os.ErrNotExist) {
		return 0, registry.ErrNotFound
	} else if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (b blobs) Get(_ context.Context, _ string, h v1.Hash) (io.ReadCloser, error) {
	file, err := os.Open(b.path(h))
	if errors.Is(err, os.ErrNotExist) {
		return nil, registry.ErrNotFound
	}
	return file, err
}

// Put is called with a reader that fails where the content has another digest.
func (b blobs) Put(_ context.Context, _ string, h v1.Hash, content io.ReadCloser) error {
	defer content.Close()
	if err := os.MkdirAll(filepath.Dir(b.path(h)), 0o755); err != nil {
		return err
	}
	draft, err := os.CreateTemp(b.dir, "draft-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	defer draft.Close()
	if _, err := io.Copy(draft, content); err != nil {
		return err
	}
	return os.Rename(draft.Name(), b.path(h))
}
