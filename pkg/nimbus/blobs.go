package nimbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// Rights to a blob (storm-client/src/jvm/org/apache/storm/blobstore/BlobStoreAclHandler.java,
// v2.8.1).
const (
	blobRead  = 1
	blobWrite = 2
	blobAdmin = 4
)

// dependencyMeta is that of a dependency, as Storm's client has it (DependencyUploader.java):
// all may read it.
func dependencyMeta() *gen.SettableBlobMeta {
	return &gen.SettableBlobMeta{Acl: []*gen.AccessControl{
		{Type: gen.AccessControlType_USER, Access: blobRead | blobWrite | blobAdmin},
		{Type: gen.AccessControlType_OTHER, Access: blobRead},
	}}
}

// HasBlob says whether the leader has a blob.
func (c *Client) HasBlob(ctx context.Context, key string) (bool, error) {
	return ask(ctx, c.change("getBlobMeta"), func(ctx context.Context, n *gen.NimbusClient) (bool, error) {
		_, err := n.GetBlobMeta(ctx, key)
		if as[*gen.KeyNotFoundException](err) {
			return false, nil
		}
		return err == nil, err
	})
}

// CreateBlob uploads a new blob to the leader. After an error a part of it may be there.
func (c *Client) CreateBlob(ctx context.Context, key string, content io.Reader) error {
	session, err := ask(ctx, c.once("beginCreateBlob").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) (string, error) {
		return n.BeginCreateBlob(ctx, key, dependencyMeta())
	})
	if err != nil {
		return err
	}
	err = eachPiece(content, func(piece []byte) error {
		return tell(ctx, c.piece("uploadBlobChunk").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) error {
			return n.UploadBlobChunk(ctx, session, piece)
		})
	})
	if err == nil {
		err = tell(ctx, c.piece("finishBlobUpload").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) error { return n.FinishBlobUpload(ctx, session) })
	}
	if err != nil {
		_ = tell(ctx, c.piece("cancelBlobUpload"), func(ctx context.Context, n *gen.NimbusClient) error { return n.CancelBlobUpload(ctx, session) })
		return err
	}
	// As Storm's client does at the end of each (NimbusBlobStore.java, v2.8.1).
	return tell(ctx, c.piece("createStateInZookeeper").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) error {
		return n.CreateStateInZookeeper(ctx, key)
	})
}

// DeleteBlob deletes a blob. One that is not there is deleted.
func (c *Client) DeleteBlob(ctx context.Context, key string) error {
	return tell(ctx, c.change("deleteBlob"), func(ctx context.Context, n *gen.NimbusClient) error {
		err := n.DeleteBlob(ctx, key)
		if as[*gen.KeyNotFoundException](err) {
			return nil
		}
		return err
	})
}

// blobsListed limits the pages of keys that are read: Nimbus has a hundred on each.
const blobsListed = 5000

// BlobKeys are all keys of the blob store. Nimbus reads a hundred of them at a time.
func (c *Client) BlobKeys(ctx context.Context) (keys []string, err error) {
	session := ""
	for range blobsListed {
		page, err := ask(ctx, c.read("listBlobs"), func(ctx context.Context, n *gen.NimbusClient) (*gen.ListBlobsResult_, error) {
			return n.ListBlobs(ctx, session)
		})
		if err != nil {
			return nil, err
		}
		if keys = append(keys, page.Keys...); len(page.Keys) == 0 {
			break
		}
		session = page.Session
	}
	return keys, nil
}

// forget deletes the dependencies whose keys have a mark. Must 3: no other owner's key has it.
func (c *Client) forget(ctx context.Context, mark string) error {
	if mark == "" {
		return errors.New("no mark is given, so nothing is deleted")
	}
	keys, err := c.BlobKeys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if strings.HasPrefix(key, "dep-") && strings.Contains(key, mark) {
			if err := c.DeleteBlob(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachPiece reads to the end, a piece at a time.
func eachPiece(from io.Reader, send func(piece []byte) error) error {
	buffer := make([]byte, pieceSize)
	for {
		n, err := io.ReadFull(from, buffer)
		if n > 0 {
			if err := send(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading the JAR: %w", err)
		}
	}
}
