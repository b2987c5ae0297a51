package diagnose

import (
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// quote is a name that a person chose, shortened and in quotes.
func quote(name string) string { return strconv.Quote(text.Cut(text.Clean(name), 256)) }

// clause is a sentence without its full stop, as a part of another sentence.
func clause(sentence string) string { return strings.TrimRight(text.Clean(sentence), ". ") }

// longestQuote is the largest part of a message that quotes Kubernetes. A message may
// have 400 bytes in all.
const longestQuote = 160

// steady removes what changes from a text of Kubernetes, and shortens it.
func steady(said string) string { return text.Steady(said, longestQuote) }
