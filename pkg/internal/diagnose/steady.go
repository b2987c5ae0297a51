package diagnose

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// quote is a name that a person chose, shortened and in quotes.
func quote(name string) string { return strconv.Quote(text.Cut(text.Clean(name), 256)) }

// clause is a sentence without its full stop, as a part of another sentence.
func clause(sentence string) string { return strings.TrimRight(text.Clean(sentence), ". ") }

// movingParts are parts of the texts of Kubernetes and registries that differ from one
// try to the next, though the problem is the same.
var movingParts = []*regexp.Regexp{
	// Go's net.OpError: "read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout",
	// "lookup host on 10.96.0.10:53", and addresses of a name.
	regexp.MustCompile(`\s?(?:on )?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d+(?:->(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d+)?`),
	// crypto/x509: "current time 2026-11-24T07:27:18Z is after 2026-…".
	regexp.MustCompile(`:? ?current time \S+ is (?:after|before) \S+`),
	regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`),
	// The kubelet's format.Pod: (pod: "name_namespace(uid)", container: c).
	regexp.MustCompile(`\s?\(pod: "[^"]*", container: [^)]*\)`),
	// Addresses of blobs with a signature or a token.
	regexp.MustCompile(`\?[^\s"]+`),
	// Digests of layers, ids of containers, uids.
	regexp.MustCompile(`(?:sha256:)?[0-9a-f]{32,}`),
	regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`),
	regexp.MustCompile(`\bback-off [0-9hms.]+ restarting\b`),
	// runc's and the kernel's process ids and the kubelet's durations.
	regexp.MustCompile(`\b(?:pid|PID)[ =:]*\d+`),
	regexp.MustCompile(`\b\d+(?:\.\d+)?(?:µs|ms|s|m\d+(?:\.\d+)?s|h\d+m\d+(?:\.\d+)?s)\b`),
}

// longestQuote is the largest part of a message that quotes Kubernetes. A message may
// have 400 bytes in all.
const longestQuote = 160

// steady removes what changes from a text of Kubernetes, and shortens it.
func steady(said string) string {
	said = text.Clean(said)
	for _, part := range movingParts {
		said = part.ReplaceAllString(said, "")
	}
	return text.Cut(clause(said), longestQuote)
}
