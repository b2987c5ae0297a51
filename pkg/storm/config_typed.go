package storm

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// typed is the value that a person means who types text after `-c key=`.
// Storm parses it by json-smart's permissive mode (readCommandLineOpts in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java, v2.8.1), and what is
// no JSON stays a string. Ours parses alike, but for text that json-smart drops
// a part of without a word (`[a] b` is ["a"] there, `"x"y` is "x", `-` is 0):
// that stays the string that it is.
//
// Values are nil, bool, int64, json.Number (fractions, and what is too large
// for int64), string, []any, map[string]any.
func typed(text string) any {
	if value, ok := parse(text, false); ok {
		return value
	}
	return text
}

// typedText is typed for keys that hold strings: `[7, true]` is a list of two
// strings. ok is false where text is neither a list, a map, nor in quotes.
func typedText(text string) (any, bool) {
	begins := strings.TrimLeft(text, space)
	if begins == "" || !strings.ContainsRune("[{\"'", rune(begins[0])) {
		return nil, false
	}
	return parse(text, true)
}

const (
	space = " \t\r\n"
	// depth bounds nesting, so that no value can exhaust the stack.
	depth = 64
)

// parse reads all of text, or says no.
func parse(text string, textOnly bool) (any, bool) {
	p := parser{rest: text, textOnly: textOnly}
	value, ok := p.value("", depth)
	if value == absent {
		value = ""
	}
	return value, ok && strings.Trim(p.rest, space) == ""
}

type parser struct {
	rest     string
	textOnly bool
}

type nothing struct{}

// absent is what stands between two commas.
var absent any = nothing{}

// value reads one value; bare words end at one of the bytes in stop.
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
		return absent, true
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

// next takes one of the bytes in any, after space.
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
		if item != absent { // json-smart skips empty entries: [a,] is [a]
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
		if !ok || item == absent {
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

// quoted reads a string in double or single quotes.
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

// scalar is a bare word's value: json-smart knows true, false and null in
// small letters, and numbers that start with a digit or a minus.
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

// numberOf gives int64 for a whole number written without a point or an
// exponent, else json.Number, which keeps 2.0 apart from 2.
func numberOf(word string) (any, bool) {
	if word == "" || word[0] != '-' && (word[0] < '0' || word[0] > '9') {
		return nil, false // as most words
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
