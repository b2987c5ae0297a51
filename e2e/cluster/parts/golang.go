package parts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Kubernetes is the version that build/go.mod pins; programs do not know theirs
// unless the linker tells them.
const Kubernetes = "v1.37.2"

// built are the programs that are built. Each is named after the last part of its package.
var built = []string{
	"k8s.io/kubernetes/cmd/kube-apiserver", "k8s.io/kubernetes/cmd/kube-controller-manager",
	"k8s.io/kubernetes/cmd/kube-scheduler", "k8s.io/kubernetes/cmd/kubelet",
	"k8s.io/kubernetes/cmd/kube-proxy", "k8s.io/kubernetes/cmd/kubectl",
	"github.com/containerd/containerd/v2/cmd/containerd",
	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
	"github.com/containerd/containerd/v2/cmd/ctr",
	"./coredns", "./etcd",
}

// flags leave out what the cluster does not use of containerd, and the inlining of Kubernetes'
// own packages, which saves a sixth of their compilation.
func flags() []string {
	version := "k8s.io/component-base/version"
	numbers := strings.SplitN(strings.TrimPrefix(Kubernetes, "v"), ".", 3)
	return []string{
		"-tags", "no_btrfs,no_devmapper,no_tracing,no_zfs,nri_no_wasm",
		"-gcflags=k8s.io/kubernetes/...=-l -dwarf=false",
		"-gcflags=k8s.io/apiserver/...=-l -dwarf=false",
		"-ldflags", "-s -w -X " + version + ".gitVersion=" + Kubernetes +
			" -X " + version + ".gitMajor=" + numbers[0] + " -X " + version + ".gitMinor=" + numbers[1],
	}
}

// Missing tells whether anything has to be built from Go modules, which is what
// takes long.
func Missing(checkout string) bool {
	was, err := os.ReadFile(stamp())
	return err != nil || string(was) != key(checkout)
}

// Build builds what is not in the cache yet: all by one command, which compiles what they
// share once, and one program while it links another.
func Build(ctx context.Context, checkout string, p *run.Progress) error {
	if !Missing(checkout) {
		return nil
	}
	if err := os.MkdirAll(place.In("bin"), 0o755); err != nil {
		return err
	}
	return p.Do("Kubernetes "+Kubernetes+", etcd, containerd and CoreDNS are built", func() error {
		argv := append([]string{"go", "build", "-o", place.In("bin") + "/"}, append(flags(), built...)...)
		if err := (run.Command{Dir: folder(checkout), Argv: argv}).Run(ctx); err != nil {
			return err
		}
		return os.WriteFile(stamp(), []byte(key(checkout)), 0o644)
	})
}

func folder(checkout string) string {
	return filepath.Join(checkout, "e2e", "cluster", "build")
}

func stamp() string {
	return place.In("bin", ".built")
}

// key names what the programs are made of.
func key(checkout string) string {
	sum := sha256.New()
	for _, file := range []string{"go.mod", "go.sum", "coredns/main.go", "etcd/main.go"} {
		text, _ := os.ReadFile(filepath.Join(folder(checkout), file))
		sum.Write(text)
	}
	sum.Write([]byte(strings.Join(append(flags(), built...), " ")))
	if goVersion, err := (run.Command{Argv: []string{"go", "env", "GOVERSION"}}).Output(context.Background()); err == nil {
		sum.Write([]byte(goVersion))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
