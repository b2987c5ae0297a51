package stories

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// stormBlob creates a blob, also where a Nimbus that has just started answers late.
func stormBlob(ctx context.Context, client *nimbus.Client, key string) error {
	for {
		err := client.CreateBlob(ctx, key, strings.NewReader("of the story"))
		if there, asked := client.HasBlob(ctx, key); asked == nil && there {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(stormLookHolding):
		}
	}
}

// stormBlobs waits until as many keys of Storm's blob store contain a text as are given.
func stormBlobs(ts *testscript.TestScript, client *nimbus.Client, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	limit, err := time.ParseDuration(args[2])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	began := time.Now()
	for {
		found, err := blobsWith(client, args[0])
		if err == nil && len(found) == want {
			ts.Logf("  %5.1fs %d blobs with %s", time.Since(began).Seconds(), want, args[0])
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("Storm has %d blobs with %s after %s, not %d (%v):\n%s", len(found), args[0], limit, want, err, strings.Join(found, "\n"))
		case <-time.After(stormLookHolding):
		}
	}
}

func blobsWith(client *nimbus.Client, part string) (found []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	keys, err := client.BlobKeys(ctx)
	for _, key := range keys {
		if strings.Contains(key, part) {
			found = append(found, key)
		}
	}
	return found, err
}
