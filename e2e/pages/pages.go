package pages

import (
	"os"
	"strings"
)

// Block is a fenced block of a page.
type Block struct {
	Page string // the file
	Line int    // of the fence
	Lang string // yaml, console, sh, …
	Mark string // what the comment above says; empty: there is none
	Text string // what is between the fences
}

// Read takes the fenced blocks out of a file.
func Read(file string) ([]Block, error) {
	text, err := Text(file)
	return Blocks(file, text), err
}

// Text is what a file holds.
func Text(file string) (string, error) {
	text, err := os.ReadFile(file)
	return string(text), err
}

// Blocks takes the fenced blocks out of a page's text.
func Blocks(page, text string) []Block {
	var found []Block
	var open *Block
	before, indent := "", ""
	for i, line := range strings.SplitAfter(text, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &Block{Page: page, Line: i + 1, Lang: fence, Mark: mark(before)}
			indent, _, _ = strings.Cut(line, "```") // of a list that the block stands in
		case isFence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.Text += strings.TrimPrefix(line, indent)
		}
		if strings.TrimSpace(line) != "" {
			before = line
		}
	}
	return found
}

func mark(line string) string {
	inner, opened := strings.CutPrefix(strings.TrimSpace(line), "<!--")
	inner, closed := strings.CutSuffix(inner, "-->")
	if !opened || !closed {
		return ""
	}
	return strings.TrimSpace(inner)
}

// Command is what a person types, and what the page shows of the answer.
type Command struct{ Typed, Shown string }

// Document is the here-document of a command; empty: there is none.
func (c Command) Document() string {
	head, rest, found := strings.Cut(c.Typed, "\n")
	if !found || !strings.Contains(head, "<<") {
		return ""
	}
	lines := strings.Split(strings.TrimRight(rest, "\n"), "\n")
	return strings.Join(lines[:len(lines)-1], "\n") + "\n"
}

// Commands are the block's commands. In a console block they begin with "$ ", and
// go on where a line ends in a backslash or a here-document is open; the rest is
// what was answered. Every other block is one command as it stands.
func (b Block) Commands() []Command {
	if b.Lang != "console" {
		return []Command{{Typed: b.Text}}
	}
	var found []Command
	goesOn, until := false, ""
	for _, line := range strings.SplitAfter(b.Text, "\n") {
		typed, begins := strings.CutPrefix(line, "$ ")
		bare := strings.TrimRight(line, "\n")
		switch {
		case until != "" || goesOn:
			found[len(found)-1].Typed += line
			if until != "" && bare == until {
				until = ""
			}
		case begins:
			found = append(found, Command{Typed: typed})
			_, until, _ = strings.Cut(bare, "<<")
			until = strings.Trim(until, "-'\" ")
		case len(found) > 0:
			found[len(found)-1].Shown += line
		}
		goesOn = until == "" && strings.HasSuffix(bare, "\\")
	}
	return found
}
