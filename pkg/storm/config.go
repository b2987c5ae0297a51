package storm

import (
	"cmp"
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
// string, "1.0" stays a string. Lists and maps stay as YAML has them. Null is accepted
// where Storm reads it as "no value", and for what Storm does not declare or does not read. A value with
// $(NAME) stays as it is: ExpandSettings gives it its type, in the submitting pod.
//
// What Storm would reject, what selects another Storm, and what Stormhooks sets itself
// is a problem: each is a sentence for a person, sorted by key. The values are nil,
// bool, int64, json.Number, string, []any and map[string]any: encoded as JSON they are
// what Storm's client parses.
func Settings(config map[string]any) (settings map[string]any, problems []string) {
	return SettingsIn("", config)
}

// SettingsIn is Settings for a version of Storm; empty is the newest. A value of the wrong
// type is accepted if this version does not declare the setting.
func SettingsIn(version string, config map[string]any) (settings map[string]any, problems []string) {
	return settingsOf(inTopology, config, version)
}

// ClientSettings is SettingsIn for spec.config of a StormCluster, which only the JVM that
// submits gets.
func ClientSettings(version string, config map[string]any) (settings map[string]any, problems []string) {
	return settingsOf(inCluster, config, version)
}

// IsNull says whether a setting of spec.topology.config is null, written so or as the text
// that means it.
func IsNull(key string, value any) bool {
	settings, _ := Settings(map[string]any{key: value})
	taken, set := settings[key]
	return set && taken == nil
}

// Keys are the settings that Storm declares, sorted. Storm passes all others to the
// topology unchanged, so an unknown key may be misspelt.
func Keys() []string { return slices.Sorted(maps.Keys(declared)) }

// place is where settings stand, and the field of the same object that selects the Storm.
// expands: $(NAME) is replaced there.
type place struct {
	field, selector string
	expands         bool
}

// takesNull: Storm reads null there as "no value", or does not read it. In spec.config that is
// so for all but the settings at which Storm's client is known to fail: a StormCluster that
// works must not stop its topologies.
func (p place) takesNull(key string) bool {
	read, known := reads[key]
	if read.null || slices.Contains(notRead, key) {
		return true
	}
	return p == inCluster && (!known || isOfTopologies(key) || matches(notOfClient, key))
}

var (
	inTopology = place{field: "spec.topology.config", selector: "spec.clusterRef", expands: true}
	inCluster  = place{field: "spec.config", selector: "spec.nimbus"}
)

func settingsOf(at place, config map[string]any, version string) (settings map[string]any, problems []string) {
	settings = make(map[string]any, len(config))
	wrong := map[string]string{}
	for key, value := range config {
		problem := ""
		if at.expands && HasReference(value) {
			problem = refusal(key, at.selector)
		} else {
			value, problem = setting(key, value, at, version)
		}
		if problem != "" {
			wrong[key] = problem
			continue
		}
		settings[key] = value
	}
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		problems = append(problems, fmt.Sprintf("%s[%q] %s", at.field, textutil.Cut(key, 131), wrong[key]))
	}
	return settings, problems
}

// setting returns the value that Storm accepts, or a problem: the rest of a sentence
// that begins with the field of the setting.
func setting(key string, value any, at place, version string) (any, string) {
	if why := refusal(key, at.selector); why != "" {
		return nil, why
	}
	value, ok := plain(value, depth)
	if !ok {
		return nil, "cannot be encoded as JSON; must be text, a number, true, false, a list or a map."
	}
	rule, known := declared[key]
	undeclared := !Declares(key, version)
	if !known || undeclared && spans[key].until != "" {
		rule = anything
	}
	if value != nil {
		taken, ok := rule.take(value)
		if ok {
			return taken, ""
		}
		if undeclared {
			taken, _ := anything.take(value)
			return taken, ""
		}
		if written, is := value.(string); !is || typed(written) != nil {
			return nil, fmt.Sprintf("is %s; must be %s%s. %s", shown(key, value), rule.must, unit(key), rule.fix())
		}
	}
	if known && !at.takesNull(key) {
		return nil, "is null, and Storm cannot read null there. Remove the key: then what main sets counts, or Storm's default."
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
	{"nimbus.thrift.client.use.tls", "is set by Stormhooks. Remove it; for a Nimbus with TLS set spec.nimbus.tls of the StormCluster."},
	{"nimbus.thrift.tls.", "is set by Stormhooks. Remove it; for a Nimbus with TLS set spec.nimbus.tls of the StormCluster."},
	{"storm.thrift.transport", "is set by Stormhooks. Remove it. A Nimbus that requires SASL (Kerberos or a digest) is not supported."},
	{"storm.zookeeper.topology.auth.", ""}, // how workers log in, not where Storm is
	{"storm.zookeeper.", toCluster},
	{"topology.name", "is not a setting: Storm gets the name from the submission. Remove it; set spec.topology.name instead."},
	{"storm.id", setByStorm},
	{"topology.submitter.", setByStorm},
	{"stormhooks.", "is reserved: Stormhooks uses it to recognise its own topologies. Remove it, or give your setting another name."},
}

const (
	toCluster  = "would select another Storm. Remove it: %s says which Storm to use."
	setByStorm = "is set by Storm itself at each submission. Remove it."
)

func refusal(key, selector string) string {
	switch {
	case key == "":
		return "has an empty name. Give the setting a name, or remove it."
	case strings.Contains(key, "="):
		name, value, _ := strings.Cut(key, "=")
		return fmt.Sprintf("has a name with =, which Storm cannot parse. Write %s: %s.", shortName(cmp.Or(name, "NAME")), shortName(cmp.Or(value, "VALUE")))
	}
	for _, r := range refused {
		if key == r.key || strings.HasSuffix(r.key, ".") && strings.HasPrefix(key, r.key) {
			return strings.ReplaceAll(r.why, "%s", selector)
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

// fix is what to do about a wrong value.
func (r rule) fix() string {
	if r.example == "" {
		return "Correct the value."
	}
	return "Write it like " + r.example + "."
}

// unit is the unit of a number that the name of its setting has.
func unit(key string) string {
	for _, u := range []struct{ suffix, name string }{{".secs", "seconds"}, {".ms", "milliseconds"}, {".millis", "milliseconds"}, {".mb", "MB"}} {
		if strings.HasSuffix(key, u.suffix) {
			return " (" + u.name + ")"
		}
	}
	return ""
}

// MayBeSecret says whether the name of a setting is that of a secret.
func MayBeSecret(key string) bool {
	return slices.ContainsFunc([]string{"password", "passphrase", "payload", "secret", "credential", "token"}, func(word string) bool {
		return strings.Contains(strings.ToLower(key), word)
	})
}

// hidden is what is shown of a secret, a list or a map.
const hidden = "of the wrong type"

// shown is a value for a person, or hidden.
func shown(key string, value any) string {
	if MayBeSecret(key) {
		return hidden
	}
	switch v := value.(type) {
	case string:
		return strconv.Quote(textutil.Cut(v, 63))
	case bool, int64, json.Number:
		return fmt.Sprint(v)
	}
	return hidden
}
