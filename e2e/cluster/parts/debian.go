package parts

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// debian maps each Debian package to a file that shows that it is installed.
// nftables and conntrack are kube-proxy's, mmdebstrap makes the Storm image's
// root file system, busybox-static is the busybox image.
var debian = map[string]string{
	"runc":                        "runc",
	"containernetworking-plugins": "/usr/lib/cni/bridge",
	"busybox-static":              "busybox",
	"nftables":                    "nft",
	"conntrack":                   "conntrack",
	"iproute2":                    "ip",
	"util-linux":                  "nsenter",
	"mmdebstrap":                  "mmdebstrap",
}

// Debian installs the packages that are missing.
func Debian(ctx context.Context, p *run.Progress) error {
	var missing []string
	for name, file := range debian {
		if !installed(file) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return p.Do("Debian packages: "+strings.Join(missing, " "), func() error {
		env := append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		install := run.Command{Env: env, Argv: append([]string{"apt-get", "install", "-y", "-qq", "--no-install-recommends"}, missing...)}
		if install.Run(ctx) == nil {
			return nil
		}
		// A new machine has no package lists yet.
		if err := (run.Command{Env: env, Argv: []string{"apt-get", "update", "-qq"}}).Run(ctx); err != nil {
			return fmt.Errorf("the package lists cannot be read: %w", err)
		}
		return install.Run(ctx)
	})
}

func installed(file string) bool {
	if strings.HasPrefix(file, "/") {
		_, err := os.Stat(file)
		return err == nil
	}
	_, err := exec.LookPath(file)
	return err == nil
}
