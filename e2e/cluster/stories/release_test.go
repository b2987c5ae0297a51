package stories

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/release"
)

const (
	releaseVersion = "v0.1.0"
	releaseImage   = "registry.example.com/released/stormhooks"
)

// release make FOLDER, release install FOLDER
func (w *world) release(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: release make|install FOLDER")
	}
	folder := ts.MkAbs(args[1])
	switch args[0] {
	case "make":
		ctx, cancel := context.WithTimeout(context.Background(), 40*time.Minute)
		defer cancel()
		clone := ts.MkAbs(".clone-" + args[1])
		ts.Check(ts.Exec("git", "clone", "-q", w.checkout, clone))
		changelog := filepath.Join(clone, "CHANGELOG.md")
		text := ts.ReadFile(changelog)
		ts.Check(os.WriteFile(changelog, []byte(strings.Replace(text, "## [Unreleased]\n", "## [Unreleased]\n\n## [0.1.0] - 2026-12-01\n", 1)), 0o600))
		ts.Check(ts.Exec("git", "-C", clone, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qam", "the changelog of a release"))
		ts.Check(release.Make(ctx, release.Options{Version: releaseVersion, Image: releaseImage, Checkout: clone, Out: folder}))
	case "install":
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		archive := filepath.Join(folder, "stormhooks_"+releaseVersion+"_image.tar")
		// The registry stands in for all: it knows an image without its host.
		_, path, _ := strings.Cut(releaseImage, "/")
		ts.Check(release.Push(ctx, archive, node.Registry+"/"+path, &authn.Basic{Username: images.User, Password: images.Password}))
		w.installed(ts, func(ctx context.Context, k kube.Kubectl, _ string) error {
			_, err := k.Run(ctx, "apply", "-f", filepath.Join(folder, "install.yaml"))
			return err
		})
		fmt.Fprintln(ts.Stdout(), ask(ts, "get", "deployment", "stormhooks", "-n", "stormhooks-system", "-o", "jsonpath={.spec.template.spec.containers[0].image}"))
	default:
		ts.Fatalf("usage: release make|install FOLDER")
	}
}
