// Command release makes the files of a release: make release VERSION=v0.1.0. It pushes
// nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/release"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

func main() {
	if err := writeFiles(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func writeFiles() error {
	version := flag.String("version", "", "version of the release, for example v0.1.0")
	image := flag.String("image", "stormhooks/stormhooks", "name under which the image will be pushed, without a tag")
	out := flag.String("out", "", "folder for the files (default: bin/release/VERSION of the checkout)")
	flag.Parse()
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	if *out == "" {
		*out = filepath.Join(checkout, "bin", "release", *version)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	progress := run.NewProgress(os.Stdout)
	err = release.Make(ctx, release.Options{Version: *version, Image: *image, Checkout: checkout, Out: *out, Say: progress.Say})
	if err != nil {
		return err
	}
	progress.Say("The release is in %s. Nothing has been pushed.", *out)
	return nil
}
