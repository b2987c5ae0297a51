package cli

import "github.com/stormhooks/stormhooks/pkg/preview"

// shellComment is a comment of one line.
func shellComment(text string) string { return "# " + preview.Line(text) }
