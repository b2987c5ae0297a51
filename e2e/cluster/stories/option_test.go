package stories

import (
	"encoding/json"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"
)

// option FLAG…: the hook server gets more options, instead of those of an earlier call. What
// it had before is put back in the end.
func option(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: option FLAG...")
	}
	in := []string{"-n", "stormhooks-system"}
	set := func(options []string) {
		patch, err := json.Marshal([]any{map[string]any{"op": "replace", "path": "/spec/template/spec/containers/0/args", "value": options}})
		ts.Check(err)
		ask(ts, append(in, "patch", "deployment", "stormhooks", "--type=json", "-p", string(patch))...)
		ask(ts, append(in, "rollout", "status", "deployment", "stormhooks", "--timeout=50s")...)
	}
	const remembered = "OPTIONS_BEFORE"
	first := ts.Getenv(remembered) == ""
	if first {
		installing.Lock()
		ts.Defer(installing.Unlock)
		ts.Setenv(remembered, ask(ts, append(in, "get", "deployment", "stormhooks", "-o", "jsonpath={.spec.template.spec.containers[0].args}")...))
	}
	var before []string
	ts.Check(json.Unmarshal([]byte(ts.Getenv(remembered)), &before))
	if first {
		ts.Defer(func() { set(before) })
	}
	set(append(slices.Clone(before), args...))
}
