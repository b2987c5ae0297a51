package storm

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// rule is what Storm wants of one setting.
type rule struct {
	// wants and write are for a person: "a whole number of 1 or more", "2".
	wants, write string
	// take gives the value as Storm wants it, or says no. It is never asked about nil.
	take func(value any) (any, bool)
	// notNull: Storm refuses null.
	notNull bool
}

// The validators are those of ConfigValidation.java (see declared).
var (
	anything        = rule{wants: "any value", take: anyValue}
	text            = rule{wants: "a string", write: `"text" in quotes`, take: takeText}
	boolean         = rule{wants: "true or false", write: "true or false", take: takeBool}
	whole           = wholeFrom(math.MinInt32, "a whole number", "60")
	wholeZero       = wholeFrom(0, "a whole number of 0 or more", "0")
	wholePositive   = wholeFrom(1, "a whole number of 1 or more", "2")
	longPositive    = rule{wants: "a whole number of 1 or more", write: "600000", take: takeLongPositive}
	number          = numberIf(func(float64) bool { return true }, "a number", "1")
	numberZero      = numberIf(func(n float64) bool { return n >= 0 }, "a number of 0 or more", "0.5")
	numberPositive  = numberIf(func(n float64) bool { return n > 0 }, "a number above 0", "0.5")
	textList        = rule{wants: "a list of strings", write: `["a", "b"]`, take: takeTexts}
	textOrTexts     = rule{wants: "a string or a list of strings", write: `"-Xmx512m" in quotes`, take: takeTextOrTexts}
	anyMap          = rule{wants: "a map", write: "{key: value}", take: takeMap}
	textMap         = rule{wants: "a map from strings to strings", write: `{NAME: "value"}, numbers in quotes`, take: takeTextMap}
	numberMap       = rule{wants: "a map from strings to numbers", write: "{gpu.count: 1}", take: takeNumberMap}
	kryo            = rule{wants: "a list of class names, or of maps from a class to its serializer", write: `["com.example.Event"]`, take: takeKryo}
	blobs           = rule{wants: "a map from blob keys to maps", write: `{key: {localname: "file"}}`, take: takeBlobs}
	constraints     = rule{wants: "a list of lists of component names, or a map from components to constraints", write: `[["spout", "bolt"]]`, take: takeConstraints}
	impersonation   = rule{wants: "a map from users to maps with hosts and groups", write: `{user: {hosts: ["*"], groups: ["*"]}}`, take: takeImpersonation}
	metricConsumers = plugins(`{class: "com.example.Consumer", parallelism.hint: 1}`, "parallelism.hint", "")
	metricReporters = plugins(`{class: "com.example.Reporter"}`, "", "filter")
	eventLoggers    = plugins(`{class: "com.example.Logger"}`, "", "arguments")
)

func required(r rule) rule {
	r.notNull = true
	return r
}

// oneOf takes one of some words; Storm's check of it refuses null, too.
func oneOf(words ...string) rule {
	return rule{
		wants: "one of " + strings.Join(words, ", "), write: `"` + words[0] + `"`, notNull: true,
		take: func(value any) (any, bool) {
			word, ok := takeText(value)
			return word, ok && slices.Contains(words, word.(string))
		},
	}
}

func wholeFrom(least int64, wants, write string) rule {
	return rule{wants: wants, write: write, take: func(value any) (any, bool) {
		n, ok := takeWhole(value)
		if !ok || n < least || n > math.MaxInt32 || n < math.MinInt32 {
			return nil, false
		}
		return n, true
	}}
}

func numberIf(fits func(float64) bool, wants, write string) rule {
	return rule{wants: wants, write: write, take: func(value any) (any, bool) {
		n, ok := takeNumber(value)
		return n, ok && fits(float(n))
	}}
}

// plugins is a list of maps, each with a class. The key number, if any, is a
// whole number in each, and the key object a map where it is there.
func plugins(write, number, object string) rule {
	return rule{wants: "a list of maps with the key class", write: "[" + write + "]", take: func(value any) (any, bool) {
		list, ok := asList(value)
		for _, item := range list {
			plugin, _ := item.(map[string]any)
			_, named := plugin["class"].(string)
			_, counted := plugin[number].(int64)
			_, mapped := plugin[object].(map[string]any)
			if !named || number != "" && !counted || plugin[object] != nil && !mapped {
				return nil, false
			}
		}
		return list, ok
	}}
}

func anyValue(value any) (any, bool) {
	if written, ok := value.(string); ok {
		return typed(written), true
	}
	return value, true
}

// takeText leaves a string as it is, whatever it looks like: "1.0" is a version
// here and no number. Quotes around all of it are those that a person would
// have typed for Storm's command, and go.
func takeText(value any) (any, bool) {
	written, ok := value.(string)
	if !ok {
		return nil, false
	}
	if inner, ok := typedText(written); ok {
		if inner, ok := inner.(string); ok {
			return inner, true
		}
	}
	return written, true
}

func takeBool(value any) (any, bool) {
	value, _ = anyValue(value)
	truth, ok := value.(bool)
	return truth, ok
}

// takeWhole takes 2.0, too: Storm's check does (IntegerValidator), but a Double
// breaks its readers later, so it becomes 2.
func takeWhole(value any) (int64, bool) {
	n, ok := takeNumber(value)
	if whole, is := n.(int64); is {
		return whole, true
	}
	if f := float(n); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int64(f), true
	}
	return 0, false
}

func takeLongPositive(value any) (any, bool) {
	n, ok := takeWhole(value)
	return n, ok && n > 0
}

func takeNumber(value any) (any, bool) {
	value, _ = anyValue(value)
	switch value.(type) {
	case int64, json.Number:
		return value, true
	}
	return nil, false
}

func float(value any) float64 {
	switch n := value.(type) {
	case int64:
		return float64(n)
	case json.Number:
		f, _ := n.Float64()
		return f
	}
	return math.NaN()
}

func takeTexts(value any) (any, bool) {
	list, ok := value.([]any)
	if written, is := value.(string); is {
		value, _ = typedText(written)
		list, ok = value.([]any)
	}
	for _, item := range list {
		if _, is := item.(string); !is {
			return nil, false
		}
	}
	return list, ok
}

func takeTextOrTexts(value any) (any, bool) {
	if list, ok := takeTexts(value); ok {
		return list, true
	}
	return takeText(value)
}

func takeMap(value any) (any, bool) { return asMap(value) }

func asMap(value any) (map[string]any, bool) {
	value, _ = anyValue(value)
	object, ok := value.(map[string]any)
	return object, ok
}

// takeTextMap takes {PORT: 80} only as text, where no type was meant yet.
func takeTextMap(value any) (any, bool) {
	if written, is := value.(string); is {
		value, _ = typedText(written)
	}
	object, ok := value.(map[string]any)
	for _, item := range object {
		if _, is := item.(string); !is {
			return nil, false
		}
	}
	return object, ok
}

func takeNumberMap(value any) (any, bool) {
	object, ok := asMap(value)
	out := make(map[string]any, len(object))
	for key, item := range object {
		n, is := takeNumber(item)
		if !is {
			return nil, false
		}
		out[key] = n
	}
	return out, ok
}

func asList(value any) ([]any, bool) {
	value, _ = anyValue(value)
	list, ok := value.([]any)
	return list, ok
}

func takeKryo(value any) (any, bool) {
	list, ok := asList(value)
	for _, item := range list {
		switch item := item.(type) {
		case string:
		case map[string]any:
			for _, serializer := range item {
				if _, is := serializer.(string); !is {
					return nil, false
				}
			}
		default:
			return nil, false
		}
	}
	return list, ok
}

func takeBlobs(value any) (any, bool) {
	object, ok := asMap(value)
	for _, item := range object {
		if _, is := item.(map[string]any); !is {
			return nil, false
		}
	}
	return object, ok
}

func takeConstraints(value any) (any, bool) {
	if list, ok := asList(value); ok {
		for _, item := range list {
			if _, ok := takeTexts(item); !ok {
				return nil, false
			}
		}
		return list, true
	}
	object, ok := asMap(value)
	for _, item := range object {
		of, is := item.(map[string]any)
		if !is {
			return nil, false
		}
		for kind, limit := range of {
			if !constraint(kind, limit) {
				return nil, false
			}
		}
	}
	return object, ok
}

// constraint is RasConstraintsTypeValidator's rule for one entry.
func constraint(kind string, limit any) bool {
	switch kind {
	case "maxNodeCoLocationCnt":
		_, err := strconv.ParseInt(fmt.Sprint(limit), 10, 32)
		return err == nil
	case "incompatibleComponents":
		if _, is := limit.(string); is {
			return true
		}
		_, ok := takeTexts(limit)
		return ok
	}
	return false
}

func takeImpersonation(value any) (any, bool) {
	object, ok := asMap(value)
	for _, item := range object {
		of, is := item.(map[string]any)
		if !is {
			return nil, false
		}
		for _, key := range []string{"hosts", "groups"} {
			if _, ok := takeTexts(of[key]); !ok {
				return nil, false
			}
		}
	}
	return object, ok
}
