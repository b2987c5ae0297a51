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
	// lineLimit is the longest line that a log gets; the rest of it is dropped.
	lineLimit = 8 << 10
	// tailLines and tailLine bound what is kept of a program's last words; the
	// termination message takes 3 KiB in all.
	tailLines = 30
	tailLine  = 400
)

// output passes a program's output on to a log, line by line, and keeps the last
// lines. It may be written to by several at once.
type output struct {
	to io.Writer
	// drop says which lines the log never gets; each rules on a line's first
	// lineLimit bytes.
	drop func(line string) bool

	mu   sync.Mutex
	part []byte
	cut  bool
	tail []string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := p; len(rest) > 0; {
		end := bytes.IndexAny(rest, "\n\r") // a progress bar goes back by \r
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

// line ends the line that is under way.
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
	if o.tail = append(o.tail, text.Cut(line, tailLine)); len(o.tail) > tailLines {
		o.tail = o.tail[1:]
	}
}

// last gives the last lines, and ends one that has no end.
func (o *output) last() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.part) > 0 {
		o.line()
	}
	return slices.Clone(o.tail)
}
