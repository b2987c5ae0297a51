package packages

import (
	"slices"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// told is an object with a status that was recorded.
type told map[string]any

func (o told) status() map[string]any { s, _ := o["status"].(map[string]any); return s }

// condition is the status and reason of one, or empty.
func (o told) condition(kind string) (status, reason string) {
	list, _ := o.status()["conditions"].([]any)
	for _, each := range list {
		if c := each.(map[string]any); c["type"] == kind {
			return c["status"].(string), c["reason"].(string)
		}
	}
	return "", ""
}

// ask is what every reader of health is asked, and what it must answer by.
type ask struct {
	ready, reason             string
	stalled, reconciling, del bool
}

func (o told) ask() ask {
	ready, reason := o.condition("Ready")
	stalled, _ := o.condition("Stalled")
	reconciling, _ := o.condition("Reconciling")
	_, deleting := o["metadata"].(map[string]any)["deletionTimestamp"]
	return ask{ready, reason, stalled == "True", reconciling == "True", deleting}
}

// topologies are the statuses that the stories of pkg/topology tell of.
func topologies(t *testing.T) map[string]told {
	t.Helper()
	answers, err := stories.Answers("../../pkg/topology")
	must(t, err)
	found := map[string]told{}
	for name, answer := range answers {
		status := answer.Tree()["status"].(map[string]any)
		metadata := map[string]any{"name": "wordcount", "namespace": "storm-system", "generation": status["observedGeneration"]}
		if status["phase"] == "Deleting" {
			metadata["deletionTimestamp"] = "2026-01-01T12:00:00Z"
		}
		found[name] = told{
			"apiVersion": "storm.apache.org/v1beta1", "kind": "StormTopology", "metadata": metadata, "status": status,
		}
	}
	return found
}

type stormThatSays storm.ClusterView

func (s stormThatSays) Cluster([]string, int32, *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	return storm.ClusterView(s), nil
}

// clusters are statuses of a StormCluster in each of its states.
func clusters(t *testing.T) map[string]told {
	t.Helper()
	answers := storm.ClusterView{Version: "2.8.1", Leader: "nimbus-0:6627", Supervisors: 2, SlotsTotal: 8, SlotsUsed: 3, Topologies: 1, Identity: "storm-1"}
	found := map[string]told{}
	for name, tc := range map[string]struct {
		view     storm.ClusterView
		status   string
		deleting bool
		related  string
	}{
		"answers":       {view: answers},
		"silent":        {view: storm.ClusterView{Problem: "Storm cannot be reached at nimbus:6627."}},
		"another storm": {view: answers, status: `{observedGeneration: 3, identity: storm-0}`},
		"held": {deleting: true, related: `{"StormTopology.storm.apache.org/v1beta1": {
			storm-system/a: {metadata: {name: a, namespace: storm-system}, spec: {clusterRef: test-cluster}}}}`},
		"goes": {deleting: true},
	} {
		object := told{}
		text := `{apiVersion: storm.apache.org/v1beta1, kind: StormCluster, metadata: {name: test-cluster, namespace: storm-system, generation: 3},
			spec: {nimbus: {seeds: [nimbus]}, image: "apache/storm:2.8.1"}}`
		must(t, yaml.Unmarshal([]byte(text), &object))
		if tc.status != "" {
			var status map[string]any
			must(t, yaml.Unmarshal([]byte(tc.status), &status))
			object["status"] = status
		}
		if tc.deleting {
			object["metadata"].(map[string]any)["deletionTimestamp"] = "2026-01-01T12:00:00Z"
		}
		parent, err := yaml.Marshal(object)
		must(t, err)
		parent, err = yaml.YAMLToJSON(parent)
		must(t, err)
		request := metacontroller.Request{Parent: parent, Finalizing: tc.deleting}
		must(t, yaml.Unmarshal([]byte(tc.related), &request.Related))
		result, err := cluster.Sync(request, stormThatSays(tc.view), time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
		must(t, err)
		object["status"] = plain(t, result.Status)
		found[name] = object
	}
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The stories hold each state at least once; without one the tests of health
// would prove nothing of it.
func TestTheStoriesHoldEveryPhase(t *testing.T) {
	seen := map[any]bool{}
	for _, object := range topologies(t) {
		seen[object.status()["phase"]] = true
	}
	for _, phase := range phases(t) {
		if !seen[phase] {
			t.Errorf("no story records the phase %s", phase)
		}
	}
}

// phases are the ones that the CRD knows.
func phases(t *testing.T) []string {
	t.Helper()
	var phases []string
	crd := kustomize(t, "crds")["CustomResourceDefinition <nil>/stormtopologies.storm.apache.org"]
	for _, value := range at(t, crd, "spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "status", "properties", "phase", "enum").([]any) {
		phases = append(phases, value.(string))
	}
	slices.Sort(phases)
	return phases
}

// at walks into an object.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			value = value.([]any)[step]
		}
		if value == nil {
			t.Fatalf("nothing at %v", path)
		}
	}
	return value
}
