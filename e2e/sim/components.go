package sim

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// ofMain are the components that every main makes.
var ofMain = []storm.Component{{Name: "count", Executors: 1, Tasks: 1}, {Name: "split", Executors: 1, Tasks: 4}}

// scaled are main's components with the executors and tasks of a spec. Without tasks of main
// or the spec, a component has as many as executors.
func scaled(scales map[string]storm.Scale, workers int) []storm.Component {
	components := slices.Clone(ofMain)
	for i, c := range components {
		scale := scales[c.Name]
		if n := int(scale.For(workers)); n > 0 {
			components[i].Executors = n
			if c.Name == "count" {
				components[i].Tasks = n
			}
		}
		if scale.Tasks > 0 {
			components[i].Tasks = int(scale.Tasks)
		}
	}
	return components
}

// rebalanced are components after a rebalance: Storm passes over a name that it does not
// know, and gives none more executors than tasks (storm: Nimbus.computeExecutors, v2.8.1).
func rebalanced(components []storm.Component, executors map[string]int32) []storm.Component {
	after := slices.Clone(components)
	for i, c := range after {
		if n := int(executors[c.Name]); n > 0 {
			after[i].Executors = min(n, c.Tasks)
		}
	}
	return after
}

// wantedComponents are specs that a user writes, and those that can never run.
var wantedComponents = []map[string]any{
	nil,
	{"split": map[string]any{"executorsPerWorker": int64(2)}},
	{"split": map[string]any{"executors": int64(3)}},
	{"split": map[string]any{"executors": int64(3), "tasks": int64(8)}, "count": map[string]any{"executors": int64(2)}},
	{"split": map[string]any{"executors": int64(5)}},
	{"splat": map[string]any{"executors": int64(2)}},
}

func (w *World) scalesComponents() {
	wanted := wantedComponents[w.choose(len(wantedComponents))]
	w.note("user: wants the components %v", wanted)
	var components any
	if wanted != nil {
		components = wanted
	}
	w.set(components, "spec", "topology", "components")
}

// badComponents says whether a spec has a component that main does not make, or more
// executors than tasks.
func badComponents(parent *unstructured.Unstructured, at ...string) bool {
	if _, splat, _ := unstructured.NestedFieldNoCopy(parent.Object, append(at, "components", "splat")...); splat {
		return true
	}
	five, _, _ := unstructured.NestedInt64(parent.Object, append(at, "components", "split", "executors")...)
	return five == 5
}

// executorsDiffer says whether a topology has other executors than its spec says.
func executorsDiffer(parent *unstructured.Unstructured, t *running) bool {
	components, _, _ := unstructured.NestedMap(parent.Object, "spec", "topology", "components")
	scales := map[string]storm.Scale{}
	for name := range components {
		number := func(field string) int32 {
			n, _, _ := unstructured.NestedInt64(components, name, field)
			return int32(n)
		}
		scales[name] = storm.Scale{Executors: number("executors"), PerWorker: number("executorsPerWorker"), Tasks: number("tasks")}
	}
	wanted := storm.ExecutorsFor(scales, t.WorkersWanted)
	return slices.ContainsFunc(t.Components, func(c storm.Component) bool {
		return wanted[c.Name] > 0 && int(wanted[c.Name]) != c.Executors
	})
}
