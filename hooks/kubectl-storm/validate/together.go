package validate

import (
	"fmt"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// together reports conflicts between objects of the same files.
func together(all []written) []Problem {
	var problems []Problem
	objects, names, second := map[string]written{}, map[string]written{}, map[string]written{}
	report := func(o written, severity Severity, path, format string, args ...any) {
		at := find(o.node, path)
		problems = append(problems, Problem{File: o.File, Line: at.line, Column: at.column, Severity: severity,
			Object: o.Title(), Field: path, Message: fmt.Sprintf(format, args...), key: o.Key(), together: true})
	}
	for _, object := range all {
		key := object.Kind + "/" + object.Namespace + "/" + object.Name
		if first, again := objects[key]; again {
			if object.Name != "" { // otherwise that is wrong in both
				report(object, Warning, "metadata.name", "%s", cli.AlsoDefined(object.Object, first.File, find(first.node, "metadata.name").line))
				problems[len(problems)-1].twice = true
			}
			continue
		}
		objects[key] = object
		cluster, name := inStorm(object)
		if cluster == "" || name == "" {
			continue
		}
		key = object.Namespace + "/" + cluster + "/" + name
		if first, taken := names[key]; taken {
			report(object, Error, "spec.topology.name", "%s also has the name %q in Storm (StormCluster %q); only one of them can run (NameConflict). Set another spec.topology.name.", first.Title(), name, cluster)
			continue
		}
		names[key] = object
		const waits = "While one of them has it, the other one waits (NameConflict). Give one that is not applied yet another spec.topology.name."
		if of, needed := second[key]; needed {
			report(object, Warning, "spec.topology.name", "%s, which has strategy BlueGreen, also needs the name %q in Storm (StormCluster %q), for its updates. %s", of.Title(), name, cluster, waits)
		}
		if !blueGreen(object) {
			continue
		}
		key += v1beta1.GreenSuffix
		second[key] = object
		if of, has := names[key]; has {
			report(object, Warning, "spec.update.strategy", "%s has the name %q in Storm (StormCluster %q), which an update of this one with strategy BlueGreen needs. %s", of.Title(), name+v1beta1.GreenSuffix, cluster, waits)
		}
	}
	return problems
}

// blueGreen says whether updates of a StormTopology need a second name in Storm.
func blueGreen(object written) bool {
	spec, _ := object.Content["spec"].(map[string]any)
	update, _ := spec["update"].(map[string]any)
	return update["strategy"] == string(v1beta1.UpdateBlueGreen)
}

// inStorm is the StormCluster of a StormTopology, and its name there.
func inStorm(object written) (cluster, name string) {
	spec, _ := object.Content["spec"].(map[string]any)
	topology, _ := spec["topology"].(map[string]any)
	cluster, _ = spec["clusterRef"].(string)
	if name, _ = topology["name"].(string); name == "" {
		name = object.Name
	}
	return cluster, name
}
