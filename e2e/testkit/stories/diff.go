package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// change is one difference of two trees; absent is a side that has nothing.
type change struct {
	path     string
	old, new any
}

type absent struct{}

// diff is what differs, in the order of the paths.
func diff(path string, old, new any) []change {
	if reflect.DeepEqual(old, new) {
		return nil
	}
	switch new := new.(type) {
	case map[string]any:
		if old, is := old.(map[string]any); is {
			return diffMaps(path, old, new)
		}
	case []any:
		if old, is := old.([]any); is {
			return diffLists(path, old, new)
		}
	case string:
		if before, is := old.(string); is && sameOrder(before, new) {
			_, a := inArgument(before)
			flag, b := inArgument(new)
			return diff(path+"."+strings.TrimLeft(flag, "-"), a, b)
		}
	}
	return []change{{path, old, new}}
}

func diffMaps(path string, old, new map[string]any) (changes []change) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(old)), maps.Keys(new))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		before, was := old[key]
		after, is := new[key]
		if !was {
			before = absent{}
		}
		if !is {
			after = absent{}
		}
		changes = append(changes, diff(strings.TrimPrefix(path+"."+key, "."), before, after)...)
	}
	return changes
}

// diffLists finds items that came, or went, at one place.
func diffLists(path string, old, new []any) (changes []change) {
	at := 0
	for at < len(old) && at < len(new) && reflect.DeepEqual(old[at], new[at]) {
		at++
	}
	switch more := len(new) - len(old); {
	case more == 0:
		for i := range new {
			changes = append(changes, diff(fmt.Sprintf("%s[%d]", path, i), old[i], new[i])...)
		}
	case more > 0 && reflect.DeepEqual(new[at+more:], old[at:]):
		for i := at; i < at+more; i++ {
			changes = append(changes, change{fmt.Sprintf("%s[%d]", path, i), absent{}, new[i]})
		}
	case more < 0 && reflect.DeepEqual(old[at-more:], new[at:]):
		for i := at; i < at-more; i++ {
			changes = append(changes, change{fmt.Sprintf("%s[%d]", path, i), old[i], absent{}})
		}
	default:
		return []change{{path, old, new}}
	}
	return changes
}

// sameOrder says whether two arguments are JSON whose difference says all: compact,
// with the keys that both have in one order.
func sameOrder(a, b string) bool {
	flagA, _ := inArgument(a)
	flagB, _ := inArgument(b)
	if flagA == "" || flagA != flagB {
		return false
	}
	inA, inB := leaves(a), leaves(b)
	shared := func(of, in []string) []string {
		return slices.DeleteFunc(slices.Clone(of), func(path string) bool { return !slices.Contains(in, path) })
	}
	return inA != nil && inB != nil && slices.Equal(shared(inA, inB), shared(inB, inA))
}

// leaves are the paths of an argument's JSON in their order; nil where the text is
// not as json.Marshal writes it.
func leaves(argument string) (paths []string) {
	_, raw, _ := strings.Cut(argument, "=")
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber()
	again, ok := walk(decoder, "", &paths)
	if !ok || again != raw {
		return nil
	}
	return paths
}

// walk reads one value of JSON: its paths go to paths, and its text comes back.
func walk(decoder *json.Decoder, path string, paths *[]string) (text string, ok bool) {
	token, err := decoder.Token()
	if err != nil {
		return "", false
	}
	*paths = append(*paths, path)
	if token != json.Delim('{') && token != json.Delim('[') {
		raw, err := json.Marshal(token)
		return string(raw), err == nil
	}
	var parts []string
	for i := 0; decoder.More(); i++ {
		key, lead := strconv.Itoa(i), ""
		if token == json.Delim('{') {
			name, _ := decoder.Token()
			key = fmt.Sprint(name)
			raw, _ := json.Marshal(key)
			lead = string(raw) + ":"
		}
		part, ok := walk(decoder, path+"."+key, paths)
		if !ok {
			return "", false
		}
		parts = append(parts, lead+part)
	}
	closing, err := decoder.Token()
	return fmt.Sprint(token) + strings.Join(parts, ",") + fmt.Sprint(closing), err == nil
}

// printer writes lines. Each value has one text, and each text one value.
type printer struct {
	strings.Builder
	now time.Time
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

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
	case value == sameAsStatus:
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
