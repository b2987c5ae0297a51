package storm

import (
	"maps"
	"strings"
	"testing"
)

func TestExecutorsFor(t *testing.T) {
	scales := map[string]Scale{"fixed": {Executors: 12, Tasks: 32}, "scaled": {PerWorker: 4}, "tasks": {Tasks: 8}}
	if got, want := ExecutorsFor(scales, 3), map[string]int32{"fixed": 12, "scaled": 12}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := ExecutorsFor(map[string]Scale{"tasks": {Tasks: 8}}, 3); got != nil {
		t.Errorf("a rebalance without executors: %v", got)
	}
	if got := (Scale{PerWorker: 10000}).For(1 << 30); got != 1<<31-1 {
		t.Errorf("a number that Thrift cannot send: %d", got)
	}
}

func TestScaleProblems(t *testing.T) {
	for reason, test := range map[string]struct {
		name    string
		scale   Scale
		workers int
		want    string
	}{
		"a number":                                {"count", Scale{Executors: 4}, 0, ""},
		"as many as tasks":                        {"count", Scale{Executors: 4, Tasks: 4}, 0, ""},
		"more than tasks":                         {"count", Scale{Executors: 5, Tasks: 4}, 0, `components["count"] requests 5 executors and has 4 tasks, and Storm never uses more`},
		"as many as tasks in all workers":         {"count", Scale{PerWorker: 2, Tasks: 4}, 2, ""},
		"more than tasks in all workers":          {"count", Scale{PerWorker: 2, Tasks: 4}, 3, `requests 6 executors (2 for each of 3 workers) and has 4 tasks`},
		"main sets the workers: the pod knows":    {"count", Scale{PerWorker: 2, Tasks: 4}, 0, ""},
		"tasks only":                              {"count", Scale{Tasks: 4}, 0, ""},
		"Storm's own: the setting has its number": {"__acker", Scale{Executors: 1}, 0, "topology.acker.executors has the number of ackers"},
		"no name":                                 {"", Scale{Executors: 1}, 0, "must be the name of a spout or a bolt"},
		"a name that no message could show":       {"a\x1bb", Scale{Executors: 1}, 0, "without control characters"},
		"a name that is not read whole":           {strings.Repeat("a", LongestComponent+1), Scale{Executors: 1}, 0, "at most 200 bytes"},
		"Trident's names, and any that Java has":  {"$spoutcoord-spout 0", Scale{Executors: 1}, 0, ""},
	} {
		got := strings.Join(ScaleProblems(map[string]Scale{test.name: test.scale}, test.workers), " ")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", reason, got, test.want)
		}
	}
}

func TestComponentProblems(t *testing.T) {
	has := []Component{{"__acker", 2, 2}, {"count", 4, 8}, {"split", 2, 2}}
	for reason, test := range map[string]struct {
		scales map[string]Scale
		want   string
	}{
		"all of them exist":   {map[string]Scale{"count": {Executors: 8}, "split": {PerWorker: 1}}, ""},
		"one does not":        {map[string]Scale{"cuont": {Executors: 8}}, `spec.topology.components names "cuont". The topology has no such component; it has count and split. Correct the name.`},
		"tasks of one do not": {map[string]Scale{"count": {Executors: 9}}, `spec.topology.components["count"] requests 9 executors and has 8 tasks, and Storm never uses more executors than tasks. Request fewer executors, or set tasks to 9 or more, which is a restart.`},
		"for each worker":     {map[string]Scale{"split": {PerWorker: 2}}, `requests 4 executors (2 for each of 2 workers) and has 2 tasks`},
	} {
		got := strings.Join(ComponentProblems(test.scales, has, 2), " ")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", reason, got, test.want)
		}
	}
	recorded := []Component{{"count", 9, 8}}
	if got := ComponentProblems(map[string]Scale{"count": {Tasks: 8}}, recorded, 1); len(got) != 1 || !strings.Contains(got[0], "has 8 tasks, and main gives it 9 executors") {
		t.Errorf("fewer tasks than main's executors: %q", got)
	}
}
