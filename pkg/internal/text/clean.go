package text

import (
	"regexp"
	"strings"
	"unicode"
)

// terminalCommand is a command for a terminal (ECMA-48): a string that it reads, for
// example as the title of its window, a control sequence, for example of a colour, or
// another escape sequence.
var terminalCommand = regexp.MustCompile("\x1b[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?|(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]")

// Clean returns a text as one line of valid UTF-8 that is shown as it reads: without
// commands for a terminal, without control characters, and without characters that have
// no width or change the direction of writing. Every text of a peer, a user's code, an
// image or an object passes it before a person sees it.
func Clean(text string) string {
	text = strings.Map(shown, withoutCommands(text))
	return strings.Join(strings.Fields(text), " ")
}

// Said is what a peer says, cleaned, of at most limit bytes.
func Said(text string, limit int) string {
	head := Head(text, 4*limit) // a peer's text may have megabytes
	clean := Clean(head)
	if len(head) < len(text) {
		clean += ellipsis
	}
	return Cut(clean, limit)
}

// withoutCommands returns valid UTF-8 without commands for a terminal.
func withoutCommands(text string) string {
	text = strings.ToValidUTF8(text, "")
	if !strings.ContainsAny(text, "\x1b\u009b") {
		return text
	}
	return terminalCommand.ReplaceAllString(text, "")
}

// shown maps a character that a person cannot see to nothing, or to the space that it
// stands for.
func shown(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	case !unicode.IsPrint(r), unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return -1
	}
	return r
}
