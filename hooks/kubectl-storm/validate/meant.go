package validate

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
)

// meant says which field an unknown one was most likely meant to be: a field next to it
// with a similar name, or a field of the same name at another place, if the indentation is
// wrong.
func meant(root *schema.Structural, path string) string {
	parent, name := "", path
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		parent, name = path[:dot], path[dot+1:]
	}
	if at := below(root, parent); at != nil {
		if near := cli.Nearest(name, slices.Collect(maps.Keys(at.Properties))); near != "" {
			return didYouMean(near)
		}
	}
	if place := elsewhere(root, "", name); place != "" {
		return " Did you mean " + place + "? Check the indentation."
	}
	return ""
}

// below is the schema of a path such as spec.template.volumes[0].
func below(at *schema.Structural, path string) *schema.Structural {
	for _, name := range strings.Split(path, ".") {
		name, _, indexed := strings.Cut(name, "[")
		if name == "" {
			continue
		}
		next, known := at.Properties[name]
		if !known {
			return nil
		}
		if at = &next; indexed && at.Items != nil {
			at = at.Items
		}
	}
	return at
}

// elsewhere is the path of the field of that name which is nearest to the top, without the
// fields deep in the types of Kubernetes.
func elsewhere(at *schema.Structural, path, name string) string {
	const deepest = 5
	best := ""
	for _, key := range slices.Sorted(maps.Keys(at.Properties)) {
		found := strings.TrimPrefix(path+"."+key, ".")
		if found == "status" || found == "metadata" || strings.Count(found, ".") >= deepest {
			continue
		}
		if property := at.Properties[key]; key != name {
			found = elsewhere(&property, found, name)
		}
		if found != "" && (best == "" || strings.Count(found, ".") < strings.Count(best, ".")) {
			best = found
		}
	}
	return best
}
