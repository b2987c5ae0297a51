package cli

import (
	"regexp"
	"strings"
)

// shellSafe is a word that every shell reads as it is written.
var shellSafe = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellCommand is a command that a person can paste into a shell: each word that
// a shell would read otherwise is quoted. An id comes from Nimbus, and a name
// from a file: neither may run anything.
func shellCommand(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; !shellSafe.MatchString(word) {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// shellComment is a comment of one line.
func shellComment(text string) string { return "# " + strings.Join(strings.Fields(text), " ") }
