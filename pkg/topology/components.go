package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// componentsShown is how many components a status has.
const componentsShown = 100

// scalesOf are the scales of a spec; nil where it has none.
func scalesOf(components map[string]v1beta1.Component) map[string]storm.Scale {
	if len(components) == 0 {
		return nil
	}
	scales := make(map[string]storm.Scale, len(components))
	for name, c := range components {
		scales[name] = storm.Scale{Executors: value(c.Executors), PerWorker: value(c.ExecutorsPerWorker), Tasks: value(c.Tasks)}
	}
	return scales
}

func value(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}

// workersOf is how many workers a goal requests: as its spec says, otherwise as the
// topology that runs does.
func workersOf(goal Goal, t *storm.Topology) int {
	if workers, set := goal.Settings[storm.Workers].(int64); set {
		return int(workers)
	}
	return max(t.WorkersWanted, 1)
}

// knownComponents are those of the topology in Storm; nil where they are not known. Storm
// tells of executors that are assigned only. A topology keeps its components and their tasks
// for as long as it has its id.
func knownComponents(seen Observed) []storm.Component {
	t, before := seen.Storm.Topology, seen.Parent.Status
	if len(t.Components) > 0 {
		return t.Components
	}
	if before.StormID != t.ID || before.ComponentsNotShown > 0 {
		return nil
	}
	var known []storm.Component
	for _, c := range before.Components {
		known = append(known, storm.Component{Name: c.Name, Executors: int(c.Executors), Tasks: int(c.Tasks)})
	}
	return known
}

// scaleProblems say why a rebalance could not give the topology that runs what the aim's spec
// says of its components. Nimbus would ignore both without a message (Nimbus.java
// computeExecutors, v2.8.1). Empty where the components are not known: it gets the rebalance.
func scaleProblems(seen Observed) []string {
	known := knownComponents(seen)
	if len(known) == 0 {
		return nil
	}
	return storm.ComponentProblems(seen.Aim.Scales, known, workersOf(seen.Aim, seen.Storm.Topology))
}

// otherExecutors ends a message with the components that have other executors than the spec
// requests, although it runs: a rebalance by hand leaves the fingerprint as it is. Empty
// where there are none.
func otherExecutors(seen Observed) string {
	t := seen.Storm.Topology
	if seen.Storm.Heard != Own || len(t.Components) == 0 || len(seen.Target.Scales) == 0 {
		return ""
	}
	workers := workersOf(seen.Target, t)
	if problems := storm.ComponentProblems(seen.Target.Scales, t.Components, workers); len(problems) > 0 {
		return " " + strings.Join(problems, " ")
	}
	wanted := storm.ExecutorsFor(seen.Target.Scales, workers)
	command, differ := []string{"storm", "rebalance", t.Name}, []string(nil)
	for _, c := range t.Components {
		if n := wanted[c.Name]; n > 0 && int(n) != c.Executors && len(differ) < mostCorrected {
			differ = append(differ, fmt.Sprintf("%q has %d of %s requested", text.Cut(c.Name, 63), c.Executors, plural(int(n), "executor")))
			command = append(command, "-e", fmt.Sprintf("%s=%d", c.Name, n))
		}
	}
	if len(differ) == 0 {
		return ""
	}
	return fmt.Sprintf(" Component %s, since the topology was rebalanced in Storm. To correct that, run %s, or change spec.topology.components.",
		strings.Join(differ, ", "), text.Command(command...))
}

// mostCorrected is how many components a message corrects.
const mostCorrected = 3

// reportComponents reports the components of the topology in Storm.
func reportComponents(status *v1beta1.StormTopologyStatus, seen Observed) {
	before, t := seen.Parent.Status, seen.Storm.Topology
	if len(t.Components) == 0 {
		if before.StormID == t.ID {
			status.Components, status.ComponentsNotShown = before.Components, before.ComponentsNotShown
		}
		return
	}
	sorted := slices.SortedFunc(slices.Values(t.Components), func(a, b storm.Component) int {
		return cmp.Or(internalLast(a)-internalLast(b), cmp.Compare(a.Name, b.Name))
	})
	for _, c := range sorted[:min(len(sorted), componentsShown)] {
		status.Components = append(status.Components, v1beta1.ComponentStatus{Name: c.Name, Executors: int32(c.Executors), Tasks: int32(c.Tasks)})
	}
	status.ComponentsNotShown = int32(len(sorted) - len(status.Components))
}

func internalLast(c storm.Component) int {
	if c.Internal() {
		return 1
	}
	return 0
}

// steadyComponents are components whose names may go into a status.
func steadyComponents(said []storm.Component) []storm.Component {
	components := slices.Clone(said)
	for i := range components {
		components[i].Name = text.Cut(text.Clean(components[i].Name), saidLimit)
	}
	return components
}

// executorsPerWorker names a component of the spec that is scaled by workers; empty for none.
func executorsPerWorker(parent *v1beta1.StormTopology) string {
	for _, name := range slices.Sorted(maps.Keys(parent.Spec.Topology.Components)) {
		if parent.Spec.Topology.Components[name].ExecutorsPerWorker != nil {
			return name
		}
	}
	return ""
}
