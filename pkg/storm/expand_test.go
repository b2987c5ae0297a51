package storm

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// set are the variables of these tests.
func set(name string) (string, bool) {
	value, is := map[string]string{"A": "alpha", "a.b-c_D": "odd", "EMPTY": "", "TRICK": "$(A) $$(A)", "N": "7", "DIGITS": "0123456789", "JSON": `["x"]`}[name]
	return value, is
}

func TestExpand(t *testing.T) {
	for _, tc := range []struct{ why, text, want, unset string }{
		{"a reference", "$(A)", "alpha", ""},
		{"inside a text, twice", "x$(A)$(A)y", "xalphaalphay", ""},
		{"every name that Kubernetes accepts", "$(a.b-c_D)", "odd", ""},
		{"an empty value is a value", "[$(EMPTY)]", "[]", ""},
		{"a value is not expanded again", "$(TRICK)", "$(A) $$(A)", ""},
		{"escaped", "$$(A)", "$(A)", ""},
		{"escaped, of a variable that is not set", "$$(NONE)", "$(NONE)", ""},
		{"an escaped dollar before a reference", "$$$(A)", "$alpha", ""},
		{"two escaped dollars", "$$$$(A)", "$$(A)", ""},
		{"not closed", "$(A", "$(A", ""},
		{"not opened", "$A) $", "$A) $", ""},
		{"dollars alone stay, unlike in Kubernetes: a password may have them", "pa$$word$$", "pa$$word$$", ""},
		{"empty", "", "", ""},
		{"no name", "$()", "$()", ""},
		{"no name of a variable: a command of a shell", "$(date +%s) $(9) $(ä)", "$(date +%s) $(9) $(ä)", ""},
		{"a reference in it", "$(x$(A))", "$(xalpha)", ""},
		{"not set", "$(NONE)$(A)$(NONE)$(OTHER)", "alpha", "NONE OTHER"},
	} {
		got, unset := Expand(tc.text, set)
		if got != tc.want || strings.Join(unset, " ") != tc.unset {
			t.Errorf("%s: %q is %q, %q; want %q, %q", tc.why, tc.text, got, unset, tc.want, tc.unset)
		}
		if want := tc.want != tc.text || tc.unset != ""; HasReference([]any{map[string]any{"k": tc.text}}) != want {
			t.Errorf("%s: %q has a reference: %v", tc.why, tc.text, !want)
		}
	}
}

// In a command of a shell only what is set is a variable.
func TestExpandSet(t *testing.T) {
	for text, want := range map[string]string{
		"$(A)": "alpha", "$$(A)": "$(A)", "$$$(A)": "$alpha", "x$(date)$(A)$$(date) $$": "x$(date)alpha$$(date) $$", "$(EMPTY)": "",
	} {
		if got := ExpandSet(text, set); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// A text without end, full of beginnings, costs no more than another one.
func TestExpandIsLinear(t *testing.T) {
	for _, begin := range []string{"$", "$(", "$(A", "$$(A"} {
		text := strings.Repeat(begin, 1<<20)
		if got, unset := Expand(text, set); got != text || unset != nil {
			t.Errorf("%s was changed", begin)
		}
	}
}

func TestExpandArgs(t *testing.T) {
	got, problems := ExpandArgs([]string{"--a=$(A)", "plain", "$(NONE)"}, set)
	if diff := cmp.Diff([]string{"--a=alpha", "plain", ""}, got); diff != "" {
		t.Error(diff)
	}
	want := []string{"spec.topology.args[2] names $(NONE), which is not set. Set it in spec.template.env or envFrom. Only if you mean the text itself, write $$(NONE)."}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Error(diff)
	}
}

// The way of a setting: Settings in the hook, JSON, ExpandSettings in the pod.
func TestExpandSettings(t *testing.T) {
	for _, tc := range []struct {
		why, key string
		value    any
		want     any
		problem  string
	}{
		{"a number that Storm declares", "topology.workers", "$(N)", json.Number("7"), ""},
		{"part of a number", "topology.workers", "1$(N)", json.Number("17"), ""},
		{"a text that Storm declares", "topology.worker.childopts", "-Da=$(A)", "-Da=alpha", ""},
		{"digits where Storm declares a text", "storm.zookeeper.topology.auth.payload", "$(DIGITS)", "0123456789", ""},
		{"digits where Storm declares nothing are a text", "es.password", "$(DIGITS)", "0123456789", ""},
		{"a number where Storm declares nothing is a text", "es.password", "$(N)", "7", ""},
		{"so is a list", "es.password", "$(JSON)", `["x"]`, ""},
		{"the spec's own list is a list", "es.hosts", "[$(A), 2]", []any{"alpha", json.Number("2")}, ""},
		{"quotes of the spec are removed", "es.password", `"$(A)"`, "alpha", ""},
		{"inside lists and maps", "es", map[string]any{"p": []any{"$(A)", true, "$$(A)"}}, map[string]any{"p": []any{"alpha", true, "$(A)"}}, ""},
		{"an escape alone", "es.template", "$$(A)", "$(A)", ""},
		{"no reference: typed in the hook", "es.port", "9200", json.Number("9200"), ""},
		{"not set", "es.password", "$(NONE)", nil, `spec.topology.config["es.password"] names $(NONE), which is not set. Set it in spec.template.env or envFrom. Only if you mean the text itself, write $$(NONE).`},
		{"a value of the wrong kind, which is not shown", "topology.workers", "$(A)", nil, `spec.topology.config["topology.workers"] must be a whole number`},
	} {
		settings, problems := Settings(map[string]any{tc.key: tc.value})
		if len(problems) > 0 {
			t.Errorf("%s: the hook refuses it: %q", tc.why, problems)
			continue
		}
		text, err := json.Marshal(settings)
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.UseNumber()
		settings = nil
		if err := decoder.Decode(&settings); err != nil {
			t.Fatal(err)
		}
		got, problems := ExpandSettings(settings, set)
		if tc.problem != "" {
			if len(problems) != 1 || !strings.HasPrefix(problems[0], tc.problem) || strings.Contains(problems[0], "alpha") {
				t.Errorf("%s: problems %q, want %q", tc.why, problems, tc.problem)
				continue
			}
			for _, fault := range testkit.Form(problems[0], true) {
				t.Errorf("%s: %s", fault, problems[0])
			}
			continue
		}
		if diff := cmp.Diff([]any{tc.want}, []any{asJSON(t, got[tc.key])}); diff != "" || len(problems) > 0 {
			t.Errorf("%s: %q\n%s", tc.why, problems, diff)
		}
	}
}

func asJSON(t *testing.T, value any) (decoded any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// What selects another Storm stays refused, and a StormCluster's own settings do not
// expand.
func TestReferencesDoNotHideASetting(t *testing.T) {
	if _, problems := Settings(map[string]any{"nimbus.seeds": "$(A)", "stormhooks.owner": "$(A)"}); len(problems) != 2 {
		t.Errorf("%q", problems)
	}
	if _, problems := ClientSettings("", map[string]any{"nimbus.thrift.threads": "$(A)"}); len(problems) != 1 {
		t.Errorf("%q", problems)
	}
}
