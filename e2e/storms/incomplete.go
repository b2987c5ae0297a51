package storms

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// needed are JARs beside Storm's client without which nothing is submitted.
var needed = []string{"slf4j-api-", "storm-shaded-deps-"}

// isToldOfMissingJars: a pod whose image lacks a JAR of Storm says so, and does not blame main.
func (t *trial) isToldOfMissingJars(ctx context.Context, dir string) error {
	whole := t.client
	defer func() { t.client = whole }()
	for _, jar := range needed {
		var err error
		if t.client, err = whole.without(jar, filepath.Join(dir, jar)); err != nil {
			return err
		}
		_ = t.submission(ctx, "good")
		message, err := os.ReadFile(t.terminationLog())
		if err != nil {
			return err
		}
		if said := string(message); !strings.Contains(said, v1beta1.SubmissionFailed) || !strings.Contains(said, "The Storm of the StormCluster's image is not complete: it lacks org.") {
			return fmt.Errorf("without %s*.jar the pod said %s", jar, said)
		}
	}
	return nil
}

// without is a home whose client lacks the JARs that begin so.
func (h home) without(begin, path string) (home, error) {
	for _, folder := range []string{"conf", "lib-common", "lib-worker"} {
		if err := os.MkdirAll(filepath.Join(path, folder), 0o755); err != nil {
			return home{}, err
		}
		files, err := filepath.Glob(filepath.Join(h.path, folder, "*"))
		if err != nil {
			return home{}, err
		}
		for _, file := range files {
			name := filepath.Base(file)
			if strings.HasPrefix(name, begin) {
				continue
			}
			if err := os.Symlink(file, filepath.Join(path, folder, name)); err != nil {
				return home{}, err
			}
		}
	}
	h.path = path
	return h, nil
}
