package metacontroller

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestUnreadIsLeftOut(t *testing.T) {
	both := NobodyReads.And(Unread{"metadata": {"labels": nil}, "spec": {"tolerations": nil, "containers": {"env": nil}}})
	tests := map[string]struct{ reason, object, want string }{
		"in the middle":   {"as the API server writes them", `{"metadata":{"managedFields":[{"f:a":{"}":1}}],"name":"a"},"spec":{}}`, `{"metadata":{"name":"a"},"spec":{}}`},
		"at the end":      {"no comma may stay", `{"metadata":{"name":"a","managedFields":[]}}`, `{"metadata":{"name":"a"}}`},
		"alone":           {"nothing is left", `{"metadata":{"managedFields":[]},"spec":{"tolerations":[]}}`, `{"metadata":{},"spec":{}}`},
		"a dotted key":    {"an annotation", `{"metadata":{"annotations":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{\"a\":1}\n"}}}`, `{"metadata":{"annotations":{"a":"b"}}}`},
		"in each element": {"lists are passed through", `{"spec":{"containers":[{"env":[{"name":"A"}],"name":"a"},{"name":"b","env":[]},{},1]}}`, `{"spec":{"containers":[{"name":"a"},{"name":"b"},{},1]}}`},
		"elsewhere":       {"a pod template has metadata of its own", `{"spec":{"template":{"metadata":{"managedFields":[]}}}}`, `{"spec":{"template":{"metadata":{"managedFields":[]}}}}`},
		"with space":      {"no one promises none", "{ \"metadata\" : { \"managedFields\" : [ ] , \"name\" : \"a\" } , \"spec\" : { \"containers\" : [ { } ] } }", `{"metadata":{"name":"a"},"spec":{"containers":[{}]}}`},
		"escaped":         {"read as it is written", `{"metadata":{"\u006dame":"\"é\u00e9"}}`, `{"metadata":{"\u006dame":"\"é\u00e9"}}`},
		"no object":       {"the decoder says so", `[1]`, `[1]`},
		"metadata null":   {"as Go writes it", `{"metadata":null}`, `{"metadata":null}`},
		"broken":          {"the decoder says so", `{"metadata":{"managedFields":[}`, `{"metadata":{"managedFields":[}`},
		"more behind":     {"the decoder says so", `{"metadata":{"managedFields":[]}} x`, `{"metadata":{"managedFields":[]}} x`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(both.leftOut(json.RawMessage(tc.object))); got != tc.want {
				t.Errorf("%s: got %s, want %s", tc.reason, got, tc.want)
			}
		})
	}
}

// Nothing but what is named is lost: with nothing named, all is there.
func FuzzLean(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	nothing := Unread{"a": {"a": {"a": {"no such key": nil}}}, "": {"": {"no such key": nil}}}
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after any
		if json.Unmarshal(text, &before) != nil {
			return
		}
		if err := json.Unmarshal(nothing.leftOut(text), &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%q became %q: %v", text, nothing.leftOut(text), err)
		}
	})
}
