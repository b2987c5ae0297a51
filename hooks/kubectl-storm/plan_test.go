package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/managedfields/managedfieldstest"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/crd"
	"github.com/stormhooks/stormhooks/manifests/crds"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// runningFile is what was applied, and runs.
const runningFile = `
apiVersion: storm.apache.org/v1beta1
kind: StormTopology
metadata: {name: wordcount, namespace: storm-system}
spec:
  clusterRef: test-cluster
  deletionPolicy: Kill
  killWaitSeconds: 20
  update: {rebalanceWaitSeconds: 5}
  template: {env: [{name: A, value: b}]}
  topology:
    mainClass: com.mycompany.MyTopology
    args: [a, b]
    workers: 3
    config: {topology.max.spout.pending: 500, topology.debug: false, my.own: {x: 1, y: 2}}
    jar: {container: {image: "mycompany/wordcount:v1", path: /app/topology.jar}}
`

// A change is an apply of a changed file. Each edit is PATH=VALUE, or -PATH to remove it.
type change struct {
	name string
	// others are what another manager has written since, by an update.
	others []string
	edits  []string
	want   string
}

const (
	intopology = "spec/topology/"
	inconfig   = "spec/topology/config/"
	incontain  = "spec/topology/jar/container/"
)

// changes are applied client-side, and all of them server-side as well.
var changes = []change{
	{"nothing", nil, nil, "None"},
	{"the deletion policy", nil, []string{"spec/deletionPolicy=Orphan"}, "None"},
	{"the kill wait", nil, []string{"spec/killWaitSeconds=3"}, "None"},
	{"the kill wait is removed", nil, []string{"-spec/killWaitSeconds"}, "None"},
	{"a variable", nil, []string{"spec/template={env: [{name: A, value: c}]}"}, "None"},
	{"the template is removed", nil, []string{"-spec/template"}, "None"},
	{"memory", nil, []string{incontain + "resources={limits: {memory: 1Gi}}"}, "None"},
	{"a mode", nil, []string{incontain + "extractionMode=init-container"}, "None"},
	{"a retry", nil, []string{"spec/retry={limit: 7}"}, "None"},
	{"a label", nil, []string{"metadata/labels={team: a}"}, "None"},
	{"a default that is written", nil, []string{incontain + "extractionMode=copy"}, "None"},
	{"workers", nil, []string{intopology + "workers=4"}, "Rebalance"},
	{"workers are removed", nil, []string{"-" + intopology + "workers"}, "Restart"},
	{"workers that an autoscaler wrote, and the file has another", []string{intopology + "workers=5"}, []string{intopology + "workers=4"}, "Rebalance"},
	{"workers that an autoscaler wrote, and the file lacks", []string{intopology + "workers=5"}, []string{"-" + intopology + "workers"}, ""},
	{"a setting that Storm reads again", nil, []string{inconfig + "topology.max.spout.pending=600"}, "Rebalance"},
	{"a setting is removed", nil, []string{"-" + inconfig + "topology.max.spout.pending"}, "Restart"},
	{"all settings are removed", nil, []string{"-" + intopology + "config"}, "Restart"},
	{"settings become empty", nil, []string{intopology + "config={}"}, "Restart"},
	{"a setting that is added", nil, []string{inconfig + "topology.worker.childopts=-Xmx1g"}, "Rebalance"},
	{"a setting that needs a restart", nil, []string{inconfig + "topology.kryo.register=[a.B]"}, "Restart"},
	{"a setting of main", nil, []string{inconfig + "my.own={x: 1, y: 3}"}, "Restart"},
	{"a part of a setting of main is removed", nil, []string{inconfig + "my.own={x: 1}"}, "Restart"},
	{"a setting that another manager added", []string{inconfig + "other=1"}, nil, "None"},
	{"a class", nil, []string{intopology + "mainClass=a.B"}, "Restart"},
	{"arguments", nil, []string{intopology + "args=[b]"}, "Restart"},
	{"arguments are removed", nil, []string{"-" + intopology + "args"}, "Restart"},
	{"an image", nil, []string{incontain + "image=x:2"}, "Restart"},
	{"a path", nil, []string{incontain + "path=/other.jar"}, "Restart"},
	{"a command", nil, []string{incontain + "command=[cp, /a, /b]"}, "Restart"},
	{"a checksum", nil, []string{incontain + "checksum={sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}"}, "Restart"},
	{"dependencies", nil, []string{incontain + "dependencies=[/app/libs/*.jar]"}, "Restart"},
	{"files", nil, []string{incontain + "files=[/app/conf/app.yaml]"}, "Restart"},
	{"when an image is pulled", nil, []string{incontain + "imagePullPolicy=Always"}, "None"},
	{"a Secret for an image", nil, []string{incontain + "imagePullSecrets=[{name: a}]"}, "None"},
	{"the user of an extraction", nil, []string{incontain + "securityContext={runAsUser: 7}"}, "None"},
	{"the time for an extraction", nil, []string{incontain + "timeoutSeconds=70"}, "None"},
	{"the time for main", nil, []string{intopology + "mainTimeoutSeconds=70"}, "None"},
	{"the size of a volume", nil, []string{intopology + "jar/storage={size: 7Gi}"}, "None"},
	{"executors of a component", nil, []string{intopology + "components={count: {executors: 3}}"}, "Rebalance"},
	{"tasks of a component", nil, []string{intopology + "components={count: {tasks: 3}}"}, "Restart"},
	{"executors and a class", nil, []string{intopology + "components={count: {executors: 3}}", intopology + "mainClass=a.B"}, "Restart"},
	{"the wait of a rebalance", nil, []string{"spec/update={rebalanceWaitSeconds: 9}"}, "None"},
	{"restartOn is turned on", nil, []string{"spec/update={restartOn: [Template, ConfigMaps]}"}, "None"},
	{"restartOn is turned on beside another field", nil, []string{"spec/update={rebalanceWaitSeconds: 9, restartOn: [Template]}"}, "None"},
	{"restartOn is turned on with a variable", nil, []string{"spec/update={restartOn: [Template]}", "spec/template={env: [{name: A, value: c}]}"}, "Restart"},
	{"no rollback", nil, []string{"spec/update={rollback: false}"}, "None"},
	{"more executors than tasks", nil, []string{intopology + "components={count: {executors: 3, tasks: 2}}"}, "Refused"},
	{"a size that is not a quantity", nil, []string{intopology + "jar/storage={size: much}"}, "Refused"},
	{"an item that is not a path", nil, []string{incontain + "files=[app.yaml]"}, "Refused"},
	{"no workers", nil, []string{intopology + "workers=0"}, "Refused"},
	{"a nonce", nil, []string{"spec/restartNonce=1"}, "Restart"},
	{"restarted by an annotation", nil, []string{"metadata/annotations={storm.apache.org/restartedAt: now}"}, "Restart"},
	{"policy Restart and workers", nil, []string{intopology + "workers=4", "spec/update={policy: Restart}"}, "Restart"},
	{"suspended", nil, []string{"spec/suspend=true"}, "Suspend"},
	{"suspended and another class", nil, []string{"spec/suspend=true", intopology + "mainClass=a.B"}, "Restart"},
	{"paused and another class", nil, []string{"metadata/annotations={storm.apache.org/paused: 'true'}", intopology + "mainClass=a.B"}, "Held"},
	{"another StormCluster", nil, []string{"spec/clusterRef=other"}, "Refused"},
	{"another name in Storm", nil, []string{intopology + "name=other"}, "Refused"},
	{"a wrong setting", nil, []string{inconfig + "topology.workers=two"}, "Refused"},
	{"a wrong type", nil, []string{"spec/killWaitSeconds=soon"}, "Refused"},
	{"an unknown field", nil, []string{"spec/replicas=2"}, "Refused"},
	{"no image", nil, []string{"-" + incontain + "image"}, "Refused"},
}

// TestPlanIsWhatHappens: for each change, kubectl storm plan says what the hook then does
// with the object that kubectl's, or the API server's, own code gives it.
func TestPlanIsWhatHappens(t *testing.T) {
	kind, err := crd.Load(crds.Topologies)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) < 60 {
		t.Errorf("only %d changes", len(changes))
	}
	for _, c := range changes {
		t.Run("client-side/"+c.name, func(t *testing.T) { c.clientSide(t, kind) })
		t.Run("server-side/"+c.name, func(t *testing.T) { c.serverSide(t, kind) })
	}
}

func (c change) clientSide(t *testing.T, kind *crd.Kind) {
	before, file := edited(t, nil), edited(t, c.edits)
	live := edited(t, c.others)
	annotations := map[string]any{"kubectl.kubernetes.io/last-applied-configuration": string(encoded(t, before))}
	live["metadata"].(map[string]any)["annotations"] = annotations
	kind.Default(live)
	modified := decoded(t, encoded(t, file))
	if modified["metadata"].(map[string]any)["annotations"] == nil {
		modified["metadata"].(map[string]any)["annotations"] = map[string]any{}
	}
	applied := decoded(t, encoded(t, before))
	applied["metadata"].(map[string]any)["annotations"] = map[string]any{}
	patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(encoded(t, applied), encoded(t, modified), encoded(t, live))
	if err != nil {
		t.Fatal(err)
	}
	patched, err := jsonpatch.MergePatch(encoded(t, live), patch)
	if err != nil {
		t.Fatal(err)
	}
	c.compare(t, kind, live, decoded(t, patched), file)
}

func (c change) serverSide(t *testing.T, kind *crd.Kind) {
	const argo = "argocd-controller"
	server := managedfieldstest.NewTestFieldManager(converter(t, kind), v1beta1.GroupVersion.WithKind("StormTopology"))
	apply := func(object map[string]any) {
		if err := server.Apply(&unstructured.Unstructured{Object: object}, argo, true); err != nil {
			t.Fatal(err)
		}
	}
	apply(edited(t, nil))
	if c.others != nil {
		if err := server.Update(&unstructured.Unstructured{Object: edited(t, c.others)}, "autoscaler"); err != nil {
			t.Fatal(err)
		}
	}
	content := func() map[string]any {
		object := decoded(t, encoded(t, server.Live().(*unstructured.Unstructured).Object))
		kind.Default(object)
		return object
	}
	live, file := content(), edited(t, c.edits)
	if err := server.Apply(&unstructured.Unstructured{Object: edited(t, c.edits)}, argo, true); err != nil {
		c.compare(t, kind, live, nil, file) // the API server rejects it
		return
	}
	c.compare(t, kind, live, content(), file)
}

// converter is that of the API server for the schema of a CRD.
func converter(t *testing.T, kind *crd.Kind) managedfields.TypeConverter {
	t.Helper()
	schema := kind.Schema.ToKubeOpenAPI()
	metadata := new(spec.Schema).Typed("object", "")
	metadata.AddExtension("x-kubernetes-preserve-unknown-fields", true)
	schema.Properties["metadata"] = *metadata
	schema.AddExtension("x-kubernetes-group-version-kind", []any{map[string]any{"group": v1beta1.Group, "version": v1beta1.GroupVersion.Version, "kind": "StormTopology"}})
	made, err := managedfields.NewTypeConverter(map[string]*spec.Schema{"StormTopology": schema}, false)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// compare holds the plan of a file against what happens: merged is the object
// after the apply, nil if the API server rejects it.
func (c change) compare(t *testing.T, kind *crd.Kind, live, merged, file map[string]any) {
	t.Helper()
	seen := typedAs[v1beta1.StormTopology](t, live)
	seen.UID, seen.Generation = "uid-1", 4
	storms := fakeStorm(seen)
	seen.Status = v1beta1.StormTopologyStatus{
		StormID: storms.Topology.ID, StormStatus: "ACTIVE", Phase: v1beta1.PhaseRunning, Revision: storms.Topology.Fingerprint.Revision,
		LastSpec: &v1beta1.LastSpec{Revision: storms.Topology.Fingerprint.Revision, Topology: &seen.Spec.Topology},
	}
	metadata := live["metadata"].(map[string]any)
	metadata["uid"], metadata["generation"] = "uid-1", 4
	live["status"] = decoded(t, encoded(t, seen))["status"]

	want := c.happens(t, kind, live, merged, seen, storms)
	got := planOf(t, live, file)
	if diff := cmp.Diff(want, got); diff != "" || c.want != "" && !strings.HasPrefix(got, c.want) {
		t.Errorf("want %s (-what happens +plan):\n%s", c.want, diff)
	}
}

// happens is what the API server and the hook do.
func (c change) happens(t *testing.T, kind *crd.Kind, live, merged map[string]any, seen *v1beta1.StormTopology, storms storm.View) string {
	t.Helper()
	if merged == nil {
		return "Refused"
	}
	merged = decoded(t, encoded(t, merged))
	delete(merged, "status")
	if unknown := kind.Prune(merged); len(unknown) > 0 {
		return "Refused"
	}
	kind.Default(merged)
	old := decoded(t, encoded(t, live))
	kind.Prune(old)
	if len(kind.Validate(t.Context(), merged, old)) > 0 {
		return "Refused"
	}
	parent := typedAs[v1beta1.StormTopology](t, merged)
	parent.UID, parent.Generation, parent.Status = seen.UID, 5, seen.Status
	result, err := topology.Respond(objectsOf(parent), topology.Config{}, standingStorm{storms}, time.Unix(1767268900, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range result.Decision.Calls {
		if change := result.Status.Change; change == nil && call.Verb == storm.Deactivate {
			return "Suspend"
		}
	}
	switch change, reason := result.Status.Change, result.Decision.Says.Reason; {
	case reason == v1beta1.InvalidSpec:
		return "Refused"
	case reason == v1beta1.Paused:
		return "Held"
	case change != nil:
		return string(change.Kind) + ": " + change.Why
	}
	return "None"
}

// planOf is what kubectl storm plan says.
func planOf(t *testing.T, live, file map[string]any) string {
	t.Helper()
	t.Chdir(t.TempDir())
	cluster := map[string]any{"apiVersion": v1beta1.GroupVersion.String(), "kind": "StormCluster", "metadata": map[string]any{"name": "test-cluster", "namespace": "storm-system"},
		"spec": map[string]any{"image": "apache/storm:2.8.1", "nimbus": map[string]any{"seeds": []any{"nimbus"}}}}
	for name, object := range map[string]any{"file.json": file, "live.json": map[string]any{"kind": "List", "items": []any{live, cluster}}} {
		if err := os.WriteFile(name, encoded(t, object), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	command := newCommand()
	command.SetArgs([]string{"plan", "-f", "file.json", "--live", "live.json", "-o", "json"})
	command.SetOut(&out)
	err := command.ExecuteContext(t.Context())
	var plans []struct{ Change, Why string }
	if json.Unmarshal(out.Bytes(), &plans) != nil || len(plans) != 1 {
		t.Fatalf("%v: %s", err, out.String())
	}
	if plan := plans[0]; plan.Change == "Restart" || plan.Change == "Rebalance" {
		return plan.Change + ": " + plan.Why
	}
	return plans[0].Change
}

// standingStorm is a Storm that runs one topology, and accepts every call.
type standingStorm struct{ view storm.View }

func (s standingStorm) Look(topology.Question, bool) (storm.View, error) { return s.view, nil }

func (s standingStorm) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	return storm.Outcome{Call: call}, nil
}

func fakeStorm(running *v1beta1.StormTopology) storm.View {
	target := topology.Observe(objectsOf(running), topology.Config{}, time.Unix(1767268800, 0)).Target
	workers := 1
	if n, is := target.Settings[storm.Workers].(int64); is {
		workers = int(n)
	}
	return storm.View{Identity: "storm", Listed: true, Fresh: true, Topology: &storm.Topology{
		ID: "wordcount-3-1767268800", Name: "wordcount", Status: storm.Active, Fingerprint: target.Fingerprint, ConfKnown: true,
		WorkersWanted: workers, Workers: workers, WorkersUp: workers, Executors: workers, Tasks: workers, Detailed: true,
	}}
}

func objectsOf(parent *v1beta1.StormTopology) topology.Objects {
	cluster := v1beta1.StormCluster{ObjectMeta: metav1.ObjectMeta{Name: "test-cluster", Namespace: "storm-system"},
		Spec:   v1beta1.StormClusterSpec{Image: "apache/storm:2.8.1", Nimbus: v1beta1.Nimbus{Seeds: []string{"nimbus"}, Port: 6627}, PollSeconds: 30},
		Status: v1beta1.StormClusterStatus{Identity: "storm"}}
	objects := topology.Objects{Parent: parent, Clusters: []v1beta1.StormCluster{cluster}}
	for _, name := range []string{metav1.NamespaceSystem, "storm-system"} {
		objects.Namespaces = append(objects.Namespaces, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-of-namespace"}})
	}
	return objects
}

// edited is runningFile with changes.
func edited(t *testing.T, edits []string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(runningFile), &object); err != nil {
		t.Fatal(err)
	}
	for _, edit := range edits {
		path, text, set := strings.Cut(edit, "=")
		keys := strings.Split(strings.TrimPrefix(path, "-"), "/")
		at := object
		for _, key := range keys[:len(keys)-1] {
			below, is := at[key].(map[string]any)
			if !is {
				below = map[string]any{}
				at[key] = below
			}
			at = below
		}
		if last := keys[len(keys)-1]; set && !strings.HasPrefix(path, "-") {
			var value any
			if err := yaml.Unmarshal([]byte(text), &value); err != nil {
				t.Fatal(err)
			}
			at[last] = value
		} else {
			delete(at, last)
		}
	}
	return decoded(t, encoded(t, object))
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func typedAs[T any](t *testing.T, object map[string]any) *T {
	t.Helper()
	out := new(T)
	if err := json.Unmarshal(encoded(t, object), out); err != nil {
		t.Fatal(err)
	}
	return out
}
