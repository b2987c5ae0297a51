package recording

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Step is one command of a session. Say is a comment above it, or empty.
type Step struct {
	Say     string `json:"say,omitempty"`
	Command string `json:"command"`
}

// Taken is a step that was run: what it printed, and the seconds that it took.
type Taken struct {
	Step
	Output  string  `json:"output"`
	Seconds float64 `json:"seconds"`
}

// Session is "apply, break, read, fix", in the folder manifests/examples.
var Session = []Step{
	{"Apply a topology, and wait until its workers are up.", "kubectl apply -f first.yaml"},
	{"", "kubectl wait --for=condition=Ready stopo/hello-storm --timeout=10m"},
	{"", "kubectl get stopo"},
	{"Break it: a JAR that the image does not have.", "sed 's/-2.8.1.jar/-2.9.0.jar/' first.yaml | kubectl apply -f -"},
	{"", "kubectl wait --for=jsonpath={.status.phase}=UpdateFailed stopo/hello-storm --timeout=10m"},
	{"Read what is wrong. The topology is still ACTIVE in Storm.", "kubectl get stopo"},
	{"", "kubectl get stopo hello-storm -o jsonpath={.status.message}"},
	{"Fix it.", "kubectl apply -f first.yaml"},
	{"", "kubectl wait --for=condition=Ready stopo/hello-storm --timeout=10m"},
	{"", "kubectl get stopo"},
}

// Name is that of its files in docs/pictures, and Title what the picture shows.
const (
	Name  = "apply-break-fix"
	Title = "A terminal: a topology is applied, broken, explained and fixed"
)

// namespace is where the session runs. It is deleted at the end.
const namespace = "recording"

// Record runs the session on the cluster of this machine, in a namespace of its own that
// has a StormCluster test-cluster, and deletes that namespace. A command that fails ends
// the recording with its error.
func Record(ctx context.Context, checkout string, session []Step) (taken []Taken, err error) {
	folder, err := os.MkdirTemp("", "recording")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	kubeconfig := filepath.Join(folder, "kubeconfig")
	if err := inNamespace(kubeconfig); err != nil {
		return nil, err
	}
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: kubeconfig}
	if _, err := k.Run(ctx, "create", "namespace", namespace); err != nil {
		return nil, err
	}
	defer func() {
		// Its topology is killed with it, also if a person stopped the recording.
		if _, left := k.Run(context.WithoutCancel(ctx), "delete", "namespace", namespace, "--timeout=10m"); err == nil {
			err = left
		}
	}()
	if err := leadToStorm(ctx, k); err != nil {
		return nil, err
	}
	env := append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+place.In("bin")+":"+os.Getenv("PATH"))
	for _, step := range session {
		did, err := take(ctx, step, filepath.Join(checkout, "manifests", "examples"), env)
		if err != nil {
			return nil, err
		}
		taken = append(taken, did)
	}
	return taken, nil
}

// take runs one step in a folder, and prints it as it goes.
func take(ctx context.Context, step Step, folder string, env []string) (Taken, error) {
	began := time.Now()
	out, err := run.Command{Dir: folder, Env: env, Argv: []string{"sh", "-c", step.Command}}.Output(ctx)
	if err != nil {
		return Taken{}, fmt.Errorf("%s: %w", step.Command, err)
	}
	out = strings.TrimRight(out, "\n")
	fmt.Printf("$ %s\n%s\n", step.Command, out)
	return Taken{step, out, time.Since(began).Round(100 * time.Millisecond).Seconds()}, nil
}

// leadToStorm creates a StormCluster that names the Storm of the cluster, and waits for it.
func leadToStorm(ctx context.Context, k kube.Kubectl) error {
	spec, err := k.Run(ctx, "get", "stormcluster", "test-cluster", "-n", "storm-system", "-o", "jsonpath={.spec}")
	if err != nil {
		return err
	}
	manifest := fmt.Sprintf("apiVersion: storm.apache.org/v1beta1\nkind: StormCluster\nmetadata: {name: test-cluster}\nspec: %s\n", spec)
	if _, err := k.With(ctx, manifest, "apply", "-f", "-"); err != nil {
		return err
	}
	_, err = k.Run(ctx, "wait", "--for=condition=Ready", "stormcluster/test-cluster", "--timeout=5m")
	return err
}

// inNamespace writes the cluster's kubeconfig with the namespace, so that the commands of
// the session need not name it.
func inNamespace(path string) error {
	text, err := os.ReadFile(place.Kubeconfig())
	if err != nil {
		return fmt.Errorf("no cluster of this machine is up: %w", err)
	}
	with := strings.Replace(string(text), "    user: admin\n", "    user: admin\n    namespace: "+namespace+"\n", 1)
	return os.WriteFile(path, []byte(with), 0o600)
}
