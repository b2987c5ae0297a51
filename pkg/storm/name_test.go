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
		{"an empty name is none", "", "is empty"},
		{"Storm refuses / . : and backslash", "storm-system/wordcount", `for example "storm-system-wordcount"`},
		{"a dot is refused by Storm", "a.b", `holds "."`},
		{"a space would make an id that no one can type", "a b", `holds " "`},
		{"Storm takes it as a name and fails on it as a blob key", "zähler", `holds "ä"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := NameProblem(tc.name)
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("NameProblem(%q) = %q, want %q: %s", tc.name, got, tc.want, tc.reason)
			}
		})
	}
}
