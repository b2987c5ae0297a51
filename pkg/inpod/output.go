package inpod

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

const (
	// lineLimit is the longest line of a log; the rest of the line is dropped.
	lineLimit = 8 << 10
	// tailLines and tailLine limit the tail of a program's output: the termination
	// message has room for 3 KiB in all.
	tailLines = 30
	tailLine  = 400
	// tailFrames are how many frames of a stack trace are in the tail, one after the other.
	tailFrames = 2
)

// output passes a program's output to a log, line by line, and keeps the last lines.
// Several may write to it at once.
type output struct {
	to io.Writer
	// drop says which lines are never logged, by their first lineLimit bytes.
	drop func(line string) bool
	// hide hides in the last lines what must not leave the pod; nil hides nothing.
	hide func(line string) string

	mu   sync.Mutex
	part []byte
	cut  bool
	tail []string // as they are logged
	// frames is how many frames of a stack trace the last lines are.
	frames int
	clues  clues
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := p; len(rest) > 0; {
		end := bytes.IndexAny(rest, "\n\r") // a progress bar returns with \r
		if end < 0 {
			o.take(rest)
			break
		}
		o.take(rest[:end])
		o.line()
		rest = rest[end+1:]
	}
	return len(p), nil
}

func (o *output) take(p []byte) {
	room := lineLimit - len(o.part)
	if len(p) > room {
		p, o.cut = p[:room], true
	}
	o.part = append(o.part, p...)
}

// line ends the current line.
func (o *output) line() {
	line := strings.ToValidUTF8(string(o.part), "�")
	if o.cut {
		line += " … (cut)"
	}
	o.part, o.cut = o.part[:0], false
	if line == "" || o.drop != nil && o.drop(line) {
		return
	}
	_, _ = io.WriteString(o.to, line+"\n")
	o.clues.add(line)
	if isFrame(strings.TrimSpace(line)) {
		o.frames++
	} else {
		o.frames = 0
	}
	if o.frames > tailFrames {
		return
	}
	if o.tail = append(o.tail, line); len(o.tail) > tailLines {
		o.tail = o.tail[1:]
	}
}

// last returns the last lines, each hidden and then cut, and ends the current one. Of the
// frames of a stack trace it has the first.
func (o *output) last() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.part) > 0 {
		o.line()
	}
	last := slices.Clone(o.tail)
	for i, line := range last {
		if o.hide != nil {
			line = o.hide(line)
		}
		last[i] = text.Cut(line, tailLine)
	}
	return last
}

// found returns the clues, hidden. It is called after last, which ends the current line.
func (o *output) found() clues {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.clues.hidden(o.hide)
}

// writeLine writes a line of the helper's own log. Names of files and classes come from an
// image and may have any characters.
func writeLine(to io.Writer, line string) {
	_, _ = io.WriteString(to, text.Clean(line)+"\n")
}
