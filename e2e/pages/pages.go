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
	Mark string // the comment above, or empty
	Text string // the text between the fences
}

// Read returns the fenced blocks of a file.
func Read(file string) ([]Block, error) {
	text, err := Text(file)
	return Blocks(file, text), err
}

// Text is the content of a file.
func Text(file string) (string, error) {
	text, err := os.ReadFile(file)
	return string(text), err
}

// Blocks returns the fenced blocks of a page's text.
func Blocks(page, text string) []Block {
	var found []Block
	var open *Block
	before, indent := "", ""
	for i, line := range strings.SplitAfter(text, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &Block{Page: page, Line: i + 1, Lang: fence, Mark: mark(before)}
			indent, _, _ = strings.Cut(line, "```") // of the list that contains the block
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

// Command is what a person types, and the output that the page shows.
type Command struct{ Typed, Shown string }

// Document is the here-document of a command, or empty.
func (c Command) Document() string {
	head, rest, found := strings.Cut(c.Typed, "\n")
	if !found || !strings.Contains(head, "<<") {
		return ""
	}
	lines := strings.Split(strings.TrimRight(rest, "\n"), "\n")
	return strings.Join(lines[:len(lines)-1], "\n") + "\n"
}

// Commands are the block's commands. In a console block they begin with "$ ", and
// continue while a line ends in a backslash or a here-document is open. The rest is
// output. Every other block is one command.
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
