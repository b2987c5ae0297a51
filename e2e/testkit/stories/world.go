package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// begin is when each story begins.
var begin = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// A World is what is there when a hook is called: its parts by name, as JSON.
type World map[string]any

// children are the parts of a world that an answer can make, by their names.
var children = map[string]string{
	"claim": "topology-jar-wordcount", "extract": "topology-jar-extract-wordcount",
	"submit": "topology-submit-wordcount", "topologyPod": "topology-wordcount",
}

// Request is the body that Metacontroller would send.
func (w World) Request(finalizing bool) ([]byte, error) {
	return json.Marshal(map[string]any{
		"controller": map[string]any{}, "parent": w["parent"], "finalizing": finalizing,
		"children": map[string]any{
			"PersistentVolumeClaim.v1": w.byName("claim"),
			"Job.batch/v1":             w.byName("extract", "submit"),
			"Pod.v1":                   w.byName("topologyPod"),
		},
		"related": map[string]any{
			"StormCluster.storm.apache.org/v1beta1": w.byName("cluster"),
			"Namespace.v1":                          w.byName("namespace", "kubeSystem"),
			"Pod.v1":                                w.byName("extractPod", "submitPod", "topologyPod"),
			"PersistentVolumeClaim.v1":              w.byName("givenClaim"),
			"ConfigMap.v1":                          w.byName("configMap"),
		},
	})
}

func (w World) byName(parts ...string) map[string]any {
	objects := map[string]any{}
	for _, part := range parts {
		if object, there := w[part].(map[string]any); there {
			metadata := object["metadata"].(map[string]any)
			objects[fmt.Sprint(metadata["namespace"], "/", metadata["name"])] = object
		}
	}
	return objects
}

// Clone is a World of its own.
func (w World) Clone() World { return clone(map[string]any(w)) }

// Status is the parent's, or nil.
func (w World) Status() map[string]any {
	status, _ := w["parent"].(map[string]any)["status"].(map[string]any)
	return status
}

// generation is the parent's.
func (w World) generation() any {
	return w["parent"].(map[string]any)["metadata"].(map[string]any)["generation"]
}

// Feed sets the parent's status.
func (w World) Feed(status any) { w["parent"].(map[string]any)["status"] = status }

// Silence lets Storm give no answer.
func (w World) Silence() {
	w["storm"] = silent()
	delete(w, "cached")
	delete(w, "denied")
}

// after is the world once the answer of a step has come true.
func (w World) after(step Step, answer map[string]any) {
	w.Feed(answer["status"])
	made := map[any]map[string]any{}
	for _, each := range answer["children"].([]any) {
		child := each.(map[string]any)
		made[child["metadata"].(map[string]any)["name"]] = child
	}
	for part, name := range children {
		child, wanted := made[name]
		switch {
		case !wanted:
			delete(w, part)
			delete(w, part+"Pod")
		case w[part] == nil:
			metadata := child["metadata"].(map[string]any)
			metadata["uid"] = part + "-of-" + step.Name
			metadata["creationTimestamp"] = begin.Add(step.At).Format(time.RFC3339)
			w[part] = child
		}
	}
}

// Merge is RFC 7386's JSON merge patch.
func Merge(into, patch map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(patch)) {
		value := patch[key]
		sub, isMap := value.(map[string]any)
		old, wasMap := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isMap && wasMap:
			Merge(old, sub)
		case isMap:
			fresh := map[string]any{}
			Merge(fresh, sub)
			into[key] = fresh
		default:
			into[key] = value
		}
	}
}

func clone[T any](value T) (copied T) {
	raw, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(raw, &copied)
	}
	if err != nil {
		panic(err) // it came from JSON
	}
	return copied
}
