package preview

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Managers are the field managers that applied an object server-side, as Argo CD and Flux
// do: the one with the most fields of the spec first. They are empty if the object was
// applied by kubectl apply alone, or read without its managedFields.
func Managers(live map[string]any) []string {
	owned := map[string]int{}
	for _, m := range managed(live) {
		if fields := m.fields.at("spec").count(); m.applies && fields > 0 {
			owned[m.name] = fields
		}
	}
	return slices.SortedFunc(maps.Keys(owned), func(a, b string) int {
		return cmp.Or(cmp.Compare(owned[b], owned[a]), strings.Compare(a, b))
	})
}

// Conflict is a field that a server-side apply sets, and another field manager has set to
// another value.
type Conflict struct {
	Field   string `json:"field"`
	Manager string `json:"manager"`
}

// ApplyServerSide is the result of kubectl apply --server-side --force-conflicts for a
// live object and a file. Fields of the file are set, fields that the manager applied
// before and that the file lacks are removed unless another manager has them too, and all
// others stay. Without force, the API server rejects the apply if there are conflicts.
// Lists are replaced as a whole. A test in the module kubectl-storm compares it with the
// API server's own code.
func ApplyServerSide(manager string, live, file map[string]any) (map[string]any, []Conflict) {
	var by owners
	for _, m := range managed(live) {
		if m.name == manager && m.applies {
			by.mine = m.fields
		} else {
			by.others = append(by.others, m)
		}
	}
	a := applier{}
	merged, _ := a.set("", live, file, by).(map[string]any)
	merged = maps.Clone(merged)
	merged["status"] = live["status"]
	return merged, a.conflicts
}

// node is what a manager has below a field, as managedFields writes it (FieldsV1). A field
// without anything below it is a node that is empty, and not nil.
type node map[string]node

func (n node) at(field string) node { return n["f:"+field] }

// count is the number of fields without others below them.
func (n node) count() int {
	if n == nil {
		return 0
	}
	if len(n) == 0 {
		return 1
	}
	all := 0
	for name, below := range n {
		if name != "." {
			all += below.count()
		}
	}
	return all
}

// manager is an entry of managedFields.
type manager struct {
	name    string
	applies bool
	fields  node
}

func managed(live map[string]any) (all []manager) {
	metadata, _ := live["metadata"].(map[string]any)
	entries, _ := metadata["managedFields"].([]any)
	for _, entry := range entries {
		entry, _ := entry.(map[string]any)
		m := manager{}
		m.name, _ = entry["manager"].(string)
		operation, _ := entry["operation"].(string)
		subresource, _ := entry["subresource"].(string)
		m.applies = operation == "Apply" && subresource == ""
		text, err := json.Marshal(entry["fieldsV1"])
		if err == nil && json.Unmarshal(text, &m.fields) == nil {
			all = append(all, m)
		}
	}
	return all
}

// owners are what the manager that applies has of a field, and what all others have.
type owners struct {
	mine   node
	others []manager
}

func (by owners) at(field string) owners {
	below := owners{mine: by.mine.at(field)}
	for _, m := range by.others {
		if m.fields = m.fields.at(field); m.fields != nil {
			below.others = append(below.others, m)
		}
	}
	return below
}

// asWhole says whether a map with entries is owned as one value: its schema is atomic.
func (by owners) asWhole() bool {
	for _, m := range by.others {
		if len(m.fields) > 0 {
			return false
		}
	}
	return len(by.mine) == 0 && (by.mine != nil || len(by.others) > 0)
}

type applier struct{ conflicts []Conflict }

// set is a field after the apply of a file that has it.
func (a *applier) set(path string, live, file any, by owners) any {
	wanted, isMap := file.(map[string]any)
	was, wasMap := live.(map[string]any)
	switch {
	case file == nil && wasMap:
		kept, _ := unapplied(live, by)
		return kept
	case !isMap, len(was) > 0 && by.asWhole():
		if !reflect.DeepEqual(live, file) {
			for _, m := range by.others {
				a.conflicts = append(a.conflicts, Conflict{path, m.name})
			}
		}
		return file
	}
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		out[key] = a.set(below(path, key), was[key], wanted[key], by.at(key))
	}
	for key, value := range was {
		if _, has := wanted[key]; !has {
			if kept, is := unapplied(value, by.at(key)); is {
				out[key] = kept
			}
		}
	}
	return out
}

// unapplied is a field after the apply of a file that lacks it, and whether it stays.
func unapplied(live any, by owners) (any, bool) {
	was, isMap := live.(map[string]any)
	if by.mine == nil {
		return live, true
	}
	if !isMap || len(by.mine) == 0 {
		return live, len(by.others) > 0
	}
	out := map[string]any{}
	for key, value := range was {
		at := by.at(key)
		_, all := by.mine["."]
		if all && at.mine == nil && len(at.others) == 0 {
			continue // it goes with the map around it
		}
		if kept, is := unapplied(value, at); is {
			out[key] = kept
		}
	}
	return out, len(out) > 0 || len(by.others) > 0
}

// below is the path of a field.
func below(path, key string) string {
	switch path {
	case "":
		return key
	case "spec.topology.config", "spec.config":
		return fmt.Sprintf("%s[%q]", path, key)
	}
	return path + "." + key
}

// SaysWhoApplied says whether a live object has the annotation of kubectl apply, or its
// managedFields, which kubectl get leaves out unless it has --show-managed-fields.
func SaysWhoApplied(live map[string]any) bool {
	metadata, _ := live["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	_, has := annotations[lastApplied].(string)
	return has || len(managed(live)) > 0
}

// Kept are the fields of the spec of a live object that a file lacks, without defaults.
func Kept(live, file map[string]any) []string {
	was, _ := live["spec"].(map[string]any)
	wanted, _ := file["spec"].(map[string]any)
	return lacking("spec", was, wanted)
}

func lacking(path string, was, wanted map[string]any) (paths []string) {
	for _, key := range slices.Sorted(maps.Keys(was)) {
		at := below(path, key)
		inner, isMap := was[key].(map[string]any)
		other, has := wanted[key]
		of, _ := other.(map[string]any)
		switch {
		case !has && !isMap && !isDefault(at, was[key]):
			paths = append(paths, at)
		case isMap && (!has || of != nil):
			paths = append(paths, lacking(at, inner, of)...)
		}
	}
	return paths
}

// isDefault says whether the API server sets a field to a value by the schema of the CRD.
func isDefault(path string, value any) bool {
	switch path {
	case "spec.deletionPolicy":
		return value == string(v1beta1.DeletionKill)
	case "spec.topology.jar.container.extractionMode":
		return value == string((&v1beta1.StormTopology{}).Mode())
	case "spec.nimbus.port":
		return fmt.Sprint(value) == fmt.Sprint((&v1beta1.StormCluster{}).Port())
	case "spec.pollSeconds":
		return fmt.Sprint(value) == fmt.Sprint(v1beta1.DefaultPollSeconds)
	}
	return false
}
