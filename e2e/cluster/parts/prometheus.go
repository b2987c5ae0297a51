package parts

import (
	"context"
	"os"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Prometheus is Debian's, unpacked into the cache: installed, it would start a
// daemon of its own. The folder is the one that e2e/packages takes promtool from.
func Prometheus(ctx context.Context) (string, error) {
	program := place.In("prometheus", "usr", "bin", "prometheus")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	temporary, err := os.MkdirTemp("", "prometheus-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	if err := os.MkdirAll(place.In("prometheus"), 0o755); err != nil {
		return "", err
	}
	const fetch = `apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; dpkg-deb -x prometheus_*.deb "$1"`
	return program, (run.Command{Dir: temporary, Argv: []string{"sh", "-c", fetch, "sh", place.In("prometheus")}}).Run(ctx)
}
