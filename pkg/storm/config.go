package storm

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// Settings returns spec.topology.config with the types that Storm needs. A string is
// what a person would type after `-c key=` of the storm command, so "2" is the number
// 2 if Storm needs a number or does not declare the setting. If Storm declares a
// string, "1.0" stays a string. Lists and maps stay as YAML has them.
//
// What Storm would reject, what selects another Storm, and what Stormhooks sets itself
// is a problem: each is a sentence for a person, sorted by key. The values are nil,
// bool, int64, json.Number, string, []any and map[string]any: encoded as JSON they are
// what Storm's client parses.
func Settings(config map[string]any) (settings map[string]any, problems []string) {
	return settingsOf("spec.topology.config", config)
}

// ClientSettings is Settings for spec.config of a StormCluster, which only the JVM that
// submits gets.
func ClientSettings(config map[string]any) (settings map[string]any, problems []string) {
	return settingsOf("spec.config", config)
}

// Keys are the settings that Storm declares, sorted. Storm passes all others to the
// topology unchanged, so an unknown key may be misspelt.
func Keys() []string { return slices.Sorted(maps.Keys(declared)) }

func settingsOf(field string, config map[string]any) (settings map[string]any, problems []string) {
	settings = make(map[string]any, len(config))
	for _, key := range slices.Sorted(maps.Keys(config)) {
		value, problem := setting(key, config[key])
		if problem != "" {
			problems = append(problems, fmt.Sprintf("%s[%q] %s", field, textutil.Cut(key, 131), problem))
			continue
		}
		settings[key] = value
	}
	return settings, problems
}

// setting returns the value that Storm accepts, or a problem: the rest of a sentence
// that begins with the field of the setting.
func setting(key string, value any) (any, string) {
	if why := refusal(key); why != "" {
		return nil, why
	}
	value, ok := plain(value, depth)
	if !ok {
		return nil, "cannot be written as JSON. Write a string, a number, true or false, a list or a map."
	}
	rule, known := declared[key]
	if !known {
		rule = anything
	}
	if value != nil {
		taken, ok := rule.take(value)
		if ok {
			return taken, ""
		}
		if written, is := value.(string); !is || typed(written) != nil {
			return nil, fmt.Sprintf("is %s Storm wants %s there. Write %s.", shown(key, value), rule.wants, rule.write)
		}
	}
	if rule.notNull {
		return nil, fmt.Sprintf("is null. Storm wants %s there. Write %s, or leave the key out for Storm's default.", rule.wants, rule.write)
	}
	return nil, ""
}

// refused are the settings that only Stormhooks, or Storm itself, may set. A name that
// ends with a dot matches all names that begin with it.
var refused = []struct{ key, why string }{
	{"nimbus.seeds", toCluster},
	{"nimbus.host", toCluster},
	{"nimbus.thrift.port", toCluster},
	{"nimbus.thrift.transport", toCluster},
	{"nimbus.thrift.client.use.tls", toCluster},
	{"nimbus.thrift.tls.", toCluster},
	{"storm.thrift.transport", toCluster},
	{"storm.zookeeper.topology.auth.", ""}, // how workers log in, not where Storm is
	{"storm.zookeeper.", toCluster},
	{"topology.name", "is not a setting here: Storm takes the name from the submission. Remove it, and write the name to spec.topology.name."},
	{"storm.id", setByStorm},
	{"topology.submitter.", setByStorm},
	{"stormhooks.", "is how Stormhooks knows its own topologies again. Remove it, or give your setting a name that does not begin with stormhooks."},
}

const (
	toCluster  = "leads to a Storm, and that is the StormCluster's to say. Remove it, and name the Storm's StormCluster in spec.clusterRef."
	setByStorm = "is set by Storm itself at each submission. Remove it."
)

func refusal(key string) string {
	switch {
	case key == "":
		return "has no name. Name the setting, or remove it."
	case strings.Contains(key, "="):
		return "has a name with = in it, which Storm cannot take. Remove it."
	}
	for _, r := range refused {
		if key == r.key || strings.HasSuffix(r.key, ".") && strings.HasPrefix(key, r.key) {
			return r.why
		}
	}
	return ""
}

// plain gives a decoded value the types of this package: whole numbers are int64,
// however they were decoded, since Kubernetes does not distinguish 2.0 from 2. ok is
// false for what JSON cannot express.
func plain(value any, deep int) (any, bool) {
	if deep == 0 {
		return nil, false
	}
	switch v := value.(type) {
	case nil, bool, string, int64:
		return v, true
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case json.Number:
		return numberOf(v.String())
	case float64:
		return plainFloat(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			var ok bool
			if out[i], ok = plain(item, deep-1); !ok {
				return nil, false
			}
		}
		return out, true
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			var ok bool
			if out[key], ok = plain(item, deep-1); !ok {
				return nil, false
			}
		}
		return out, true
	}
	return nil, false
}

func plainFloat(f float64) (any, bool) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, false
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return int64(f), true
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64)), true
}

// shown is a value for a person. It is hidden if it may be a secret, or is a list or a
// map.
func shown(key string, value any) string {
	const hidden = "of the wrong kind."
	for _, word := range []string{"password", "payload", "secret", "credential", "token"} {
		if strings.Contains(strings.ToLower(key), word) {
			return hidden
		}
	}
	switch v := value.(type) {
	case string:
		return strconv.Quote(textutil.Cut(v, 63)) + "."
	case bool, int64, json.Number:
		return fmt.Sprint(v) + "."
	}
	return hidden
}
