package nimbus

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

func scaledParts(t *testing.T, r Recorded, scales map[string]storm.Scale, conf string) ([]part, string) {
	t.Helper()
	sub := submission()
	sub.Components = scales
	topology, why, err := r.scaled(conf, sub, map[string]any{"topology.workers": json.Number("1"), keyTasks: nil})
	if err != nil {
		t.Fatal(err)
	}
	parts, version := partsOf(topology)
	if version != "2.8.1" {
		t.Errorf("version %q", version)
	}
	return parts, why
}

// What the spec does not name keeps its bytes, and a topology without components all of them.
func TestScaledTopologies(t *testing.T) {
	real := recordedCall(t, "wordcount")
	sub := submission()
	same, why, err := real.scaled(`{}`, sub, nil)
	if err != nil || why != "" || !bytes.Equal(same, real.Topology) {
		t.Errorf("without components: %q, %v", why, err)
	}
	before, _ := partsOf(real.Topology)
	after, why := scaledParts(t, real, map[string]storm.Scale{"split": {Executors: 3, Tasks: 16}, "count": {PerWorker: 2}}, `{"topology.workers": 4}`)
	if why != "" {
		t.Error(why)
	}
	for i, p := range before {
		switch want := p; p.id {
		case "split":
			want.executors = 3
			if want.conf = after[i].conf; decodedConf(want.conf)[keyTasks] != json.Number("16") {
				t.Errorf("split: %s", want.conf)
			}
			if want != after[i] {
				t.Errorf("split: %+v", after[i])
			}
		case "count":
			if want.executors = 8; want != after[i] {
				t.Errorf("count: %+v", after[i])
			}
		default:
			if want != after[i] {
				t.Errorf("%s: %+v, want %+v", p.id, after[i], want)
			}
		}
	}
	scales := map[string]storm.Scale{"split": {Executors: 3, Tasks: 16}}
	topology, err := scaling{scales, 1}.topology(real.Topology)
	if err != nil {
		t.Fatal(err)
	}
	again, err := scaling{scales, 1}.topology(topology)
	if err != nil || !bytes.Equal(topology, again) {
		t.Errorf("a second time changes it: %v", err)
	}
	for cut := range real.Topology { // never panics, always ends
		_, _ = scaling{scales, 1}.topology(real.Topology[:cut])
	}
}

func TestScaledIsRefused(t *testing.T) {
	made := Recorded{Topology: topologyBytes(map[string]string{
		"four": `{"topology.tasks": 4}`, "own": `{"a": 1.0, "topology.max.task.parallelism": 2}`, "plain": "", "junk": "[]",
	}, "2.8.1")}
	for reason, test := range map[string]struct {
		scales     map[string]storm.Scale
		conf, want string
	}{
		"main's tasks are enough":           {map[string]storm.Scale{"four": {Executors: 4}}, `{}`, ""},
		"main's tasks are too few":          {map[string]storm.Scale{"four": {Executors: 5}}, `{}`, `spec.topology.components["four"] requests 5 executors and has 4 tasks`},
		"the spec's tasks come first":       {map[string]storm.Scale{"four": {Executors: 5, Tasks: 8}}, `{}`, ""},
		"without tasks, as many as threads": {map[string]storm.Scale{"plain": {Executors: 50}}, `{}`, ""},
		"the topology's tasks":              {map[string]storm.Scale{"plain": {Executors: 5}}, `{"topology.tasks": 3}`, "has 3 tasks"},
		"as text, as Storm reads it":        {map[string]storm.Scale{"plain": {Executors: 5}}, `{"topology.tasks": "3"}`, "has 3 tasks"},
		"null is none":                      {map[string]storm.Scale{"plain": {Executors: 5}}, `{"topology.tasks": null}`, ""},
		"the topology's limit":              {map[string]storm.Scale{"plain": {Executors: 5}}, `{"topology.max.task.parallelism": 1}`, `spec.topology.components["plain"] needs 5 tasks, and the setting topology.max.task.parallelism allows 1.`},
		"a component's own limit":           {map[string]storm.Scale{"own": {Tasks: 3}}, `{}`, `spec.topology.components["own"] needs 3 tasks, and the setting topology.max.task.parallelism allows 2.`},
		"a limit that is far enough":        {map[string]storm.Scale{"plain": {Executors: 5}}, `{"topology.max.task.parallelism": 5}`, ""},
		"for each worker of main":           {map[string]storm.Scale{"four": {PerWorker: 2}}, `{"topology.workers": 3}`, "requests 6 executors (2 for each of 3 workers) and has 4 tasks"},
		"for each worker of Nimbus":         {map[string]storm.Scale{"four": {PerWorker: 4}}, `{}`, ""},
		"a name that it does not have":      {map[string]storm.Scale{"fuor": {Executors: 1}}, `{}`, `spec.topology.components names "fuor". The topology has no such component; it has four, junk, own and plain. Correct the name.`},
	} {
		_, why := scaledParts(t, made, test.scales, test.conf)
		if test.want == "" && why != "" || !strings.Contains(why, test.want) {
			t.Errorf("%s: %q, want %q", reason, why, test.want)
		}
	}
	sub := submission()
	sub.Components = map[string]storm.Scale{"junk": {Tasks: 2}}
	if _, _, err := made.scaled(`{}`, sub, nil); err == nil || !strings.Contains(err.Error(), `the configuration of component "junk": it is not a JSON object`) {
		t.Errorf("a configuration that is a list: %v", err)
	}
	sub.Components = map[string]storm.Scale{"own": {Tasks: 2}}
	topology, _, _ := made.scaled(`{}`, sub, nil)
	parts, _ := partsOf(topology)
	if diff := cmp.Diff(`{"a":1.0,"topology.max.task.parallelism":2,"topology.tasks":2}`, parts[2].conf); diff != "" {
		t.Errorf("the other settings of a component (-want +got):\n%s", diff)
	}
}

// Storm gets executors in the same call as workers, and none where the spec has none.
func TestRebalanceSendsExecutors(t *testing.T) {
	fake := startFake(t)
	var sent []byte
	fake.does("rebalance", func(args *cursor, method string, seq int32) []byte {
		for _, f := range args.fields(0) {
			if f.id == 2 {
				sent = bytes.Clone(f.raw)
			}
		}
		return reply(method, seq, func(*writer) {})
	})
	c := client(t, fake)
	wait := int32(1)
	call := storm.Call{Name: "a", WaitSeconds: &wait, Workers: 3, Executors: map[string]int32{"split": 6}}
	if err := c.Rebalance(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	w := &writer{}
	w.field(typeI32, 1).i32(1)
	w.field(typeI32, 2).i32(3)
	w.field(typeMap, 3).raw([]byte{typeString, typeI32, 0, 0, 0, 1})
	w.string("split")
	w.i32(6)
	w.stop()
	if !bytes.Equal(sent, w.bytes) {
		t.Errorf("sent %q, want %q", sent, w.bytes)
	}
	call.Executors = nil
	if err := c.Rebalance(t.Context(), call); err != nil || bytes.Contains(sent, []byte{typeMap, 0, 3}) {
		t.Errorf("%v: %q", err, sent)
	}
}
