package topology_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// A story is a folder of numbered steps. A step changes the world of the step
// before (set is a merge patch), and one hook call is made. What the answer
// makes is in the world of the next step, with a uid, and what it leaves out is
// not; its status is the parent's. The golden file beside a step is the answer.
type step struct {
	// Why the step is told.
	Why string `json:"why"`
	// At is the time since the story's beginning.
	At string `json:"at"`
	// Finalize calls finalize in place of sync.
	Finalize bool `json:"finalize"`
	// Like names a world of testdata that is merged in first.
	Like string `json:"like"`
	// Set is merged into the world; null takes a part away.
	Set map[string]any `json:"set"`
}

// The parts of a world that a step can set: parent, claim, extract and submit
// (the Jobs), extractPod, submitPod, topologyPod, givenClaim, cluster, namespace, kubeSystem, storm (a
// storm.View; absent: the list is empty), cached (what a cached look says,
// where it differs).

var begin = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestStories(t *testing.T) {
	folders, err := filepath.Glob("testdata/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, folder := range folders {
		if filepath.Ext(folder) != "" {
			continue
		}
		t.Run(filepath.Base(folder), func(t *testing.T) { tell(t, folder) })
	}
}

func tell(t *testing.T, folder string) {
	files, _ := filepath.Glob(folder + "/*.yaml")
	var w map[string]any
	load(t, "testdata/world.yaml", &w)
	for _, file := range files {
		if strings.HasSuffix(file, ".golden.yaml") {
			continue
		}
		var s step
		load(t, file, &s)
		if s.Why == "" {
			t.Fatalf("%s says not why", file)
		}
		if s.Like != "" {
			var like map[string]any
			load(t, "testdata/"+s.Like+".yaml", &like)
			merge(w, like)
		}
		merge(w, s.Set)
		after, err := time.ParseDuration(s.At)
		if err != nil {
			t.Fatalf("%s: at: %v", file, err)
		}
		result, body := call(t, w, s, begin.Add(after))
		testkit.Golden(t, strings.TrimSuffix(file, ".yaml")+".golden.yaml", golden(t, s, result, body))
		unasked(t, file, w, s, begin.Add(after), body)
		evolve(w, body, filepath.Base(file))
	}
}

// unasked is what every step proves besides its golden.
func unasked(t *testing.T, file string, w map[string]any, s step, now time.Time, first []byte) {
	t.Helper()
	if _, again := call(t, w, s, now); !bytes.Equal(first, again) {
		t.Errorf("%s: called twice, other bytes:\n%s\n%s", file, first, again)
	}
	var answer struct {
		Status   map[string]any
		Children []map[string]any
	}
	must(t, json.Unmarshal(first, &answer))
	fed := clone(t, w)
	fed["parent"].(map[string]any)["status"] = answer.Status
	if _, again := call(t, fed, s, now); !bytes.Equal(first, again) {
		t.Errorf("%s: the status fed back changes the answer:\n%s\n%s", file, first, again)
	}
	for _, child := range answer.Children {
		if child == nil {
			t.Errorf("%s: null among the children", file)
		}
	}
	if message, _ := answer.Status["message"].(string); message == "" {
		t.Errorf("%s: the status says nothing", file)
	}
}

// evolve makes the world of the next step.
func evolve(w map[string]any, body []byte, file string) {
	var answer struct {
		Status   map[string]any
		Children []map[string]any
	}
	_ = json.Unmarshal(body, &answer)
	w["parent"].(map[string]any)["status"] = answer.Status
	named := map[string]map[string]any{}
	for _, child := range answer.Children {
		named[child["metadata"].(map[string]any)["name"].(string)] = child
	}
	for part, name := range map[string]string{"claim": "topology-jar-wordcount", "extract": "topology-jar-extract-wordcount", "submit": "topology-submit-wordcount", "topologyPod": "topology-wordcount"} {
		child, wanted := named[name]
		switch observed, there := w[part].(map[string]any); {
		case !wanted:
			delete(w, part)
			delete(w, part+"Pod")
		case !there || observed == nil:
			child["metadata"].(map[string]any)["uid"] = part + "-of-" + strings.TrimSuffix(file, ".yaml")
			w[part] = child
		}
	}
}

// edge answers from the story: cached is what a cached look says, where it differs.
type edge struct {
	t      *testing.T
	world  map[string]any
	asked  []string
	called []storm.Call
}

func (e *edge) Look(q topology.Question, fresh bool) (storm.View, error) {
	e.asked = append(e.asked, fmt.Sprintf("%s at %v id=%q fresh=%v", q.Name, q.Seeds, q.ID, fresh))
	part := e.world["storm"]
	if cached := e.world["cached"]; cached != nil && !fresh {
		part = cached
	}
	var view storm.View
	raw, err := json.Marshal(part)
	must(e.t, err)
	must(e.t, json.Unmarshal(raw, &view))
	if part == nil {
		view.Listed, view.Identity = true, "storm-1"
	}
	view.Fresh = fresh
	return view, nil
}

func (e *edge) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	e.called = append(e.called, call)
	return storm.Outcome{Call: call}, nil
}

func call(t *testing.T, w map[string]any, s step, now time.Time) (summary, []byte) {
	t.Helper()
	request, err := metacontroller.Decode(requestOf(t, w, s))
	must(t, err)
	e := &edge{t: t, world: w}
	result, err := topology.Sync(request, topology.Config{HelperImage: "stormhooks/stormhooks:test"}, e, now)
	must(t, err)
	body, err := metacontroller.Encode(result.Response)
	must(t, err)
	return summary{Rule: result.Decision.Rule, Asked: e.asked, Calls: e.called}, body
}

type summary struct {
	Rule  string
	Asked []string
	Calls []storm.Call
}

func golden(t *testing.T, s step, sum summary, body []byte) []byte {
	var answer map[string]any
	must(t, json.Unmarshal(body, &answer))
	out := map[string]any{"rule": sum.Rule, "asked": sum.Asked, "answer": answer}
	if len(sum.Calls) > 0 {
		out["calls"] = sum.Calls
	}
	text, err := yaml.Marshal(out)
	must(t, err)
	return append([]byte("# "+strings.ReplaceAll(strings.TrimSpace(s.Why), "\n", "\n# ")+"\n"), text...)
}

// requestOf writes the body that Metacontroller would send.
func requestOf(t testing.TB, w map[string]any, s step) []byte {
	t.Helper()
	children := map[string]any{
		"PersistentVolumeClaim.v1": byName(w, "claim"),
		"Job.batch/v1":             byName(w, "extract", "submit"),
		"Pod.v1":                   byName(w, "topologyPod"),
	}
	related := map[string]any{
		"StormCluster.storm.apache.org/v1beta1": byName(w, "cluster"),
		"Namespace.v1":                          byName(w, "namespace", "kubeSystem"),
		"Pod.v1":                                byName(w, "extractPod", "submitPod", "topologyPod"),
		"PersistentVolumeClaim.v1":              byName(w, "givenClaim"),
	}
	body, err := json.Marshal(map[string]any{
		"controller": map[string]any{}, "parent": w["parent"], "children": children, "related": related, "finalizing": s.Finalize,
	})
	must(t, err)
	return body
}

func byName(w map[string]any, parts ...string) map[string]any {
	objects := map[string]any{}
	for _, part := range parts {
		if object, there := w[part].(map[string]any); there && object != nil {
			metadata := object["metadata"].(map[string]any)
			objects[fmt.Sprint(metadata["namespace"], "/", metadata["name"])] = object
		}
	}
	return objects
}

// merge is RFC 7386's JSON merge patch.
func merge(into, patch map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(patch)) {
		value := patch[key]
		sub, isMap := value.(map[string]any)
		switch old, wasMap := into[key].(map[string]any); {
		case value == nil:
			delete(into, key)
		case isMap && wasMap:
			merge(old, sub)
		case isMap:
			fresh := map[string]any{}
			merge(fresh, sub)
			into[key] = fresh
		default:
			into[key] = value
		}
	}
}

func clone(t *testing.T, w map[string]any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(w)
	must(t, err)
	var copied map[string]any
	must(t, json.Unmarshal(raw, &copied))
	return copied
}

func load(t testing.TB, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
