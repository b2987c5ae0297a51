package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// printer writes lines. Each value has one text, and each text one value.
type printer struct {
	strings.Builder
	now time.Time
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// fill prints several items in a line.
func (p *printer) fill(items []string) {
	const width = 110
	for len(items) > 0 {
		n, line := 1, items[0]
		for n < len(items) && len(line)+len(items[n]) < width {
			line += ", " + items[n]
			n++
		}
		p.line("  %s", line)
		items = items[n:]
	}
}

func (p *printer) change(c change) string {
	switch {
	case c.new == absent{}:
		return c.path + " gone"
	case c.old == absent{}:
		return c.path + ": " + p.value(c.new)
	}
	return c.path + ": " + p.value(c.old) + " → " + p.value(c.new)
}

// text is a message, which has its own line end.
func (p *printer) text(value any) string {
	switch text, is := value.(string); {
	case value == any(sameMessage{}):
		return "the same"
	case !is:
		return "(" + p.value(value) + ")"
	case text == "the same" || strings.HasPrefix(text, "(") || strings.HasSuffix(text, "}") || strconv.Quote(text) != `"`+strings.ReplaceAll(text, `"`, `\"`)+`"` || strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`):
		return strconv.Quote(text)
	default:
		return text
	}
}

var bare = regexp.MustCompile(`^[A-Za-z0-9_./:=+*-]+$`)

// value is any value in one line.
func (p *printer) value(value any) string {
	switch value := value.(type) {
	case string:
		return p.string(value)
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, p.string(key)+": "+p.value(value[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, item := range value {
			parts = append(parts, p.value(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case absent:
		return "nothing"
	case sameMessage:
		return "the same"
	case asSpec:
		return "the spec's"
	}
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // it came from JSON
	}
	return string(raw)
}

func (p *printer) string(text string) string {
	if t, err := time.Parse("2006-01-02T15:04:05Z", text); err == nil {
		if t.Equal(p.now.Truncate(time.Second)) {
			return "now"
		}
		return "@" + t.Sub(begin).String()
	}
	if bare.MatchString(text) && !json.Valid([]byte(text)) && text != "now" && text != "nothing" {
		return text
	}
	return strconv.Quote(text)
}
