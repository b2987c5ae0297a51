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
	// ofText: the value may be a string. Every other rule takes a string only as what a
	// person typed.
	ofText bool
}

// The validators are those of ConfigValidation.java (see declared).
var (
	anything        = rule{must: "any value", take: anyValue, ofText: true}
	text            = rule{must: "text in quotes", take: takeText, ofText: true}
	class           = rule{must: "the name of a class", take: takeClass, ofText: true}
	boolean         = rule{must: "true or false", take: takeBool}
	whole           = wholeFrom(math.MinInt32, "a whole number")
	wholeZero       = wholeFrom(0, "a whole number of 0 or more")
	wholePositive   = wholeFrom(1, "a whole number of 1 or more")
	longPositive    = rule{must: "a whole number of 1 or more", take: takeLongPositive}
	numberZero      = numberIf(func(n float64) bool { return n >= 0 }, "a number of 0 or more")
	numberPositive  = numberIf(func(n float64) bool { return n > 0 }, "a number above 0")
	sampleRate      = numberIf(func(n float64) bool { return n > 0 && n <= 1 }, "a number above 0, and 1 at most")
	openUnit        = numberIf(func(n float64) bool { return n > 0 && n < 1 }, "a number above 0, and below 1")
	zstdLevel       = rule{must: "a whole number of 1 to 19", take: takeZstdLevel}
	textList        = rule{must: "a list of texts", example: `["a", "b"]`, take: takeTexts}
	classes         = rule{must: "a list of names of classes", example: `["com.example.Hook"]`, take: takeClasses}
	textOrTexts     = rule{must: "text in quotes, or a list of texts", take: takeTextOrTexts, ofText: true}
	anyMap          = rule{must: "a map", example: "{key: value}", take: takeMap}
	textMap         = rule{must: "a map from texts to texts, with numbers in quotes", example: `{NAME: "80"}`, take: takeTextMap}
	environment     = rule{must: "a map from names of variables to texts, with numbers in quotes", example: `{NAME: "80"}`, take: takeEnvironment}
	numberMap       = rule{must: "a map from texts to numbers", example: "{gpu.count: 1}", take: takeNumberMap}
	kryo            = rule{must: "a list of class names, or of maps from a class to its serializer", example: `["com.example.Event"]`, take: takeKryo}
	blobs           = rule{must: "a map from blob keys to maps, in which localname is text, and uncompress and workerRestart are true or false", example: `{key: {localname: "file"}}`, take: takeBlobs}
	constraints     = rule{must: "a list of pairs of component names, or a map from components to constraints", example: `[["spout", "bolt"]]`, take: takeConstraints}
	impersonation   = rule{must: "a map from users to maps with hosts and groups", example: `{user: {hosts: ["*"], groups: ["*"]}}`, take: takeImpersonation}
	metricConsumers = plugins(`{class: "com.example.Consumer", parallelism.hint: 1}`, isMetricConsumer)
	metricReporters = plugins(`{class: "com.example.Reporter"}`, isMetricReporter)
	eventLoggers    = plugins(`{class: "com.example.Logger"}`, isEventLogger)
)

// oneOf accepts one of some words.
func oneOf(words ...string) rule {
	return rule{
		must: "one of " + strings.Join(words, ", "), ofText: true,
		take: func(value any) (any, bool) {
			word, ok := takeText(value)
			return word, ok && slices.Contains(words, word.(string))
		},
	}
}

func wholeFrom(least int64, must string) rule {
	return rule{must: must, take: func(value any) (any, bool) {
		n, ok := takeWhole(value)
		if !ok || n < least || !isInt(n) {
			return nil, false
		}
		return n, true
	}}
}

// isInt says whether a number is one of Java's int. ObjectReader.getInt fails at others.
func isInt(n int64) bool { return n >= math.MinInt32 && n <= math.MaxInt32 }

func numberIf(fits func(float64) bool, must string) rule {
	return rule{must: must, take: func(value any) (any, bool) {
		n, ok := takeNumber(value)
		return n, ok && fits(float(n))
	}}
}

// plugins is a list of maps, each with a class, that is of the kind.
func plugins(example string, is func(plugin map[string]any) bool) rule {
	return rule{must: "a list of maps with the key class, each as Storm documents it", example: "[" + example + "]", take: func(value any) (any, bool) {
		list, ok := asList(value)
		for _, item := range list {
			plugin, _ := item.(map[string]any)
			if name, _ := plugin["class"].(string); !isClass(name) || !is(plugin) {
				return nil, false
			}
		}
		return list, ok
	}}
}

// isMetricConsumer says whether Storm can read all parts of an entry of
// topology.metrics.consumer.register. It validates only the hint, and casts the others
// (metricsConsumerBoltSpecs in
// storm-client/src/jvm/org/apache/storm/daemon/StormCommon.java, v2.8.1).
func isMetricConsumer(plugin map[string]any) bool {
	hint, ok := plugin["parallelism.hint"].(int64)
	retained, isWhole := plugin["max.retain.metric.tuples"].(int64)
	_, isTruth := plugin["expandMapType"].(bool)
	_, isText := plugin["metricNameSeparator"].(string)
	only, isList := textsOrNone(plugin["whitelist"])
	without, isOther := textsOrNone(plugin["blacklist"])
	return ok && isInt(hint) &&
		(plugin["max.retain.metric.tuples"] == nil || isWhole && isInt(retained)) &&
		(plugin["expandMapType"] == nil || isTruth) && (plugin["metricNameSeparator"] == nil || isText) &&
		isList && isOther && (only == 0 || without == 0) // FilterByMetricName refuses both
}

// isMetricReporter: a filter is a map, or absent. Storm fails at null
// (MetricReportersValidator in ConfigValidation.java, v2.8.1).
func isMetricReporter(plugin map[string]any) bool {
	filter, given := plugin["filter"]
	of, isMap := filter.(map[string]any)
	_, named := of["class"].(string)
	return !given || isMap && (named || of["class"] == nil)
}

func isEventLogger(plugin map[string]any) bool {
	_, isMap := plugin["arguments"].(map[string]any)
	return plugin["arguments"] == nil || isMap
}

// textsOrNone is how many strings a list has; ok is false for anything else but nil.
func textsOrNone(value any) (n int, ok bool) {
	if value == nil {
		return 0, true
	}
	list, is := value.([]any)
	_, ok = takeTexts(value)
	return len(list), is && ok
}
