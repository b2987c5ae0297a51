package release

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// The platforms: of the image, and of kubectl-storm.
var (
	imagePlatforms  = []string{"linux/amd64", "linux/arm64"}
	clientPlatforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}
)

// build compiles a program with the flags of the Dockerfile, writes its SBOM into the
// release, and returns its path.
func (r *release) build(ctx context.Context, work, module, pkg, name, platform string) (string, error) {
	system, processor, _ := strings.Cut(platform, "/")
	out := filepath.Join(work, system+"-"+processor, name)
	if system == "windows" {
		out += ".exe"
	}
	build := run.Command{
		Dir:  filepath.Join(r.Checkout, module),
		Env:  append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+system, "GOARCH="+processor),
		Argv: []string{"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=" + r.Version, "-o", out, pkg},
	}
	if err := build.Run(ctx); err != nil {
		return "", err
	}
	sbom, err := run.Command{
		Dir: filepath.Join(r.Checkout, ".ci/tools"), Argv: []string{"go", "run", "./supply", "sbom", out},
	}.Output(ctx)
	if err != nil {
		return "", err
	}
	file := strings.Join([]string{name, r.Version, system, processor}, "_") + ".cdx.json"
	return out, os.WriteFile(filepath.Join(r.Out, file), []byte(sbom), 0o644)
}
