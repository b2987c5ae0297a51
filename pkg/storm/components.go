package storm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// Scale is what a spec says of one component. What is zero stays as main has it.
type Scale struct {
	// Executors is their number, PerWorker their number for each worker that the topology
	// requests.
	Executors int32 `json:"executors,omitempty"`
	PerWorker int32 `json:"perWorker,omitempty"`
	Tasks     int32 `json:"tasks,omitempty"`
}

// For is the number of executors of a topology that requests so many workers; 0 where the
// spec says nothing.
func (s Scale) For(workers int) int32 {
	if s.PerWorker > 0 {
		return int32(min(int64(s.PerWorker)*int64(max(workers, 1)), 1<<31-1))
	}
	return s.Executors
}

// ExecutorsFor are the executors of all components that have a number; nil if none has.
func ExecutorsFor(scales map[string]Scale, workers int) map[string]int32 {
	var executors map[string]int32
	for name, scale := range scales {
		n := scale.For(workers)
		if n == 0 {
			continue
		}
		if executors == nil {
			executors = map[string]int32{}
		}
		executors[name] = n
	}
	return executors
}

// Component is a spout or a bolt, as Storm or a recording has it.
type Component struct {
	Name             string
	Executors, Tasks int
}

// Internal says whether Storm adds the component to each topology itself, as __acker
// (Utils.isSystemId, v2.8.1).
func (c Component) Internal() bool { return strings.HasPrefix(c.Name, "__") }

// LongestComponent is the longest name of a component that is read, in bytes.
const LongestComponent = 200

// ScaleProblems say what is wrong with the scales of a spec, whatever the topology is.
// workers is the number that it requests; 0 if that is not known.
func ScaleProblems(scales map[string]Scale, workers int) (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(scales)) {
		scale, field := scales[name], scaleField(name)
		switch {
		case Component{Name: name}.Internal():
			problems = append(problems, fmt.Sprintf("%s is a component of Storm itself. Remove it. The setting topology.acker.executors has the number of ackers.", field))
		case name == "" || len(name) > LongestComponent || textutil.Clean(name) != name:
			problems = append(problems, fmt.Sprintf("%s must be the name of a spout or a bolt, with at most %d bytes and without control characters. Correct it.", field, LongestComponent))
		case scale.PerWorker > 0 && workers == 0:
		case scale.Tasks > 0 && scale.For(workers) > scale.Tasks:
			problems = append(problems, tooFewTasks(name, scale, workers, int(scale.Tasks)))
		}
	}
	return problems
}

// ComponentProblems say why a topology with these components cannot have what a spec says
// of them.
func ComponentProblems(scales map[string]Scale, has []Component, workers int) (problems []string) {
	found := map[string]Component{}
	for _, c := range has {
		found[c.Name] = c
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(scales)) {
		switch c, is := found[name]; {
		case !is:
			missing = append(missing, name)
		case int(scales[name].For(workers)) > c.Tasks:
			problems = append(problems, tooFewTasks(name, scales[name], workers, c.Tasks))
		case scales[name].For(workers) == 0 && c.Executors > c.Tasks:
			problems = append(problems, fmt.Sprintf("%s has %d tasks, and main gives it %d executors, but Storm never uses more executors than tasks. Set executors to %d or less, or raise tasks.",
				scaleField(name), c.Tasks, c.Executors, c.Tasks))
		}
	}
	if len(missing) > 0 {
		problems = append([]string{fmt.Sprintf("spec.topology.components names %s. The topology has no such component; it has %s. Correct the name.",
			listed(missing, quotedName), listed(ownNames(has), shortName))}, problems...)
	}
	return problems
}

// tooFewTasks: Storm gives a component at most one executor for each task, and does not say
// so (Utils.partitionFixed, v2.8.1).
func tooFewTasks(name string, scale Scale, workers, tasks int) string {
	each := ""
	if scale.PerWorker > 0 {
		each = fmt.Sprintf(" (%d for each of %d workers)", scale.PerWorker, max(workers, 1))
	}
	return fmt.Sprintf("%s requests %d executors%s and has %d tasks, and Storm never uses more executors than tasks. Request fewer executors, or set tasks to %d or more, which is a restart.",
		scaleField(name), scale.For(workers), each, tasks, scale.For(workers))
}

func scaleField(name string) string {
	return fmt.Sprintf("spec.topology.components[%s]", quotedName(name))
}

func quotedName(name string) string { return fmt.Sprintf("%q", textutil.Cut(textutil.Clean(name), 63)) }

func shortName(name string) string { return textutil.Cut(textutil.Clean(name), 63) }

// ownNames are the names of the components that main made, sorted.
func ownNames(components []Component) (names []string) {
	for _, c := range components {
		if !c.Internal() {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

// namesListed is how many components a message lists.
const namesListed = 8

func listed(names []string, show func(string) string) string {
	if len(names) == 0 {
		return "none"
	}
	var shown []string
	for _, name := range names[:min(len(names), namesListed)] {
		shown = append(shown, show(name))
	}
	if more := len(names) - len(shown); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(shown, ", "), more)
	}
	if last := len(shown) - 1; last > 0 {
		return strings.Join(shown[:last], ", ") + " and " + shown[last]
	}
	return shown[0]
}
