package validate

import "fmt"

// together is what objects in the same files would do to each other.
func together(all []written) []Problem {
	var problems []Problem
	objects, names := map[string]written{}, map[string]written{}
	say := func(o written, severity Severity, path, format string, args ...any) {
		at := find(o.node, path)
		problems = append(problems, Problem{File: o.File, Line: at.line, Column: at.column, Severity: severity,
			Object: o.Title(), Field: path, Message: fmt.Sprintf(format, args...)})
	}
	for _, object := range all {
		key := object.Kind + "/" + object.Namespace + "/" + object.Name
		if first, again := objects[key]; again {
			at := find(first.node, "metadata.name")
			say(object, Warning, "metadata.name", "%s is in %s:%d, too; the later one wins. Take one of them away.", object.Title(), first.File, at.line)
			continue
		}
		objects[key] = object
		cluster, name := inStorm(object)
		if cluster == "" || name == "" {
			continue
		}
		key = object.Namespace + "/" + cluster + "/" + name
		if first, taken := names[key]; taken {
			say(object, Error, "spec.topology.name", "%s has the name %q in Storm, too (StormCluster %q): one of them would be NameConflict. Set another spec.topology.name.", first.Title(), name, cluster)
			continue
		}
		names[key] = object
	}
	return problems
}

// inStorm is a StormTopology's StormCluster, and its name there.
func inStorm(object written) (cluster, name string) {
	spec, _ := object.Content["spec"].(map[string]any)
	topology, _ := spec["topology"].(map[string]any)
	cluster, _ = spec["clusterRef"].(string)
	if name, _ = topology["name"].(string); name == "" {
		name = object.Name
	}
	return cluster, name
}
