package storm

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// typed is the value that text means after `-c key=`. Storm parses it with the
// permissive mode of json-smart (readCommandLineOpts in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java, v2.8.1), and what is not
// JSON stays a string. This parser does the same, with one exception: json-smart silently
// drops a part of some texts (`[a] b` is ["a"] there, `"x"y` is "x", `-` is 0), which
// stay strings here.
//
// Values are nil, bool, int64, json.Number (fractions, and what is too large for
// int64), string, []any, map[string]any.
func typed(text string) any {
	if value, ok := parse(text, false); ok {
		return value
	}
	return text
}

// typedText is typed for keys whose values are strings: `[7, true]` is a list of two
// strings. ok is false if text is not a list, not a map and not in quotes.
func typedText(text string) (any, bool) {
	begins := strings.TrimLeft(text, space)
	if begins == "" || !strings.ContainsRune("[{\"'", rune(begins[0])) {
		return nil, false
	}
	return parse(text, true)
}

const (
	space = " \t\r\n"
	// depth limits nesting, so that no value can exhaust the stack.
	depth = 64
)

// parse parses the whole text; false if it cannot.
func parse(text string, textOnly bool) (any, bool) {
	p := parser{rest: text, textOnly: textOnly}
	value, ok := p.value("", depth)
	if value == emptyEntry {
		value = ""
	}
	return value, ok && strings.Trim(p.rest, space) == ""
}

type parser struct {
	rest     string
	textOnly bool
}

type nothing struct{}

// emptyEntry is the entry between two commas with nothing between them.
var emptyEntry any = nothing{}

// value parses one value; bare words end at one of the bytes in stop.
func (p *parser) value(stop string, deep int) (any, bool) {
	p.rest = strings.TrimLeft(p.rest, space)
	switch {
	case deep == 0:
		return nil, false
	case strings.HasPrefix(p.rest, "["):
		return p.list(deep)
	case strings.HasPrefix(p.rest, "{"):
		return p.object(deep)
	case strings.HasPrefix(p.rest, `"`), strings.HasPrefix(p.rest, `'`):
		return p.quoted()
	}
	word := p.bare(stop)
	switch {
	case word == "":
		return emptyEntry, true
	case p.textOnly:
		return word, true
	}
	return scalar(word), true
}

func (p *parser) bare(stop string) string {
	end := strings.IndexAny(p.rest, stop)
	if stop == "" || end < 0 {
		end = len(p.rest)
	}
	word := strings.TrimRight(p.rest[:end], space)
	p.rest = p.rest[end:]
	return word
}

// next consumes one of the bytes in any, after space.
func (p *parser) next(any string) (byte, bool) {
	p.rest = strings.TrimLeft(p.rest, space)
	if p.rest == "" || strings.IndexByte(any, p.rest[0]) < 0 {
		return 0, false
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b, true
}

func (p *parser) list(deep int) (any, bool) {
	p.rest = p.rest[1:]
	list := []any{}
	for {
		item, ok := p.value(",]", deep-1)
		if !ok {
			return nil, false
		}
		if item != emptyEntry { // json-smart skips empty entries: [a,] is [a]
			list = append(list, item)
		}
		switch b, ok := p.next(",]"); {
		case !ok:
			return nil, false
		case b == ']':
			return list, true
		}
	}
}

func (p *parser) object(deep int) (any, bool) {
	p.rest = p.rest[1:]
	object := map[string]any{}
	for {
		if _, end := p.next("}"); end {
			return object, true
		}
		key, ok := p.key()
		if !ok {
			return nil, false
		}
		item, ok := p.value(",}", deep-1)
		if !ok || item == emptyEntry {
			return nil, false
		}
		object[key] = item
		switch b, ok := p.next(",}"); {
		case !ok:
			return nil, false
		case b == '}':
			return object, true
		}
	}
}

func (p *parser) key() (string, bool) {
	p.rest = strings.TrimLeft(p.rest, space)
	var key string
	if strings.HasPrefix(p.rest, `"`) || strings.HasPrefix(p.rest, `'`) {
		value, ok := p.quoted()
		if !ok {
			return "", false
		}
		key = value.(string)
	} else if key = p.bare(":,}"); key == "" {
		return "", false
	}
	_, ok := p.next(":")
	return key, ok
}

// quoted parses a string in double or single quotes.
func (p *parser) quoted() (any, bool) {
	quote := p.rest[0]
	for i := 1; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '\\':
			i++
		case quote:
			body := p.rest[1:i]
			p.rest = p.rest[i+1:]
			return unescape(body, quote)
		}
	}
	return nil, false
}

func unescape(body string, quote byte) (any, bool) {
	if !strings.Contains(body, `\`) {
		return body, true
	}
	if quote == '\'' { // as double quotes have it, so that JSON can read it
		body = strings.ReplaceAll(body, `\'`, `'`)
		body = strings.ReplaceAll(strings.ReplaceAll(body, `\"`, `"`), `"`, `\"`)
	}
	var text string
	body = strings.ReplaceAll(body, "\t", `\t`)
	if json.Unmarshal([]byte(`"`+body+`"`), &text) != nil {
		return nil, false
	}
	return text, true
}

var (
	wholeNumber = regexp.MustCompile(`^-?[0-9]+$`)
	fraction    = regexp.MustCompile(`^(-?)0*([0-9]+)(?:\.([0-9]*))?([eE][+-]?[0-9]+)?$`)
)

// scalar is the value of a bare word: json-smart knows true, false and null in lower
// case, and numbers that start with a digit or a minus.
func scalar(word string) any {
	switch word {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if number, ok := numberOf(word); ok {
		return number
	}
	return word
}

// numberOf returns int64 for a whole number without a point or an exponent, otherwise
// json.Number, which distinguishes 2.0 from 2.
func numberOf(word string) (any, bool) {
	if word == "" || word[0] != '-' && (word[0] < '0' || word[0] > '9') {
		return nil, false // most words
	}
	if wholeNumber.MatchString(word) {
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			return n, true
		}
	}
	part := fraction.FindStringSubmatch(word)
	if part == nil {
		return nil, false
	}
	if _, err := strconv.ParseFloat(word, 64); err != nil { // beyond any double
		return nil, false
	}
	number := part[1] + part[2]
	if part[3] != "" {
		number += "." + part[3]
	} else if strings.Contains(word, ".") {
		number += ".0"
	}
	return json.Number(number + part[4]), true
}
