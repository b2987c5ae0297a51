package preview

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// lastApplied is the annotation with what kubectl apply applied last.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Apply is the result of kubectl apply for a live object and a file. Fields of the file
// are set, fields that it had before and lacks now are removed, and fields of others stay
// (kubectl scale, an autoscaler, kubectl annotate). Lists are replaced as a whole, as for
// every custom resource. A live object that kubectl apply never wrote loses nothing. A
// test in the module kubectl-storm compares Apply with kubectl's own code, whose libraries
// programs that import pkg need not carry.
func Apply(live, file map[string]any) (map[string]any, error) {
	metadata, _ := live["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	var before map[string]any
	if text, _ := annotations[lastApplied].(string); text != "" {
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			return nil, fmt.Errorf("reading annotation %s of the live object: %w", lastApplied, err)
		}
	}
	merged := merge(live, annotated(file), before)
	merged["status"] = live["status"]
	return merged, nil
}

// annotated is a file as kubectl apply compares it: always with metadata.annotations,
// since kubectl writes its own there (GetModifiedConfiguration in kubectl:
// pkg/util/apply.go). So only annotations that were applied before are removed.
func annotated(file map[string]any) map[string]any {
	metadata, _ := file["metadata"].(map[string]any)
	if _, has := metadata["annotations"].(map[string]any); has {
		return file
	}
	file, metadata = maps.Clone(file), maps.Clone(metadata)
	if file == nil {
		file = map[string]any{}
	}
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata["annotations"] = map[string]any{}
	file["metadata"] = metadata
	return file
}

func merge(live, file, before map[string]any) map[string]any {
	out := maps.Clone(live)
	if out == nil {
		out = map[string]any{}
	}
	for key := range before {
		if _, still := file[key]; !still {
			delete(out, key)
		}
	}
	for key, value := range file {
		of, isMap := value.(map[string]any)
		switch was, applied := before[key]; {
		case applied && onlyNulls(value) && reflect.DeepEqual(value, was): // kubectl sends them once
		case value == nil: // null removes a field
			delete(out, key)
		case isMap:
			old, _ := live[key].(map[string]any)
			was, _ := before[key].(map[string]any)
			out[key] = merge(old, of, was)
		default:
			out[key] = value
		}
	}
	return out
}

func onlyNulls(value any) bool {
	of, isMap := value.(map[string]any)
	for _, part := range of {
		if !onlyNulls(part) {
			return false
		}
	}
	return value == nil || isMap && len(of) > 0
}

// differing are the paths of the fields that differ between two specs.
func differing(path string, before, after any) []string {
	old, oldMap := before.(map[string]any)
	fresh, freshMap := after.(map[string]any)
	switch {
	case reflect.DeepEqual(before, after):
		return nil
	case !oldMap && !freshMap, before != nil && !oldMap, after != nil && !freshMap:
		return []string{path}
	}
	var paths []string
	keys := slices.Sorted(maps.Keys(fresh))
	for key := range old {
		if _, is := fresh[key]; !is {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		paths = append(paths, differing(below(path, key), old[key], fresh[key])...)
	}
	return paths
}
