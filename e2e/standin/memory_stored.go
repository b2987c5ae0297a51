package standin

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// asStored is an object as it comes back from an API server: through JSON, where a
// float64 1.0 is written as 1 and read as an integer. What is stored already (a
// part of another version) is shared and not copied.
func asStored(object *unstructured.Unstructured) *unstructured.Unstructured {
	stored, _ := storedValue(object.Object).(map[string]any)
	return &unstructured.Unstructured{Object: stored}
}

func storedValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		stored := make(map[string]any, len(v))
		for key, part := range v {
			stored[key] = storedValue(part)
		}
		return stored
	case []any:
		if v == nil {
			return nil
		}
		stored := make([]any, len(v))
		for i, part := range v {
			stored[i] = storedValue(part)
		}
		return stored
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
		return v
	case nil, string, bool, int64:
		return v
	}
	return throughJSON(value)
}

// throughJSON takes what a test put in: an int, a typed slice.
func throughJSON(value any) any {
	raw, err := json.Marshal(value)
	var untyped any
	if err == nil {
		err = json.Unmarshal(raw, &untyped)
	}
	if err != nil {
		panic(fmt.Sprintf("an object holds a %s, which is not JSON: %v", reflect.TypeOf(value), err))
	}
	return storedValue(untyped)
}
