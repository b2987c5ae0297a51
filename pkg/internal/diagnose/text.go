package diagnose

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes one line of valid UTF-8 without control characters.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// cut shortens text to limit bytes, at the end; limit may be too small for any.
func cut(text string, limit int) string {
	const mark = "…"
	switch {
	case len(text) <= limit:
		return text
	case limit < len(mark):
		return ""
	}
	end := limit - len(mark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimRight(text[:end], " ") + mark
}

// quote puts a name that a person chose into quotes, shortened.
func quote(text string) string { return strconv.Quote(cut(clean(text), 256)) }

// sentence is text without its full stop and blanks, to be put before one.
func sentence(text string) string { return strings.TrimRight(clean(text), ". ") }

// moving are the parts of Kubernetes' and registries' texts that differ from
// one try to the next, though the trouble is the same.
var moving = []*regexp.Regexp{
	// Go's net.OpError: "read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout",
	// "lookup host on 10.96.0.10:53", and addresses that a name led to.
	regexp.MustCompile(`\s?(?:on )?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d+(?:->(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d+)?`),
	// crypto/x509: "current time 2026-11-24T07:27:18Z is after 2026-…".
	regexp.MustCompile(`:? ?current time \S+ is (?:after|before) \S+`),
	regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`),
	// The kubelet's format.Pod: (pod: "name_namespace(uid)", container: c).
	regexp.MustCompile(`\s?\(pod: "[^"]*", container: [^)]*\)`),
	// Signed and tokened addresses of registries' blobs.
	regexp.MustCompile(`\?[^\s"]+`),
	// Digests of layers, ids of containers, uids.
	regexp.MustCompile(`(?:sha256:)?[0-9a-f]{32,}`),
	regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`),
	regexp.MustCompile(`\bback-off [0-9hms.]+ restarting\b`),
	// runc's and the kernel's process ids and the kubelet's durations.
	regexp.MustCompile(`\b(?:pid|PID)[ =:]*\d+`),
	regexp.MustCompile(`\b\d+(?:\.\d+)?(?:µs|ms|s|m\d+(?:\.\d+)?s|h\d+m\d+(?:\.\d+)?s)\b`),
}

// steady takes what moves out of a text of Kubernetes' and bounds its length.
func steady(text string) string {
	text = clean(text)
	for _, part := range moving {
		text = part.ReplaceAllString(text, "")
	}
	return cut(sentence(text), 400)
}
