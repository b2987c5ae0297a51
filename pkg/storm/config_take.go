package storm

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Each take function returns a value as Storm needs it, or false. A string at the top
// is read as if a person had typed it; strings inside the lists and maps of YAML are
// strings.

func anyValue(value any) (any, bool) {
	if written, ok := value.(string); ok {
		return typed(written), true
	}
	return value, true
}

// takeText keeps a string as it is, whatever it looks like: "1.0" is a version here,
// not a number. Quotes around the whole text are removed: a person would have typed
// them for the storm command.
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

// takeClass accepts what can be the name of a class: Storm loads it, and a worker dies of an
// empty one.
func takeClass(value any) (any, bool) {
	name, ok := takeText(value)
	return name, ok && isClass(name.(string))
}

func isClass(name string) bool { return name != "" && !strings.ContainsFunc(name, unicode.IsSpace) }

func takeBool(value any) (any, bool) {
	value, _ = anyValue(value)
	truth, ok := value.(bool)
	return truth, ok
}

// takeWhole accepts 2.0 too, as Storm's check does (IntegerValidator). A Double breaks
// the code that reads it later, so it becomes 2.
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

// takeZstdLevel is ZstdLevelValidator of ConfigValidation.java (v3.0.0-SNAPSHOT).
func takeZstdLevel(value any) (any, bool) {
	n, ok := takeWhole(value)
	return n, ok && n >= 1 && n <= 19
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

func takeClasses(value any) (any, bool) {
	value, ok := takeTexts(value)
	list, _ := value.([]any)
	for _, item := range list {
		if !isClass(item.(string)) {
			return nil, false
		}
	}
	return value, ok
}

func takeMap(value any) (any, bool) { return asMap(value) }

func asMap(value any) (map[string]any, bool) {
	value, _ = anyValue(value)
	object, ok := value.(map[string]any)
	return object, ok
}

// takeTextMap accepts {PORT: 80} only as text, which has no types yet.
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

// takeEnvironment refuses names and values that no process can have: the supervisor would
// fail to start the worker (java.lang.ProcessEnvironment).
func takeEnvironment(value any) (any, bool) {
	value, ok := takeTextMap(value)
	object, _ := value.(map[string]any)
	for name, item := range object {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(item.(string), "\x00") {
			return nil, false
		}
	}
	return value, ok
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
			if !isClass(item) {
				return nil, false
			}
		case map[string]any:
			if !areClasses(item) {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return list, ok
}

// areClasses: a class to its serializer.
func areClasses(object map[string]any) bool {
	for name, item := range object {
		serializer, _ := item.(string)
		if !isClass(name) || !isClass(serializer) {
			return false
		}
	}
	return true
}

// takeBlobs checks the three keys of an entry that Storm reads (Container.java:389,
// SupervisorUtils.java:127 and :138 in storm-server, v2.8.1).
func takeBlobs(value any) (any, bool) {
	object, ok := asMap(value)
	for _, item := range object {
		blob, is := item.(map[string]any)
		name, named := blob["localname"]
		file, _ := name.(string)
		if !is || named && file == "" || !truthOrNone(blob["uncompress"]) || !truthOrNone(blob["workerRestart"]) {
			return nil, false
		}
	}
	return object, ok
}

func truthOrNone(value any) bool {
	_, is := value.(bool)
	return value == nil || is
}

func takeConstraints(value any) (any, bool) {
	if list, ok := asList(value); ok {
		for _, item := range list {
			pair, _ := item.([]any)
			if _, ok := takeTexts(item); !ok || len(pair) < 2 { // ConstraintSolverConfig.java:81 reads two
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
