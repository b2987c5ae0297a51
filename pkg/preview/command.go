package preview

import "github.com/stormhooks/stormhooks/pkg/internal/text"

// Command returns a command as one line that a person can paste into a shell: each word
// is quoted where a shell would read it otherwise, so that no name and no id runs
// anything.
func Command(words ...string) string { return text.Command(words...) }

// Line returns a text as one line without commands for a terminal, control characters and
// characters that a reader cannot see.
func Line(said string) string { return text.Clean(said) }
