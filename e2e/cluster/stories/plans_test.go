package stories

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// plannedTopology is a topology whose file changes again and again. Each time the plan is
// compared with what happens.
type plannedTopology struct {
	name       string
	serverSide bool
	// changes are merge patches of the file.
	changes []string
}

var plannedTopologies = []plannedTopology{
	{"settings", false, []string{
		`{spec: {topology: {config: {topology.max.spout.pending: 5}}}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: 6, topology.message.timeout.secs: 40}}}}`,
		`{spec: {topology: {config: {topology.message.timeout.secs: null}}}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: null}}}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: many}}}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: 7}}}}`,
		`{spec: {topology: {workers: 2}}}`,
		`{spec: {topology: {workers: 1, config: {topology.max.spout.pending: 8}}}}`,
		`{spec: {topology: {workers: 0}}}`,
		`{spec: {topology: {workers: 1, config: {my.setting: a}}}}`,
		`{spec: {topology: {config: {my.setting: [a, {b: 1}]}}}}`,
		`{spec: {topology: {config: {topology.worker.childopts: "-Xmx200m"}}}}`,
	}},
	{"activity", false, []string{
		`{spec: {suspend: true}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: 5}}}}`,
		`{spec: {suspend: false}}`,
		`{spec: {suspend: true, topology: {mainClass: com.mycompany.Waits, args: ["$(TOPOLOGY_NAME)", "0"]}}}`,
		`{spec: {suspend: false, topology: {config: {topology.max.spout.pending: 6}}}}`,
		`{metadata: {annotations: {storm.apache.org/paused: "true"}}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: 7}}}}`,
		`{metadata: {annotations: {storm.apache.org/paused: "false"}}}`,
		`{spec: {killWaitSeconds: 2, deletionPolicy: Orphan}}`,
		`{spec: {deletionPolicy: Kill, retry: {limit: 5}}}`,
		`{metadata: {annotations: {storm.apache.org/restartedAt: now}}}`,
		`{metadata: {labels: {team: data}}}`,
		`{spec: {clusterRef: another}}`,
	}},
	{"jar", false, []string{
		`{spec: {topology: {jar: {container: {image: "stories/scratch:2"}}}}}`,
		`{spec: {topology: {jar: {container: {imagePullPolicy: Always}}}}}`,
		`{spec: {topology: {jar: {container: {extractionMode: init-container}}}}}`,
		`{spec: {restartNonce: 1}}`,
		`{spec: {topology: {jar: {container: {extractionMode: image-volume}}}}}`,
		`{spec: {template: {env: [{name: A, value: "1"}]}}}`,
		`{spec: {update: {restartOn: [Template]}}}`,
		`{spec: {template: {env: [{name: A, value: "2"}]}}}`,
		`{spec: {update: {restartOn: null}}}`,
		`{spec: {template: {env: [{name: A, value: "3"}]}}}`,
		`{spec: {topology: {jar: {container: {path: ""}}}}}`,
	}},
	{"green", false, []string{
		`{spec: {update: {strategy: BlueGreen}}}`,
		`{spec: {restartNonce: 1}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: 5}}}}`,
		`{spec: {restartNonce: 2, topology: {config: {topology.max.spout.pending: 6}}}}`,
		`{spec: {suspend: true}}`,
		`{spec: {restartNonce: 3}}`,
		`{spec: {suspend: false}}`,
		`{spec: {update: {strategy: Replace}}}`,
		`{spec: {restartNonce: 4}}`,
	}},
	{"server-side", true, []string{
		`{spec: {topology: {config: {topology.max.spout.pending: 5}}}}`,
		`{spec: {topology: {config: {topology.max.spout.pending: null, topology.message.timeout.secs: 40}}}}`,
		`{spec: {topology: {config: {topology.message.timeout.secs: 50}}}}`,
		`{spec: {topology: {config: null}}}`,
		`{spec: {suspend: true}}`,
		`{spec: {suspend: null}}`,
		`{spec: {topology: {args: ["$(TOPOLOGY_NAME)", "0"], mainClass: com.mycompany.Waits}}}`,
		`{spec: {killWaitSeconds: 2}}`,
		`{spec: {topology: {workers: 2}}}`,
		`{spec: {topology: {workers: null, config: {topology.workers: "2"}}}}`,
	}},
	{"server-side-too", true, []string{
		`{spec: {topology: {components: {idle: {executors: 2, tasks: 4}}}}}`,
		`{spec: {topology: {components: {idle: {executors: 3}}}}}`,
		`{spec: {topology: {components: {idle: {executors: 5}}}}}`,
		`{spec: {topology: {components: {idle: {executors: 4}}}}}`,
		`{spec: {topology: {components: {idle: {tasks: 8}}}}}`,
		`{spec: {template: {env: [{name: A, value: "1"}, {name: B, value: "1"}]}}}`,
		`{spec: {template: {env: [{name: B, value: "1"}]}, update: {restartOn: [Template]}}}`,
		`{spec: {template: {env: [{name: B, value: "2"}]}}}`,
		`{spec: {topology: {jar: {container: {image: "stories/scratch:2"}}}}}`,
		`{spec: {restartNonce: 5, suspend: true}}`,
	}},
}

const plannedBase = `apiVersion: storm.apache.org/v1beta1
kind: StormTopology
metadata: {name: NAME, namespace: NS}
spec:
  clusterRef: test-cluster
  killWaitSeconds: 1
  update: {rebalanceWaitSeconds: 1}
  topology:
    name: NS-NAME
    mainClass: com.mycompany.MyTopology
    jar: {container: {image: "stories/scratch:1", path: /topology.jar, extractionMode: image-volume}}
`

// TestPlans: make plans. kubectl storm plan says of each change what then happens.
func TestPlans(t *testing.T) {
	if os.Getenv("STORMHOOKS_PLANS") == "" {
		t.Skip("STORMHOOKS_PLANS is not set. It needs the real cluster: make plans")
	}
	if !node.Running(t.Context()) {
		t.Fatal("no cluster is up. Start one: make cluster-up")
	}
	w, err := newWorld()
	check(t, err)
	program := filepath.Join(t.TempDir(), "kubectl-storm")
	check(t, run.Command{Dir: filepath.Join(w.checkout, "hooks", "kubectl-storm"), Argv: []string{"go", "build", "-o", program, "."}}.Run(t.Context()))
	namespace := fmt.Sprintf("plans-%06x", time.Now().Unix()&0xffffff)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	check(t, ownKubeconfig(kubeconfig, namespace))
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: kubeconfig}
	_, err = k.Run(t.Context(), "create", "namespace", namespace)
	check(t, err)
	t.Cleanup(func() {
		_, _ = k.Run(context.Background(), "delete", "namespace", namespace, "--timeout=240s")
	})
	_, err = k.With(t.Context(), w.clusterManifest("test-cluster", w.shared.nimbus()), "apply", "-f", "-")
	check(t, err)
	t.Run("topologies", func(t *testing.T) {
		for _, p := range plannedTopologies {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				c := &planCheck{t: t, k: k, program: program, kubeconfig: kubeconfig, namespace: namespace, of: p}
				c.all(strings.NewReplacer("NAME", p.name, "NS", namespace).Replace(plannedBase))
			})
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// planCheck plans and applies the changes of one topology.
type planCheck struct {
	t                              *testing.T
	k                              kube.Kubectl
	program, kubeconfig, namespace string
	of                             plannedTopology
}

func (c *planCheck) all(base string) {
	file, err := yaml.YAMLToJSON([]byte(base))
	check(c.t, err)
	check(c.t, c.apply(file))
	before := c.settled()
	for _, change := range c.of.changes {
		patch, err := yaml.YAMLToJSON([]byte(change))
		check(c.t, err)
		changed, err := jsonpatch.MergePatch(file, patch)
		check(c.t, err)
		if now := c.settled(); now != before && now.happened(before) != "None" { // the same state may be Held
			c.t.Errorf("%s: before %s, a later look shows %s", c.of.name, change, now.happened(before))
		}
		planned, uncertain := c.plan(changed)
		if held := before.reason == "InvalidSpec" || before.reason == "Paused"; held && planned == "Cancel" {
			planned = "None" // what was refused, or held, ends; what runs stays
		}
		happened := "Refused"
		if err := c.apply(changed); err == nil {
			file = changed
			after := c.settled()
			happened, before = after.happened(before), after
		} else if !strings.Contains(err.Error(), "is invalid") {
			c.t.Fatal(err)
		}
		switch {
		case planned != happened && !uncertain:
			c.t.Errorf("%s: %s: the plan says %s, and %s happened", c.of.name, change, planned, happened)
		default:
			c.t.Logf("figure: %s: %s: %s (uncertain %v)", c.of.name, change, planned, uncertain)
		}
	}
}

func (c *planCheck) how() []string {
	if c.of.serverSide {
		return []string{"--server-side", "--field-manager=argocd-controller"}
	}
	return nil
}

func (c *planCheck) apply(file []byte) error {
	_, err := c.k.With(c.t.Context(), string(file), append([]string{"apply", "-f", "-"}, c.how()...)...)
	return err
}

// plan is what kubectl storm plan says.
func (c *planCheck) plan(file []byte) (kind string, uncertain bool) {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), c.program, append([]string{"plan", "-f", "-", "-o", "json"}, c.how()...)...)
	command.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig, "PATH="+filepath.Dir(c.k.Program)+":"+os.Getenv("PATH"))
	command.Stdin = bytes.NewReader(file)
	said, err := command.Output() // it fails where the plan is Refused
	var plans []struct {
		Change    string
		Uncertain bool
	}
	if unreadable := json.Unmarshal(said, &plans); unreadable != nil || len(plans) != 1 {
		c.t.Fatalf("the plan cannot be read: %v %v\n%s", err, unreadable, said)
	}
	return plans[0].Change, plans[0].Uncertain
}

// settledState is what a status says of a topology once nothing changes any more.
type settledState struct{ id, revision, storm, reason string }

// plansSettled is how long an object stays as it is before nothing more is expected: a change of
// an annotation moves no generation, and a status shows a suspension one look after it was made.
const plansSettled = 6 * time.Second

// settled waits until the object is processed and nothing is under way.
func (c *planCheck) settled() settledState {
	c.t.Helper()
	var object unstructured.Unstructured
	var last settledState
	since := time.Now()
	for began := time.Now(); time.Since(began) < 5*time.Minute; time.Sleep(500 * time.Millisecond) {
		said, err := c.k.Run(c.t.Context(), "get", "stormtopology", c.of.name, "-n", c.namespace, "-o", "json")
		check(c.t, err)
		check(c.t, json.Unmarshal([]byte(said), &object.Object))
		switch now, done := stateOf(&object); {
		case !done || now != last:
			last, since = now, time.Now()
		case time.Since(since) >= plansSettled:
			return now
		}
	}
	c.t.Fatalf("%s is not settled:\n%s", c.of.name, statusOf(&object))
	return settledState{}
}

// stateOf is what a status says, and whether nothing is under way.
func stateOf(object *unstructured.Unstructured) (settledState, bool) {
	for _, done := range [][]string{
		{"current", "Ready=False/InvalidSpec"},
		{"current", "Ready=Unknown/Paused"}, {"current", "Ready=False/Paused"}, {"current", "Ready=True/Paused"},
		{"current", "Submitted=True", "{.status.change}=", "{.status.beside}="},
	} {
		if ok, _, err := holds(object, done); err != nil || !ok {
			continue
		}
		get := func(field string) string {
			text, _, _ := unstructured.NestedString(object.Object, "status", field)
			return text
		}
		_, reason, _ := strings.Cut(done[1], "/")
		return settledState{get("stormId"), get("revision"), get("stormStatus"), reason}, true
	}
	return settledState{}, false
}

// happened is the plan that would have been right.
func (s settledState) happened(before settledState) string {
	switch {
	case s.reason == "InvalidSpec" && before.reason != "InvalidSpec":
		return "Refused"
	case s.reason == "Paused":
		return "Held"
	case s.id != before.id:
		return "Restart"
	case s.revision != before.revision:
		return "Rebalance"
	case s.storm == "INACTIVE" && before.storm == "ACTIVE":
		return "Suspend"
	case s.storm == "ACTIVE" && before.storm == "INACTIVE":
		return "Resume"
	}
	return "None"
}
