package storm

import (
	"math"
	"slices"
	"strings"
)

// rule is what Storm requires of one setting.
type rule struct {
	// wants and write are for a person: "a whole number of 1 or more", "2".
	wants, write string
	// take returns the value as Storm needs it, or false. It is never called with nil.
	take func(value any) (any, bool)
	// notNull: Storm rejects null.
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

// oneOf accepts one of some words. Storm's check rejects null too.
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

// plugins is a list of maps, each with a class. The key number, if any, must be a
// whole number in each map; the key object may be absent, and must be a map otherwise.
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
