package packages

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// Argo CD runs these scripts with gopher-lua, with `obj` as the object.
func TestArgoCDHealthOfTopologies(t *testing.T) {
	seen := map[string]int{}
	for name, object := range topologies(t) {
		got := health(t, "stormtopology", object)
		seen[got]++
		var want string
		switch a := object.ask(); {
		case a.del:
			want = "Progressing"
		case a.stalled:
			want = "Degraded"
		case a.reason == "Paused", a.ready == "True" && a.reason == "Suspended":
			want = "Suspended"
		case a.ready == "True":
			want = "Healthy"
		case a.ready == "Unknown":
			want = "Unknown"
		default:
			want = "Progressing"
		}
		if got != want {
			t.Errorf("%s: %s, want %s of %+v", name, got, want, object.ask())
		}
	}
	for _, state := range []string{"Healthy", "Progressing", "Degraded", "Suspended", "Unknown"} {
		if seen[state] == 0 {
			t.Errorf("no story is %s", state)
		}
	}
}

func TestArgoCDHealthOfClusters(t *testing.T) {
	want := map[string]string{
		"answers": "Healthy", "silent": "Degraded", "another storm": "Degraded", "held": "Progressing", "goes": "Progressing",
	}
	for name, object := range clusters(t) {
		if got := health(t, "stormcluster", object); got != want[name] {
			t.Errorf("%s: %s, want %s", name, got, want[name])
		}
	}
}

// A spec that Stormhooks has not processed yet is Progressing.
func TestArgoCDHealthOfWhatWasNotSeenYet(t *testing.T) {
	for _, script := range []string{"stormtopology", "stormcluster"} {
		for name, status := range map[string]any{
			"no status":       nil,
			"the default":     map[string]any{"observedGeneration": -1},
			"no Ready":        map[string]any{"observedGeneration": 2, "conditions": []any{}},
			"the spec before": map[string]any{"observedGeneration": 1, "conditions": []any{map[string]any{"type": "Ready", "status": "True", "reason": "Active"}}},
		} {
			object := told{"metadata": map[string]any{"generation": 2}, "status": status}
			if got := health(t, script, object); got != "Progressing" {
				t.Errorf("%s, %s: %s", script, name, got)
			}
		}
	}
}

// health runs a script as Argo CD does.
func health(t *testing.T, script string, object told) string {
	t.Helper()
	text, err := os.ReadFile(manifests + "/gitops/argocd/" + script + ".lua")
	must(t, err)
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.StringLibName: lua.OpenString} {
		must(t, state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)))
	}
	var decoded any
	must(t, json.Unmarshal(asJSON(t, object), &decoded))
	state.SetGlobal("obj", toLua(state, decoded))
	must(t, state.DoString(string(text)))
	answer, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("%s.lua answers %s", script, state.Get(-1).Type())
	}
	status, message := answer.RawGetString("status").String(), answer.RawGetString("message").String()
	known := []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}
	if !slices.Contains(known, status) || message == "" || message == "nil" {
		t.Fatalf("%s.lua says %q, %q", script, status, message)
	}
	return status
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, each := range value {
			table.RawSetString(key, toLua(state, each))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, each := range value {
			table.Append(toLua(state, each))
		}
		return table
	case string:
		return lua.LString(value)
	case float64:
		return lua.LNumber(value)
	case bool:
		return lua.LBool(value)
	}
	return lua.LNil
}

func asJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return text
}
