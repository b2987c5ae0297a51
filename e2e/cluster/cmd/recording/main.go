// Command recording records "apply, break, read, fix" on the cluster of this machine, into
// docs/pictures.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/recording"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := record(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context) error {
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	taken, err := recording.Record(ctx, checkout, recording.Session)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(taken, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(checkout, "docs", "pictures", recording.Name)
	if err := os.WriteFile(file+".json", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(file+".svg", recording.Draw(recording.Title, taken), 0o644)
}
