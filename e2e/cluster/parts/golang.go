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

// Kubernetes is the version that build/kube pins; programs do not know theirs
// unless the linker tells them.
const Kubernetes = "v1.37.2"

// part is a module of tools and the programs that are built from it.
type part struct {
	what    string
	module  string // folder under e2e/cluster/build
	ldflags string
	tags    string // parts that are left out
	// programs maps the output, a folder or a program in the cache's bin, to packages
	programs map[string][]string
}

var built = []part{
	{
		what: "Kubernetes " + Kubernetes, module: "kube", ldflags: versionFlags(),
		programs: map[string][]string{"": {
			"k8s.io/kubernetes/cmd/kube-apiserver", "k8s.io/kubernetes/cmd/kube-controller-manager",
			"k8s.io/kubernetes/cmd/kube-scheduler", "k8s.io/kubernetes/cmd/kubelet",
			"k8s.io/kubernetes/cmd/kube-proxy", "k8s.io/kubernetes/cmd/kubectl",
		}},
	},
	{what: "etcd", module: "kube", programs: map[string][]string{"etcd": {"go.etcd.io/etcd/server/v3"}}},
	{
		what: "containerd", module: "containerd", tags: "no_btrfs,no_devmapper,no_tracing,no_zfs",
		programs: map[string][]string{"": {
			"github.com/containerd/containerd/v2/cmd/containerd",
			"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
			"github.com/containerd/containerd/v2/cmd/ctr",
		}},
	},
	{what: "CoreDNS", module: "coredns", programs: map[string][]string{"coredns": {"."}}},
}

func versionFlags() string {
	version := "k8s.io/component-base/version"
	numbers := strings.SplitN(strings.TrimPrefix(Kubernetes, "v"), ".", 3)
	return "-X " + version + ".gitVersion=" + Kubernetes + " -X " + version + ".gitMajor=" + numbers[0] + " -X " + version + ".gitMinor=" + numbers[1]
}

// Missing tells whether anything has to be built from Go modules, which is what
// takes long.
func Missing(checkout string) bool {
	for _, p := range built {
		if !p.fresh(checkout) {
			return true
		}
	}
	return false
}

// Build builds what is not in the cache yet.
func Build(ctx context.Context, checkout string, p *run.Progress) error {
	if err := os.MkdirAll(place.In("bin"), 0o755); err != nil {
		return err
	}
	for _, part := range built {
		if part.fresh(checkout) {
			continue
		}
		if err := p.Do(part.what+" is built", func() error { return part.build(ctx, checkout) }); err != nil {
			return err
		}
	}
	return nil
}

func (p part) build(ctx context.Context, checkout string) error {
	for out, packages := range p.programs {
		argv := append([]string{"go", "build", "-o", place.In("bin") + "/" + out, "-tags", p.tags, "-ldflags", "-s -w " + p.ldflags}, packages...)
		if err := (run.Command{Dir: p.folder(checkout), Argv: argv}).Run(ctx); err != nil {
			return err
		}
	}
	return os.WriteFile(p.stamp(), []byte(p.key(checkout)), 0o644)
}

func (p part) folder(checkout string) string {
	return filepath.Join(checkout, "e2e", "cluster", "build", p.module)
}

func (p part) stamp() string {
	return place.In("bin", "."+strings.Fields(p.what)[0])
}

func (p part) fresh(checkout string) bool {
	was, err := os.ReadFile(p.stamp())
	return err == nil && string(was) == p.key(checkout)
}

// key names what the programs are made of.
func (p part) key(checkout string) string {
	sum := sha256.New()
	for _, file := range []string{"go.mod", "go.sum", "tools.go", "main.go"} {
		text, _ := os.ReadFile(filepath.Join(p.folder(checkout), file))
		sum.Write(text)
	}
	sum.Write([]byte(p.ldflags + " " + p.tags))
	if goVersion, err := (run.Command{Argv: []string{"go", "env", "GOVERSION"}}).Output(context.Background()); err == nil {
		sum.Write([]byte(goVersion))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
