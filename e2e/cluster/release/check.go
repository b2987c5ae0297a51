package release

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

var versionForm = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

// check refuses what would be released with another version, or from files that are not
// in the commit.
func (r *release) check(ctx context.Context) error {
	if !versionForm.MatchString(r.Version) {
		return fmt.Errorf("VERSION is %q; it must be like v0.1.0", r.Version)
	}
	if strings.ContainsAny(r.Image, "@ ") || strings.Contains(r.Image[strings.LastIndexByte(r.Image, '/')+1:], ":") || r.Image == "" {
		return fmt.Errorf("IMAGE is %q; it must be a name without a tag, for example registry.example.com/stormhooks", r.Image)
	}
	status, err := run.Command{Dir: r.Checkout, Argv: []string{"git", "status", "--porcelain"}}.Output(ctx)
	if err != nil {
		return err
	}
	if status = strings.TrimSpace(status); status != "" {
		return fmt.Errorf("the checkout has changes that are not committed:\n%s", status)
	}
	bare := strings.TrimPrefix(r.Version, "v")
	for _, place := range []struct{ file, want, fix string }{
		{"manifests/charts/stormhooks/Chart.yaml", "\nversion: " + bare + "\n", "set version to " + bare},
		{"manifests/charts/stormhooks/Chart.yaml", "\nappVersion: " + r.Version + "\n", "set appVersion to " + r.Version},
		{"manifests/install/kustomization.yaml", "  newTag: " + r.Version + "\n", "set newTag to " + r.Version},
		{"CHANGELOG.md", "\n## [" + bare + "]", "add a section ## [" + bare + "] - DATE, and move the entries of Unreleased into it"},
		{"README.md", "\n" + r.Version + " ", "name " + r.Version + " in its second paragraph"},
	} {
		text, err := os.ReadFile(filepath.Join(r.Checkout, place.file))
		if err != nil {
			return err
		}
		if !strings.Contains(string(text), place.want) {
			return fmt.Errorf("%s does not have the version %s: %s", place.file, r.Version, place.fix)
		}
	}
	return nil
}
