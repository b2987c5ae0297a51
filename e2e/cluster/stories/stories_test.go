package stories

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// world is what the stories share.
type world struct {
	checkout string
	shared   sharedStorm
	objects  *objects
	diary    *diary

	mutex      sync.Mutex
	registries map[string]*ownRegistry
	samplers   map[string]*sampler // by the topology's name
	gaps       map[string][]time.Duration
	doors      sync.Map // what each story's closed door requires
	secured    sync.Map // by its host, what each Nimbus with TLS requires
}

func TestStories(t *testing.T) {
	which := os.Getenv("STORMHOOKS_STORIES")
	if which == "" {
		t.Skip("STORMHOOKS_STORIES names no story. They need the real cluster: make e2e, make e2e STORY=guide-copy")
	}
	files, err := choose(which)
	if err != nil {
		t.Fatal(err)
	}
	if !node.Running(t.Context()) {
		t.Fatal("no cluster is up. Start one: make cluster-up")
	}
	w, err := newWorld()
	if err != nil {
		t.Fatal(err)
	}
	if err := images.PushOfStories(t.Context(), node.Registry); err != nil {
		t.Fatal(err)
	}
	if err := w.givenStorm(t.Context(), t); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: files, Setup: w.setup, Cmds: w.commands(), RequireUniqueNames: true})
}

func newWorld() (*world, error) {
	checkout, err := place.Checkout()
	if err != nil {
		return nil, err
	}
	objects, err := newObjects(place.Kubeconfig())
	if err != nil {
		return nil, err
	}
	// Nimbus is asked under the names that it has in the cluster.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, node.DNS)
	}}
	w := &world{checkout: checkout, shared: ofTheCluster, objects: objects, diary: newDiary(), registries: map[string]*ownRegistry{}, samplers: map[string]*sampler{}, gaps: map[string][]time.Duration{}}
	go w.diary.keep(objects)
	return w, nil
}

// choose finds the files of "all", "core", or a list of names.
func choose(which string) ([]string, error) {
	all, err := filepath.Glob("*.txt")
	if err != nil || which == "all" {
		return all, err
	}
	var chosen []string
	for _, name := range strings.FieldsFunc(which, func(r rune) bool { return r == ',' || r == ' ' }) {
		found := false
		for _, file := range all {
			if name == strings.TrimSuffix(file, ".txt") || name == "core" && isCore(file) {
				chosen, found = append(chosen, file), true
			}
		}
		if !found {
			return nil, fmt.Errorf("unknown story %q. The stories are: %s", name, strings.ReplaceAll(strings.Join(all, " "), ".txt", ""))
		}
	}
	return chosen, nil
}

func isCore(file string) bool {
	text, err := os.ReadFile(file)
	return err == nil && strings.HasPrefix(string(text), "# core\n")
}

// setup makes the story's namespace, with a StormCluster that leads to the Storm
// that all share.
func (w *world) setup(env *testscript.Env) error {
	story := strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")
	random := make([]byte, 3)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	namespace := story + "-" + hex.EncodeToString(random)
	kubeconfig := filepath.Join(env.WorkDir, ".kubeconfig")
	if err := ownKubeconfig(kubeconfig, namespace); err != nil {
		return err
	}
	for key, value := range map[string]string{
		"NS": namespace, "KUBECONFIG": kubeconfig, "NIMBUS": w.shared.nimbus(), "STORM": w.shared.namespace,
		"HOME": env.WorkDir, "STORY": story,
	} {
		env.Setenv(key, value)
	}
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: kubeconfig}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := k.Run(ctx, "create", "namespace", namespace); err != nil {
		return err
	}
	env.Defer(func() { w.leave(env, k, namespace) })
	_, err := k.With(ctx, w.clusterManifest("test-cluster", env.Getenv("NIMBUS")), "apply", "-f", "-")
	return err
}

// clusterManifest is a StormCluster that leads to Nimbuses of the shared Storm's version.
func (w *world) clusterManifest(name, seeds string) string {
	return fmt.Sprintf(`apiVersion: storm.apache.org/v1beta1
kind: StormCluster
metadata:
  name: %s
spec:
  nimbus:
    seeds: [%s]
  image: %s
  pollSeconds: 5
`, name, seeds, w.shared.image)
}

// ownKubeconfig is the cluster's, with the story's namespace.
func ownKubeconfig(path, namespace string) error {
	text, err := os.ReadFile(place.Kubeconfig())
	if err != nil {
		return err
	}
	with := strings.Replace(string(text), "    user: admin\n", "    user: admin\n    namespace: "+namespace+"\n", 1)
	return os.WriteFile(path, []byte(with), 0o600)
}

// policies are the kinds of policies that stories apply.
const policies = "validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"

// leave deletes the namespace. What a story leaves in Storm is removed
// with it: a Storm full of old topologies has no slots for the next.
func (w *world) leave(env *testscript.Env, k kube.Kubectl, namespace string) {
	if failed, ok := env.T().(interface{ Failed() bool }); ok && failed.Failed() {
		w.dump(env, k, namespace)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	if err := w.killAll(ctx, env.Getenv("NIMBUS"), namespace); err != nil {
		env.T().Log(fmt.Sprintf("topologies of %s may be left in Storm: %v", namespace, err))
	}
	// Policies are of the whole cluster. Those of a story name it.
	if _, err := k.Run(ctx, "delete", policies, "-l", "story="+namespace); err != nil {
		env.T().Log(fmt.Sprintf("policies of %s may be left: %v", namespace, err))
	}
	// Neighbours make a second one, -b.
	if _, err := k.Run(ctx, "delete", "namespace", namespace, namespace+"-b", "--ignore-not-found", "--timeout=180s"); err != nil {
		env.T().Log(fmt.Sprintf("namespace %s does not go: %v", namespace, err))
	}
}
