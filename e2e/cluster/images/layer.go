package images

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// layer is an uncompressed tar file among the registry's blobs: packing and
// unpacking it would only cost time, since nothing goes over a wire.
type layer struct {
	hash v1.Hash
	size int64
}

func (l layer) Digest() (v1.Hash, error)             { return l.hash, nil }
func (l layer) DiffID() (v1.Hash, error)             { return l.hash, nil }
func (l layer) Size() (int64, error)                 { return l.size, nil }
func (l layer) MediaType() (types.MediaType, error)  { return types.OCIUncompressedLayer, nil }
func (l layer) Uncompressed() (io.ReadCloser, error) { return l.Compressed() }
func (l layer) Compressed() (io.ReadCloser, error)   { return os.Open(blobPath(l.hash.Hex)) }

// BlobFolder is where layers lie and where the registry serves blobs from.
func BlobFolder() string { return place.In("blobs") }

func blobPath(hex string) string { return filepath.Join(BlobFolder(), "sha256", hex) }

// makeLayer returns the layer of a recipe, from the cache if it was made before.
// recipe is whatever the layer depends on.
func makeLayer(name, recipe string, write func(io.Writer) error) (layer, error) {
	key := sha256.Sum256([]byte(recipe))
	index := place.In("layers", name+"-"+hex.EncodeToString(key[:])[:16])
	if text, err := os.ReadFile(index); err == nil {
		if l, err := openLayer(strings.TrimSpace(string(text))); err == nil {
			now := time.Now()
			_ = os.Chtimes(index, now, now) // Prune wants to know what is used
			return l, nil
		}
	}
	for _, dir := range []string{filepath.Dir(index), filepath.Join(BlobFolder(), "sha256")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return layer{}, err
		}
	}
	draft, err := os.CreateTemp(BlobFolder(), "draft-*")
	if err != nil {
		return layer{}, err
	}
	defer os.Remove(draft.Name())
	defer draft.Close()
	sum := sha256.New()
	if err := write(io.MultiWriter(draft, sum)); err != nil {
		return layer{}, fmt.Errorf("making the layer %s: %w", name, err)
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	if err := os.Rename(draft.Name(), blobPath(digest)); err != nil {
		return layer{}, err
	}
	if err := os.WriteFile(index, []byte(digest+"\n"), 0o644); err != nil {
		return layer{}, err
	}
	return openLayer(digest)
}

func openLayer(digest string) (layer, error) {
	info, err := os.Stat(blobPath(digest))
	if err != nil {
		return layer{}, err
	}
	return layer{hash: v1.Hash{Algorithm: "sha256", Hex: digest}, size: info.Size()}, nil
}

// tree writes files, folders and links into a layer. Times are zero, so that
// equal content is an equal layer.
type tree struct {
	tar *tar.Writer
	err error
}

func newTree(w io.Writer) *tree { return &tree{tar: tar.NewWriter(w)} }

func (t *tree) folder(name string, mode int64, owner int) {
	t.add(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode, Uid: owner, Gid: owner}, nil)
}

func (t *tree) text(name string, mode int64, text string) {
	t.add(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(text))}, strings.NewReader(text))
}

func (t *tree) link(name, target string) {
	t.add(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, nil)
}

// copy adds a file of this machine.
func (t *tree) copy(name string, mode int64, source string) {
	file, err := os.Open(source)
	if err != nil {
		t.fail(err)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.fail(err)
		return
	}
	t.add(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: info.Size()}, file)
}

func (t *tree) add(header *tar.Header, content io.Reader) {
	if t.err != nil {
		return
	}
	if t.fail(t.tar.WriteHeader(header)); t.err != nil || content == nil {
		return
	}
	_, err := io.Copy(t.tar, content)
	t.fail(err)
}

func (t *tree) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *tree) close() error {
	t.fail(t.tar.Close())
	return t.err
}
