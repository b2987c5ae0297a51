package storm

import (
	"math"
	"slices"
	"strings"
)

// rule is what Storm requires of one setting.
type rule struct {
	// must is for a person: "a whole number of 1 or more". example shows the shape of a
	// list or map; a number has none, since the wrong one does harm.
	must, example string
	// take returns the value as Storm needs it, or false. It is never called with nil.
	take func(value any) (any, bool)
	// notNull: Storm rejects null.
	notNull bool
}

// The validators are those of ConfigValidation.java (see declared).
var (
	anything        = rule{must: "any value", take: anyValue}
	text            = rule{must: "a string in quotes", take: takeText}
	boolean         = rule{must: "true or false", take: takeBool}
	whole           = wholeFrom(math.MinInt32, "a whole number")
	wholeZero       = wholeFrom(0, "a whole number of 0 or more")
	wholePositive   = wholeFrom(1, "a whole number of 1 or more")
	longPositive    = rule{must: "a whole number of 1 or more", take: takeLongPositive}
	number          = numberIf(func(float64) bool { return true }, "a number")
	numberZero      = numberIf(func(n float64) bool { return n >= 0 }, "a number of 0 or more")
	numberPositive  = numberIf(func(n float64) bool { return n > 0 }, "a number above 0")
	textList        = rule{must: "a list of strings", example: `["a", "b"]`, take: takeTexts}
	textOrTexts     = rule{must: "a string in quotes, or a list of strings", take: takeTextOrTexts}
	anyMap          = rule{must: "a map", example: "{key: value}", take: takeMap}
	textMap         = rule{must: "a map from strings to strings, with numbers in quotes", example: `{NAME: "80"}`, take: takeTextMap}
	numberMap       = rule{must: "a map from strings to numbers", example: "{gpu.count: 1}", take: takeNumberMap}
	kryo            = rule{must: "a list of class names, or of maps from a class to its serializer", example: `["com.example.Event"]`, take: takeKryo}
	blobs           = rule{must: "a map from blob keys to maps", example: `{key: {localname: "file"}}`, take: takeBlobs}
	constraints     = rule{must: "a list of lists of component names, or a map from components to constraints", example: `[["spout", "bolt"]]`, take: takeConstraints}
	impersonation   = rule{must: "a map from users to maps with hosts and groups", example: `{user: {hosts: ["*"], groups: ["*"]}}`, take: takeImpersonation}
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
		must: "one of " + strings.Join(words, ", "), notNull: true,
		take: func(value any) (any, bool) {
			word, ok := takeText(value)
			return word, ok && slices.Contains(words, word.(string))
		},
	}
}

func wholeFrom(least int64, must string) rule {
	return rule{must: must, take: func(value any) (any, bool) {
		n, ok := takeWhole(value)
		if !ok || n < least || n > math.MaxInt32 || n < math.MinInt32 {
			return nil, false
		}
		return n, true
	}}
}

func numberIf(fits func(float64) bool, must string) rule {
	return rule{must: must, take: func(value any) (any, bool) {
		n, ok := takeNumber(value)
		return n, ok && fits(float(n))
	}}
}

// plugins is a list of maps, each with a class. The key number, if any, must be a
// whole number in each map; the key object may be absent, and must be a map otherwise.
func plugins(example, number, object string) rule {
	return rule{must: "a list of maps with the key class", example: "[" + example + "]", take: func(value any) (any, bool) {
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
