package metacontroller

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// wireResponse has exactly the keys that Metacontroller's strict decoder knows.
type wireResponse struct {
	Status             any              `json:"status"`
	Children           []map[string]any `json:"children"`
	ResyncAfterSeconds float64          `json:"resyncAfterSeconds,omitempty"`
	Finalized          bool             `json:"finalized,omitempty"`
}

// Encode encodes the answer to a sync or finalize call. The children are without the
// empty parts that typed objects print, and sorted by kind and name. "children" is
// never null and never contains null, which would crash Metacontroller.
func Encode(response SyncResponse) ([]byte, error) {
	wire := wireResponse{
		Status:             response.Status,
		Children:           make([]map[string]any, 0, len(response.Children)),
		ResyncAfterSeconds: response.ResyncAfter.Seconds(),
		Finalized:          response.Finalized,
	}
	for _, child := range response.Children {
		object, is := child.(map[string]any)
		if !is || !textsOnly(object) {
			var err error
			if object, err = Untyped(child); err != nil {
				return nil, err
			}
		}
		wire.Children = append(wire.Children, object)
	}
	slices.SortFunc(wire.Children, func(a, b map[string]any) int {
		return cmp.Compare(sortKey(a), sortKey(b))
	})
	return json.Marshal(wire)
}

// textsOnly says whether an object is sent as it is, as the reference of a child that exists.
func textsOnly(object map[string]any) bool {
	for _, part := range object {
		switch v := part.(type) {
		case string:
		case map[string]any:
			if !textsOnly(v) {
				return false
			}
		default:
			return false
		}
	}
	return len(object) > 0
}

// EncodeCustomize encodes the answer to a customize call.
func EncodeCustomize(response CustomizeResponse) ([]byte, error) {
	if response.Related == nil {
		response.Related = []RelatedRule{}
	}
	return json.Marshal(response)
}

// Untyped is a child as it is sent, without the empty parts that typed objects print.
func Untyped(child any) (map[string]any, error) {
	raw, err := json.Marshal(child)
	if err != nil {
		return nil, fmt.Errorf("encoding a child: %w", err)
	}
	var object map[string]any
	if err := utiljson.Unmarshal(raw, &object); err != nil {
		return nil, fmt.Errorf("encoding a child: %w", err)
	}
	if object == nil {
		return nil, fmt.Errorf("encoding a child: the child is null")
	}
	prune(object)
	return object, nil
}

// prune removes the empty parts that typed objects print: "status": {}, "resources":
// {}, "metadata": {}, "strategy": {}, and nulls. The "emptyDir": {} of a volume has a
// meaning and stays.
func prune(value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, part := range v {
			prune(part)
			m, isMap := part.(map[string]any)
			if part == nil || isMap && len(m) == 0 && printedThoughEmpty[key] {
				delete(v, key)
			}
		}
	case []any:
		for _, part := range v {
			prune(part)
		}
	}
}

var printedThoughEmpty = map[string]bool{"status": true, "resources": true, "metadata": true, "strategy": true}

func sortKey(object map[string]any) string {
	metadata, _ := object["metadata"].(map[string]any)
	return fmt.Sprint(object["kind"], "/", metadata["namespace"], "/", metadata["name"])
}
