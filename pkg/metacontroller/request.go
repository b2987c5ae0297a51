package metacontroller

import (
	"encoding/json"
	"maps"
	"slices"
)

// Request is the body of a sync, finalize or customize call.
type Request struct {
	// Parent is the whole parent object.
	Parent json.RawMessage `json:"parent"`
	// Children are the observed children, also those that are being deleted.
	Children Objects `json:"children"`
	// Related are the objects that the answer to customize selected.
	Related Objects `json:"related"`
	// Finalizing says that the parent is being deleted.
	Finalizing bool `json:"finalizing"`
}

// Objects are objects by kind ("Job.batch/v1", "Pod.v1") and then by
// namespace/name, or name where cluster-scoped.
type Objects map[string]map[string]json.RawMessage

// Of returns the objects of a kind, sorted by key, so that their order in the
// request does not reach a decision.
func (o Objects) Of(kind string) []json.RawMessage {
	byKey := o[kind]
	if len(byKey) == 0 {
		return nil
	}
	objects := make([]json.RawMessage, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		objects = append(objects, byKey[key])
	}
	return objects
}
