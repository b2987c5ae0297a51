package text

import (
	"regexp"
	"strings"
)

// logStamp is the usual beginning of a log line: a date and time, or the milliseconds of
// log4j since the start.
var logStamp = regexp.MustCompile(`^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?\s*|\d\d:\d\d:\d\d[.,]\d+\s*|\d+ +(?:\[))`)

// LastLines are the last lines of the output of a program, joined in one line of at most
// limit bytes. Frames of a stack trace are left out, its causes stay.
func LastLines(output string, limit int) string {
	const between = " | "
	lines := strings.Split(withoutCommands(output), "\n")
	var kept string
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "at ") || strings.HasPrefix(line, "... ") {
			continue
		}
		line = Cut(Clean(logStamp.ReplaceAllString(line, "")), 300)
		if kept == "" {
			kept = line
			continue
		}
		if len(line)+len(between)+len(kept) > limit {
			break
		}
		kept = line + between + kept
	}
	return Cut(kept, limit)
}
