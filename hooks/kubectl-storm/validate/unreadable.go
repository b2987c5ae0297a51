package validate

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
)

// helm is what a Helm template has and YAML has not.
const helm = "{{ … }} is a Helm template and not YAML. Render it first: helm template . | kubectl storm validate -f -"

// Signs of why a text is not YAML, each with the group that has the place.
var (
	template = regexp.MustCompile(`(?m)^[^#\n]*?(\{\{)`)
	jinja    = regexp.MustCompile(`(?m)^[^#\n]*?(\{%)`)
	conflict = regexp.MustCompile(`(?m)^(<<<<<<<|=======|>>>>>>>)( |\r?$)`)
	tab      = regexp.MustCompile(`(?m)^ *(\t)[\t ]*[^\s#]`)
	fence    = regexp.MustCompile("(?m)^(```)")
	unknown  = regexp.MustCompile(`unknown anchor '([^']*)' referenced`)
	noSpace  = regexp.MustCompile(`(?m)^[ -]*([A-Za-z][\w.-]*):[^\s:/0-9]`)
)

// yamlErrors translate the words of the YAML library. The first that matches counts.
var yamlErrors = []struct{ words, says string }{
	{"control characters are not allowed", "the file has a control character. Remove it."},
	{"UTF-8", "the file is not in UTF-8. Save it as UTF-8."},
	{"mapping values are not allowed", `this line has a second ": ", or the line is indented below a value. Put a text that contains ": " in quotes, and check the indentation.`},
	{"could not find expected ':'", "this line is not KEY: VALUE. Put a space after the colon, and put a text of more than one line in quotes."},
	{"did not find expected key", "the line does not fit the lines above it. Indent all keys of a map alike, and close each quote."},
	{"did not find expected '-' indicator", "a list ends here without a new key. Begin each item with - and indent all items alike."},
	{"block sequence entries are not allowed", "a list begins in the line of its key. Write KEY: in a line of its own, and each item below it: - VALUE."},
	{"did not find expected ',' or ']'", "a list that begins with [ is not closed, or a comma is missing in it."},
	{"did not find expected ',' or '}'", "a map that begins with { is not closed, or a comma is missing in it."},
	{"found unexpected end of stream", `a quote (" or ') is not closed.`},
	{"found unexpected document indicator", `a quote (" or ') is not closed.`},
	{"found unknown escape character", `in a text in "double quotes" a backslash begins an escape. Write \\, or use 'single quotes'.`},
	{"did not find expected hexdecimal number", `in a text in "double quotes" a backslash begins an escape. Write \\, or use 'single quotes'.`},
	{"found character that cannot start any token", "a value begins with a tab, or with a character that YAML reserves. Remove the tab, or put the value in quotes."},
	{"did not find expected alphabetic or numeric character", "a value begins with * or &, which mean an anchor in YAML. Put the value in quotes."},
	{"found undefined tag handle", "a value begins with !, which means a type in YAML. Put the value in quotes."},
	{"did not find expected <document start>", "another object begins here. Separate objects by a line of ---."},
	{"did not find expected node content", "a value is missing or begins with a character that YAML reserves. Put the value in quotes."},
	{"did not find expected comment or line break", "after | or > the text begins in the next line. Move it there, or remove the | or >."},
	{"found extra", "the brackets do not match. Check { } and [ ]."},
	{"excessive aliasing", "its aliases stand for too many values. Write the values."},
	{"contains itself", "an anchor contains itself. Write the values."},
	{"map merge requires map", "<< must have a map, for example <<: *defaults. Name a map, or write its fields without <<."},
	{"invalid map key", "a key is a list or a map, and not a text. Put values with braces or brackets in quotes."},
	{"unsupported value", "a number is .inf or .nan, which JSON does not have. Write a number, or put the value in quotes."},
	{"cannot decode", "a value does not have the type that its tag (!!) says. Correct the value, or remove the tag."},
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// unreadable is a document that is not valid YAML.
func unreadable(document cli.Document, err error) Problem {
	text := string(document.Text)
	problem := Problem{File: document.File, Line: document.Line, Column: 1, Severity: Error, unread: true}
	offset := func(found int) bool {
		if found < 0 {
			return false
		}
		before := text[:found]
		problem.Line = document.Line + strings.Count(before, "\n")
		problem.Column = len(before) - strings.LastIndexByte(before, '\n')
		return true
	}
	at := func(pattern *regexp.Regexp) bool {
		found := pattern.FindStringSubmatchIndex(text)
		return found != nil && offset(found[2])
	}
	said := err.Error()
	var many *yaml.TypeError
	if errors.As(err, &many) && len(many.Errors) > 0 {
		said = many.Errors[0]
	}
	anchor := unknown.FindStringSubmatch(said)
	switch {
	case at(conflict):
		problem.Message = "a conflict of git is left in the file. Resolve it: keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>."
	case at(template):
		problem.Message = helm
	case at(jinja):
		problem.Message = "{% … %} is a template and not YAML. Render it first, and pass its output: kubectl storm validate -f -"
	case at(fence):
		problem.Message = "invalid YAML: ``` is Markdown. Remove the line."
	case strings.Contains(said, "cannot start any token") && at(tab), strings.Contains(said, "tab character") && at(tab), strings.Contains(said, "did not find expected") && at(tab):
		problem.Message = fmt.Sprintf("invalid YAML: line %d is indented with a tab. Use spaces.", problem.Line)
	case anchor != nil && at(regexp.MustCompile(`(\*)`+regexp.QuoteMeta(anchor[1])+`(?:\W|$)`)):
		problem.Message = fmt.Sprintf("invalid YAML: this document has no anchor &%s. An anchor is of one document; write the fields.", anchor[1])
	default:
		if part := yamlLine.FindStringSubmatch(said); part != nil {
			line, _ := strconv.Atoi(part[1]) // it has digits only
			problem.Line += line - 1
			if ofParser.MatchString(said) {
				problem.Line++ // the library counts its lines from 0
			}
			problem.Line = min(problem.Line, document.Line+strings.Count(strings.TrimRight(text, "\r\n"), "\n"))
		}
		problem.Message = "invalid YAML: " + plainly(said)
		lines := strings.Split(text, "\n")
		switch at0 := problem.Line - document.Line; {
		case strings.Contains(said, "UTF-8"):
			offset(firstInvalid(text))
		case strings.Contains(said, "control characters"):
			offset(strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }))
		case strings.Contains(said, "cannot start any token"), strings.Contains(said, "alphabetic or numeric"):
			reserved(&problem, lines, at0)
		case strings.Contains(said, "map merge"):
			at(mergeKey)
		case strings.Contains(said, "cannot decode"):
			at(typeTag)
		case comment.MatchString(text) && at(comment):
			problem.Message = "invalid YAML: YAML has no comments with //. Remove the line, or begin it with #."
		case strings.Contains(said, "end of stream"), strings.Contains(said, "document indicator"):
			if found := openQuote(text); offset(found) {
				problem.Message = fmt.Sprintf("invalid YAML: a quote is not closed. Close it with %c.", text[found])
			}
		case strings.Contains(said, "',' or"):
			if found := openBracket(text); offset(found) {
				end := map[byte]string{'[': "a list that begins with [ is not closed. Close it with ].", '{': "a map that begins with { is not closed. Close it with }."}
				problem.Message = "invalid YAML: " + end[text[found]]
			}
		case strings.Contains(said, "did not find expected key"):
			if line := misaligned(lines); line >= 0 {
				problem.Line = document.Line + line
			}
		case (strings.Contains(said, "mapping values") || strings.Contains(said, "could not find expected ':'")) && at(noSpace):
			problem.Message = "invalid YAML: a space is missing after the colon. Write KEY: VALUE."
		case strings.Contains(said, "mapping values") && at0 < len(lines) && lastColon.MatchString(lines[at0]):
			problem.Message = "invalid YAML: the value ends with a colon. Write what comes after the colon (the tag of an image, for example), or remove the colon."
		case strings.Contains(said, "mapping values") && at0 < len(lines) && strings.Count(lines[at0]+" ", ": ") < 2:
			problem.Message = "invalid YAML: the line is indented more than its map, or below a line that has a value already. Indent all keys of a map alike."
		}
	}
	return problem
}

// ofJSON are errors about what YAML has and JSON has not. They have no line.
var ofJSON = regexp.MustCompile(`invalid map key|unsupported value`)

// notJSON is what YAML has and JSON has not: a key that is a list or a map, .inf or .nan; nil
// if there is none.
func notJSON(at *yaml.Node) *yaml.Node {
	if at.Kind == yaml.ScalarNode && at.Tag == "!!float" && strings.ContainsAny(at.Value, "nN") {
		return at
	}
	for i, below := range at.Content {
		isKey := at.Kind == yaml.MappingNode && i%2 == 0
		if isKey && below.Kind != yaml.ScalarNode && below.Kind != yaml.AliasNode {
			return below
		}
		if found := notJSON(below); found != nil {
			return found
		}
	}
	return nil
}

// ofParser are errors whose line the library counts from 0.
var ofParser = regexp.MustCompile(`did not find expected (key|'-'|','|node content|<document start>)`)

// Places of what an error is about.
var (
	mergeKey = regexp.MustCompile(`(?m)^\s*(?:- )?(<<):`)
	typeTag  = regexp.MustCompile(`(!!\w+)`)
	comment  = regexp.MustCompile(`(?m)^\s*(//)`)

	lastColon = regexp.MustCompile(`^[ -]*[\w./-]+: +[^\s"'].*:\s*$`)
	firstOf   = regexp.MustCompile("(?:: |- |\\[|, *)([@%`*&][^\\s,\\]}]*)")
	blank     = regexp.MustCompile(`^(?:@[\w.-]+@|%\w+%)$`)
)

// reserved names the value that begins with a character of YAML's own.
func reserved(problem *Problem, lines []string, at int) {
	if at >= len(lines) {
		return
	}
	found := firstOf.FindStringSubmatchIndex(lines[at])
	if found == nil {
		return
	}
	problem.Column = found[2] + 1
	switch value := lines[at][found[2]:found[3]]; {
	case blank.MatchString(value):
		problem.Message = fmt.Sprintf("invalid YAML: %s looks like a placeholder. Write its value.", value)
	case value[0] == '*', value[0] == '&':
		problem.Message = fmt.Sprintf("invalid YAML: a value begins with %c, which means an anchor in YAML. Put the value in quotes.", value[0])
	default:
		problem.Message = fmt.Sprintf("invalid YAML: a value begins with %c, which YAML reserves. Put the value in quotes.", value[0])
	}
}

// firstInvalid is the offset of the first byte that is not UTF-8.
func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

// openQuote is the offset of the last quote that begins a text and has no end in its line;
// -1 if there is none.
func openQuote(text string) int {
	offset := 0
	for line := range strings.Lines(text) {
		if found := quoteIn(line); found >= 0 {
			return offset + found
		}
		offset += len(line)
	}
	return -1
}

// quoteIn is where a quote begins that does not end in its line; -1 if there is none.
func quoteIn(line string) int {
	open, from := rune(0), -1
	before := ' '
	for i, r := range line {
		switch {
		case open == 0 && r == '#' && before == ' ':
			return -1
		case open == 0 && (r == '"' || r == '\'') && strings.ContainsRune(" [{,(", before):
			open, from = r, i
		case open == r && before != '\\':
			open = 0
		}
		before = r
	}
	if open == 0 {
		return -1
	}
	return from
}

// openBracket is the offset of the bracket that has no end; -1 if each has one.
func openBracket(text string) int {
	var open []int
	quote, before := rune(0), ' '
	for i, r := range text {
		last := before
		before = r
		switch {
		case quote == '#':
			if r == '\n' {
				quote = 0
			}
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '#' && strings.ContainsRune(" \t\n", last), (r == '"' || r == '\'') && strings.ContainsRune(" [{,", last):
			quote = r
		case r == '[' || r == '{':
			open = append(open, i)
		case (r == ']' || r == '}') && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[0]
	}
	return -1
}

// misaligned is the index of the first line that is indented less than the line above and
// like none before; -1 if there is none. It looks at lines outside of long texts.
func misaligned(lines []string) int {
	levels, text := []int{0}, -1
	for i, line := range lines {
		rest := strings.TrimLeft(line, " ")
		indent := len(line) - len(rest)
		if rest = strings.TrimSpace(rest); rest == "" || rest[0] == '#' || text >= 0 && indent > text {
			continue
		}
		if text = -1; strings.HasSuffix(rest, "|") || strings.HasSuffix(rest, ">") {
			text = indent
		}
		if indent > levels[len(levels)-1] {
			levels = append(levels, indent)
		}
		for len(levels) > 0 && levels[len(levels)-1] > indent {
			levels = levels[:len(levels)-1]
		}
		if len(levels) == 0 || levels[len(levels)-1] != indent {
			return i
		}
		for strings.HasPrefix(rest, "- ") {
			rest = strings.TrimLeft(rest[2:], " ")
			indent = len(line) - len(rest)
			levels = append(levels, indent)
		}
	}
	return -1
}

func plainly(said string) string {
	for _, e := range yamlErrors {
		if strings.Contains(said, e.words) {
			return e.says
		}
	}
	return "kubectl cannot read it. Check indentation and quotes."
}
