package text

import (
	"regexp"
	"strings"
)

// plainWord is a word that every shell reads as it is written. zsh expands a word that
// begins with =.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:-][A-Za-z0-9_./=:-]*$`)

// Command returns a command as one line that a person can paste into a shell: each word
// is cleaned, and quoted where a shell would read it otherwise. A name comes from a file
// and an id from Nimbus: neither may run anything.
func Command(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = Clean(word); !plainWord.MatchString(quoted[i]) {
			quoted[i] = "'" + strings.ReplaceAll(quoted[i], "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
