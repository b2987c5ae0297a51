package recording

import (
	"fmt"
	"strings"
)

// What a person needs to follow, in seconds of the picture. longestWait is how long a
// command seems to take at most; its real time stands beside it.
const (
	longestWait = 1.0
	perComment  = 0.8
	perCommand  = 0.7
	perOutput   = 0.4
	perLetter   = 1.0 / 150
	atTheEnd    = 5.0
)

// columns is the width of the terminal. Longer lines are wrapped, between words if possible.
const columns = 100

// part is what appears at one moment: lines of one kind.
type part struct {
	at    float64 // seconds
	kind  string  // "say", "command", "output"
	lines []string
	took  string // of an output: the real time of its command
	apart bool   // an empty line above
}

// follow lays the steps out in time, and says how long the whole takes in seconds.
func follow(steps []Taken) (parts []part, total float64) {
	now := 0.5
	for i, step := range steps {
		if step.Say != "" {
			parts = append(parts, part{at: now, kind: "say", lines: wrap("# " + step.Say), apart: i > 0})
			now += perComment
		}
		parts = append(parts, part{at: now, kind: "command", lines: wrap("$ " + step.Command)})
		now += perCommand + min(step.Seconds, longestWait)
		parts = append(parts, part{at: now, kind: "output", lines: wrap(step.Output), took: fmt.Sprintf("%.1f s", step.Seconds)})
		now += perOutput + perLetter*float64(len(step.Output))
	}
	return parts, now + atTheEnd
}

// wrap cuts a text into lines of at most so many columns.
func wrap(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		letters := []rune(strings.TrimRight(line, " "))
		for len(letters) > columns {
			end := columns
			for end > 0 && letters[end] != ' ' {
				end--
			}
			if end == 0 { // one word
				end = columns
			}
			lines = append(lines, string(letters[:end]))
			letters = []rune(strings.TrimLeft(string(letters[end:]), " "))
		}
		lines = append(lines, string(letters))
	}
	return lines
}
