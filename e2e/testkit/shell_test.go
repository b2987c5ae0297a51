package testkit

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A real shell reads the same words.
func TestWords(t *testing.T) {
	for _, line := range []string{"kubectl get pods", "a 'b c'  d", `'it'\''s'`, "a ''", "storm.apache.org/adopt=a-1-1", "'$(id)' '; ls #'"} {
		words, err := Words(line)
		out, failed := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\0' `+line).Output()
		if want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || failed != nil || !slices.Equal(words, want) {
			t.Errorf("%s: %q %v, want %q %v", line, words, err, want, failed)
		}
	}
	for _, line := range []string{"a; b", "a | b", "a $(b)", "a `b`", "a $B", "a > b", "a # b", "a *", "a ~", "a 'b", "a \"b\"", "a\nb", "a & b", "=a", `a\b`} {
		if words, err := Words(line); err == nil {
			t.Errorf("%s: %q", line, words)
		}
	}
}
