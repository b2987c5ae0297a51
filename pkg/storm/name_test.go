package storm

import (
	"strings"
	"testing"
)

func TestNameProblem(t *testing.T) {
	for _, tc := range []struct {
		reason, name, want string
	}{
		{"the guide's name", "wordcount-container", ""},
		{"Storm's own names have capitals and underscores", "Word_Count-2", ""},
		{"a name is required", "", "is empty"},
		{"Storm rejects / . : and backslash", "storm-system/wordcount", `for example to "storm-system-wordcount"`},
		{"Storm rejects a dot", "a.b", `has "."`},
		{"an id with a space is hard to type", "a b", `has " "`},
		{"Storm accepts it as a name and fails on it as a blob key", "zähler", `has "ä"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := NameProblem(tc.name)
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("NameProblem(%q) = %q, want %q: %s", tc.name, got, tc.want, tc.reason)
			}
		})
	}
}
