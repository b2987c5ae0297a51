package docs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const examples = "../manifests/examples"

// The hook accepts every example, and every complete object that a page shows. It
// checks what the API server cannot, for example Storm's settings. e2e/manifests
// checks the rest.
func TestTheHookTakesTheExamples(t *testing.T) {
	seen := 0
	for where, text := range shownYAML(t) {
		for _, document := range strings.Split(text, "\n---\n") {
			var object map[string]any
			if err := yaml.Unmarshal([]byte(document), &object); err != nil {
				t.Errorf("%s: %v", where, err)
				continue
			}
			switch object["kind"] {
			case "StormTopology":
				seen++
				takenTopology(t, where, object)
			case "StormCluster":
				seen++
				takenCluster(t, where, object)
			}
		}
	}
	if seen < 20 {
		t.Errorf("found only %d objects", seen)
	}
}

// shownYAML is every example's text and every YAML block of a page, by its place.
func shownYAML(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(examples + "/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("found only %d examples (%v)", len(files), err)
	}
	for _, file := range files {
		found[file] = read(t, file)
	}
	for _, page := range allPages(t) {
		for _, block := range blocks(t, page) {
			if block.Lang == "yaml" && !strings.HasPrefix(block.Mark, "run:") { // those are that test's own
				found[fmt.Sprintf("%s:%d", page, block.Line)] = block.Text
			}
		}
	}
	return found
}

// silent is a Storm that answers, and has no topology.
type silent struct{}

func (silent) Look(topology.Question, bool) (storm.View, error) {
	return storm.View{Identity: "storm-1", Listed: true, Fresh: true}, nil
}
func (silent) Cluster([]string, int32, *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	return storm.ClusterView{Identity: "storm-1", Version: "2.8.1"}, nil
}
func (silent) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	return storm.Outcome{Call: call}, nil
}

func takenTopology(t *testing.T, where string, object map[string]any) {
	t.Helper()
	named(object, "storm-system")
	spec := object["spec"].(map[string]any)
	stc := map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormCluster",
		"metadata": map[string]any{"name": spec["clusterRef"], "namespace": "storm-system", "uid": "2", "generation": 1},
		"spec":     map[string]any{"nimbus": map[string]any{"seeds": []any{"nimbus"}}, "image": "apache/storm:2.8.1"},
		"status":   map[string]any{"identity": "storm-1"},
	}
	result, err := topology.Sync(request(t, object, map[string]any{
		"StormCluster.storm.apache.org/v1beta1": map[string]any{fmt.Sprint("storm-system/", spec["clusterRef"]): stc},
		"Namespace.v1": map[string]any{"/kube-system": map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "kube-system", "uid": "3"}}},
	}), topology.Config{HelperImage: "stormhooks/stormhooks:v0.1.0"}, silent{}, time.Unix(1767268830, 0))
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	for _, condition := range result.Status.Conditions {
		if condition.Type == "Ready" && condition.Reason == v1beta1.InvalidSpec {
			t.Errorf("%s: %s", where, condition.Message)
		}
	}
}

func takenCluster(t *testing.T, where string, object map[string]any) {
	t.Helper()
	named(object, "storm-system")
	result, err := cluster.Sync(request(t, object, nil), silent{}, time.Unix(1767268830, 0))
	if err != nil || result.Reason != v1beta1.Active {
		t.Errorf("%s: %s %v", where, result.Reason, err)
	}
}

func named(object map[string]any, namespace string) {
	metadata := object["metadata"].(map[string]any)
	metadata["namespace"], metadata["uid"], metadata["generation"] = namespace, "1", 1
}

func request(t *testing.T, parent, related map[string]any) metacontroller.Request {
	t.Helper()
	body, err := json.Marshal(map[string]any{"parent": parent, "children": map[string]any{}, "related": related})
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := metacontroller.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// The examples' table of contents has a row for each example.
func TestTheExamplesAreListed(t *testing.T) {
	listed := read(t, examples+"/README.md")
	files, err := os.ReadDir(examples)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := file.Name(); name != "README.md" && !strings.Contains(listed, "| ["+name+"]("+name+") |") {
			t.Errorf("%s/README.md has no row for %s", examples, name)
		}
	}
}
