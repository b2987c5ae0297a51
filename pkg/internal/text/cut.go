package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ArgumentLimit is the longest text in bytes that Stormhooks passes to a program as
// one argument. Linux accepts 128 KiB, with the option's name and the closing
// zero (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
const ArgumentLimit = 96 << 10

// ellipsis ends a text that Cut has shortened.
const ellipsis = "…"

// Cut returns at most limit bytes of a text. A text that is longer ends with an
// ellipsis; a limit below the ellipsis' three bytes leaves nothing.
func Cut(text string, limit int) string {
	switch {
	case len(text) <= limit:
		return text
	case limit < len(ellipsis):
		return ""
	}
	return strings.TrimRight(Head(text, limit-len(ellipsis)), " ") + ellipsis
}

// Head returns at most the first limit bytes of a text, in whole characters. It
// leaves no sign of the cut.
func Head(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := max(limit, 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// CutLines returns at most the last limit bytes of a text, and of those only
// whole lines, unless the last line alone is longer.
func CutLines(text string, limit int) string {
	over := len(text) - max(limit, 0)
	if over <= 0 {
		return text
	}
	if _, lines, found := strings.Cut(text[over-1:], "\n"); found {
		return lines
	}
	for over < len(text) && !utf8.RuneStart(text[over]) {
		over++
	}
	return text[over:]
}

// Capital returns a text with a capital letter at its beginning. A field of a spec, which
// may begin a sentence, stays as it is.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 || strings.HasPrefix(text, "spec.") {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
