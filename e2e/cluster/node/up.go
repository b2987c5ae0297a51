package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Up starts a new cluster, in place of whatever is left of an old one, with
// images in its registry. It returns when the API server answers; WaitReady
// waits for the node.
func Up(ctx context.Context, all []images.Image) error {
	if err := Down(ctx); err != nil {
		return err
	}
	if err := claim(); err != nil {
		return err
	}
	f, err := newFacts()
	if err != nil {
		return err
	}
	if err := f.configure(); err != nil {
		return err
	}
	if err := rotateLogs(); err != nil {
		return err
	}
	if err := lay(ctx); err != nil {
		return err
	}
	if err := makeCgroup(); err != nil {
		return err
	}
	if err := startAll(early()); err != nil {
		return err
	}
	if err := fill(ctx, all); err != nil {
		return err
	}
	if err := until(ctx, "the API server's certificate", func() error { return f.kubeconfig() }); err != nil {
		return err
	}
	if err := until(ctx, "the API server", func() error { return ready(ctx) }); err != nil {
		return err
	}
	if err := startAll(late()); err != nil {
		return err
	}
	_, err = Kube().Run(ctx, "apply", "-f", place.State("storageclass.yaml"))
	return err
}

// Running tells whether the cluster is up and all of its programs are.
func Running(ctx context.Context) bool {
	processes := run.Recorded(place.State("pid"))
	for _, process := range processes {
		if !process.Alive() {
			return false
		}
	}
	return len(processes) == len(early())+len(late()) && ready(ctx) == nil
}

// WaitReady returns when pods can run.
func WaitReady(ctx context.Context) error {
	if err := until(ctx, "the node", func() error { _, err := Kube().Run(ctx, "get", "node", IP); return err }); err != nil {
		return err
	}
	_, err := Kube().Run(ctx, "wait", "node", IP, "--for=condition=Ready", "--timeout=120s")
	return err
}

// Kube is kubectl on this cluster.
func Kube() kube.Kubectl {
	return kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: place.Kubeconfig()}
}

type daemon struct {
	name string
	argv []string
}

// early needs no API server, or waits for it by itself.
func early() []daemon {
	etcd := "http://127.0.0.1:2379"
	return []daemon{
		{"registry", []string{self(), "registry", Registry, images.BlobFolder()}},
		{"containerd", []string{place.Bin("containerd"), "-c", place.State("containerd.toml")}},
		{"etcd", []string{
			place.Bin("etcd"), "--data-dir", place.State("etcd"),
			"--listen-client-urls", etcd, "--advertise-client-urls", etcd,
			"--listen-peer-urls", "http://127.0.0.1:2380", "--unsafe-no-fsync=true",
		}},
		{"kube-apiserver", []string{
			place.Bin("kube-apiserver"), "--etcd-servers", etcd, "--cert-dir", place.State("pki", "apiserver"),
			"--bind-address", IP, "--advertise-address", IP, "--secure-port", "6443",
			"--service-cluster-ip-range", services, "--service-account-issuer", "https://kubernetes.default.svc",
			"--service-account-key-file", place.State("pki", "sa.pub"),
			"--service-account-signing-key-file", place.State("pki", "sa.key"),
			"--token-auth-file", place.State("pki", "tokens.csv"),
			"--authorization-mode", "RBAC", "--allow-privileged",
		}},
	}
}

// late reads the kubeconfig.
func late() []daemon {
	kubeconfig := place.Kubeconfig()
	return []daemon{
		{"kube-controller-manager", []string{
			place.Bin("kube-controller-manager"), "--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0",
			"--service-account-private-key-file", place.State("pki", "sa.key"), "--root-ca-file", apiServerCertificate(),
			"--use-service-account-credentials=false", "--controllers=*,-nodeipam",
		}},
		{"kube-scheduler", []string{place.Bin("kube-scheduler"), "--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0"}},
		{"kubelet", []string{
			place.Bin("kubelet"), "--kubeconfig", kubeconfig, "--config", place.State("kubelet.yaml"),
			"--root-dir", place.State("kubelet"), "--cert-dir", place.State("pki", "kubelet"),
			"--hostname-override", IP, "--node-ip", IP,
		}},
		{"kube-proxy", []string{place.Bin("kube-proxy"), "--config", place.State("kube-proxy.yaml")}},
		{"coredns", []string{place.Bin("coredns"), "-conf", place.State("Corefile")}},
		{"volumes", []string{self(), "volumes", kubeconfig, StorageClass, place.State("volumes")}},
	}
}

func startAll(daemons []daemon) error {
	env := append(os.Environ(), "PATH="+place.In("bin")+":"+os.Getenv("PATH"))
	for _, d := range daemons {
		if err := run.Start(place.State("pid"), place.Logs(d.name+".log"), d.name, env, inside(d.argv...)); err != nil {
			return err
		}
	}
	return nil
}

// self is this harness, which is the registry and the provisioner as well. A
// test that starts one of them again is another program.
func self() string {
	if program, err := os.Executable(); err == nil && filepath.Base(program) == "cluster" {
		return program
	}
	return place.In("programs", "cluster")
}

func ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := Kube().Run(ctx, "get", "--raw", "/readyz")
	return err
}

// until asks repeatedly, for what cannot be watched yet.
func until(ctx context.Context, what string, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		for _, process := range run.Recorded(place.State("pid")) {
			if !process.Alive() {
				return fmt.Errorf("%s ended. Its log: %s", process.Name, place.Logs(process.Name+".log"))
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not come up in time: %w. The logs: %s", what, err, place.Logs())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// rotateLogs keeps the logs of the cluster before this one.
func rotateLogs() error {
	old := place.Logs("before")
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	entries, err := os.ReadDir(place.Logs())
	if err != nil || len(entries) == 0 {
		return err
	}
	if err := os.MkdirAll(old, 0o755); err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.Rename(place.Logs(entry.Name()), place.Logs("before", entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
