package text

import (
	"regexp"
	"strings"
)

// ipPort is an IP address with a port.
const ipPort = `(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d+`

// movingParts are parts of the texts of Storm, Kubernetes and registries that differ from
// one time to the next, though what they say is the same. They are replaced in this
// order.
var movingParts = []struct {
	part *regexp.Regexp
	with string
}{
	// Java's InetSocketAddress: "nimbus/10.0.0.7:6627"; the name stays.
	{regexp.MustCompile(`(\w)/` + ipPort), "$1"},
	// Go's net.OpError: "read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout",
	// "lookup host on 10.96.0.10:53", and addresses of a name.
	{regexp.MustCompile(`\s?(?:on )?` + ipPort + `(?:->` + ipPort + `)?`), ""},
	// crypto/x509: "current time 2026-11-24T07:27:18Z is after 2026-…".
	{regexp.MustCompile(`:? ?current time \S+ is (?:after|before) \S+`), ""},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?Z| ?[+-]\d\d:?\d\d)?)?\b`), ""},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b`), ""},
	// The kubelet's format.Pod: (pod: "name_namespace(uid)", container: c).
	{regexp.MustCompile(`\s?\(pod: "[^"]*", container: [^)]*\)`), ""},
	// Addresses of blobs with a signature or a token.
	{regexp.MustCompile(`\?[^\s"]+`), ""},
	// Digests of layers, ids of containers, uids, Java's identity of an object.
	{regexp.MustCompile(`(?:sha256:)?[0-9a-f]{32,}`), ""},
	{regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`), ""},
	{regexp.MustCompile(`([A-Za-z]\w*)@[0-9a-f]{4,8}\b`), "$1"},
	// The id of a topology, NAME-COUNTER-SECONDS: the name stays.
	{regexp.MustCompile(`([A-Za-z0-9_])-\d+-\d{9,11}\b`), "$1"},
	{regexp.MustCompile(`\bback-off [0-9hms.]+ restarting\b`), ""},
	{regexp.MustCompile(`([A-Za-z0-9]):\d{4,5}([\s,;.)\]"']|$)`), "$1$2"},
	// runc's and the kernel's process ids, threads, ports, milliseconds since 1970.
	{regexp.MustCompile(`(?i)\b(?:pid|thread|port)[ =:#-]*\d+\b`), ""},
	{regexp.MustCompile(`\b\d{13}\b`), ""},
	// The Resource Aware Scheduler: "(17 states traversed in 23 ms, backtracked 3 times)",
	// "Additional Memory Required: 12.0 MB (Available: 9.5 MB)" (SchedulingSearcherState.java
	// and ResourceAwareScheduler.java, v2.8.1).
	{regexp.MustCompile(`\s?\(\d+ states traversed[^)]*\)`), ""},
	{regexp.MustCompile(`:? ?\(?\b(?:Available: ?)?-?\d+(?:\.\d+)?(?:E-?\d+)? ?(?:MB|% CPU)\)?`), ""},
	{regexp.MustCompile(`=-?\d+\.\d+(?:E-?\d+)?\b`), ""},
	// Amounts with a unit.
	{regexp.MustCompile(`\b\d+(?:\.\d+)?h\d+m(?:\d+(?:\.\d+)?s)?|\b\d+m\d+(?:\.\d+)?s\b`), ""},
	{regexp.MustCompile(`\b\d+(?:[.,]\d+)? ?(?:(?:ns|µs|us|ms|s|m|h|d|secs?|mins?|[KMGT]i?B?|B|bytes|times?|attempts?|tries|retries)\b|(?:nano|micro|milli)?(?:second|sec)s?\b|(?:minute|hour|day)s?\b|millis\b|%)`), ""},
	// What stands around a part that is gone.
	{regexp.MustCompile(`\s?\(\s*(?:[A-Za-z]+:)?\s*\)`), ""},
	{regexp.MustCompile(`\s+([,.;:)])`), "$1"},
}

// Steady returns a text of another program without the parts that differ from one time to
// the next, cleaned, without a full stop at its end, and in at most limit bytes. Every
// text of Storm and of Kubernetes that reaches a status or an event passes it, since an
// equal status is not written again.
func Steady(said string, limit int) string {
	if isWord(said) {
		return Cut(said, limit)
	}
	said = Clean(said)
	for _, moving := range movingParts {
		said = moving.part.ReplaceAllString(said, moving.with)
	}
	return Cut(strings.TrimRight(Clean(said), ". "), limit)
}

// isWord says whether a text is empty, or one word of letters as each status of Storm, in
// which no moving part can be: the shortest without a digit has 32 letters.
func isWord(said string) bool {
	letter := func(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r == '_' }
	return len(said) < 32 && !strings.ContainsFunc(said, func(r rune) bool { return !letter(r) })
}
