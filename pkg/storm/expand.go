package storm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// TopologyName is the variable that stands for the topology's name in Storm.
const TopologyName = "TOPOLOGY_NAME"

// Variable returns the value of an environment variable, and whether it is set.
type Variable func(name string) (value string, set bool)

// Expand replaces each $(NAME) in a text by the value of the variable. $$(NAME) is the
// text $(NAME), as in the arguments of a pod
// (k8s.io/kubernetes/third_party/forked/golang/expansion/expand.go). Unlike there, any
// other $ stays as it is, and a variable that is not set is in unset.
func Expand(text string, value Variable) (expanded string, unset []string) {
	if !mayRefer(text) {
		return text, nil
	}
	var out strings.Builder
	for _, part := range parts(text) {
		out.WriteString(part.text + strings.Repeat("$", part.dollars/2))
		found, set := "", true
		switch {
		case part.name == "":
		case part.dollars%2 == 0:
			found = "(" + part.name + ")"
		default:
			found, set = value(part.name)
		}
		if !set && !slices.Contains(unset, part.name) {
			unset = append(unset, part.name)
		}
		out.WriteString(found)
	}
	return out.String(), unset
}

// ExpandSet is Expand for a text of a shell, where $(date) is a command: what stands for a
// variable that is not set stays as it is, with its dollars.
func ExpandSet(text string, value Variable) string {
	var out strings.Builder
	for _, part := range parts(text) {
		reference := ""
		if part.name != "" {
			reference = strings.Repeat("$", part.dollars) + "(" + part.name + ")"
		}
		if _, set := value(part.name); set {
			reference, _ = Expand(reference, value)
		}
		out.WriteString(part.text + reference)
	}
	return out.String()
}

// Names are the variables that stand in a text as $(NAME) or $$(NAME).
func Names(text string) (names []string) {
	if !mayRefer(text) {
		return nil
	}
	for _, part := range parts(text) {
		if part.name != "" {
			names = append(names, part.name)
		}
	}
	return names
}

// Unset are the variables of the references in a text that are not set.
func Unset(text string, set func(name string) bool) []string {
	_, unset := Expand(text, func(name string) (string, bool) { return "", set(name) })
	return unset
}

// mayRefer says whether a text can have a reference. Few settings do.
func mayRefer(text string) bool { return strings.Contains(text, "$(") }

// part is a piece of a text, and the reference after it: its dollars and its name, which
// the last part does not have. An even number of dollars is an escape.
type part struct {
	text    string
	dollars int
	name    string
}

// parts cuts a text at its references.
func parts(text string) (all []part) {
	done := 0 // what is before it is in all
	for at := nextDollar(text, 0); at >= 0; {
		end := at + len(text[at:]) - len(strings.TrimLeft(text[at:], "$"))
		if name := nameIn(text[end:]); name != "" {
			all = append(all, part{text[done:at], end - at, name})
			end += len("()") + len(name)
			done = end
		}
		at = nextDollar(text, end)
	}
	return append(all, part{text: text[done:]})
}

func nextDollar(text string, from int) int {
	at := strings.IndexByte(text[from:], '$')
	if at < 0 {
		return -1
	}
	return from + at
}

// nameIn is NAME where a text begins with (NAME), and NAME can be that of a variable
// (IsEnvVarName in k8s.io/apimachinery/pkg/util/validation). So $(date +%s) is a text.
func nameIn(text string) string {
	if !strings.HasPrefix(text, "(") {
		return ""
	}
	end := 1
	for end < len(text) && inName(text[end]) {
		end++
	}
	if end == 1 || end == len(text) || text[end] != ')' || '0' <= text[1] && text[1] <= '9' {
		return ""
	}
	return text[1:end]
}

func inName(c byte) bool {
	return c == '-' || c == '.' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// HasReference says whether a string, or one inside a list or a map, has $(NAME) or its
// escape, so that only the submitting pod knows its value.
func HasReference(value any) bool {
	found := false
	EachText(value, func(text string) { found = found || len(Names(text)) > 0 })
	return found
}

// EachText calls do with a string, or with each one inside a list or a map.
func EachText(value any, do func(text string)) {
	switch v := value.(type) {
	case string:
		do(v)
	case []any:
		for _, item := range v {
			EachText(item, do)
		}
	case map[string]any:
		for _, item := range v {
			EachText(item, do)
		}
	}
}

// eachText returns a value whose strings are replaced.
func eachText(value any, replace func(string) string) any {
	switch v := value.(type) {
	case string:
		return replace(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = eachText(item, replace)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = eachText(item, replace)
		}
		return out
	}
	return value
}

// ExpandArgs replaces the references in main's arguments. A problem names the field, and
// never a value.
func ExpandArgs(args []string, value Variable) (expanded, problems []string) {
	for i, arg := range args {
		text, unset := Expand(arg, value)
		expanded = append(expanded, text)
		problems = append(problems, unsetProblems(fmt.Sprintf("spec.topology.args[%d]", i), unset)...)
	}
	return expanded, problems
}

// ExpandSettings replaces the references in settings that Settings returned, and gives
// their values the types that Storm needs. A setting that Storm does not declare is a
// text then, whatever its value looks like: a password may be a number. A problem names
// the field, and never a value.
func ExpandSettings(settings map[string]any, value Variable) (expanded map[string]any, problems []string) {
	expanded = maps.Clone(settings)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if !HasReference(settings[key]) {
			continue
		}
		field := settingField(key)
		var unset []string
		filled := eachText(shaped(key, settings[key]), func(text string) string {
			text, missing := Expand(text, value)
			unset = append(unset, missing...)
			return text
		})
		if len(unset) > 0 {
			problems = append(problems, unsetProblems(field, unset)...)
			continue
		}
		rule, known := declared[key]
		if !known {
			expanded[key] = filled
			continue
		}
		typed, problem := setting(key, filled, inTopology, "")
		if problem != "" {
			problems = append(problems, fmt.Sprintf("%s must be %s%s, and the value of its variable is not. Correct the variable in spec.template.env or envFrom.", field, rule.must, unit(key)))
			continue
		}
		expanded[key] = typed
	}
	return expanded, problems
}

// UnsetNames are the problems of the references in main's arguments and settings whose
// variables are not set: those that ExpandArgs and ExpandSettings would find.
func UnsetNames(args []string, settings map[string]any, set func(name string) bool) (problems []string) {
	_, problems = ExpandArgs(args, func(name string) (string, bool) { return "", set(name) })
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		var unset []string
		EachText(settings[key], func(text string) { unset = append(unset, Unset(text, set)...) })
		problems = append(problems, unsetProblems(settingField(key), unset)...)
	}
	return problems
}

func settingField(key string) string {
	return fmt.Sprintf("spec.topology.config[%q]", textutil.Cut(key, 131))
}

// shaped gives a setting that Storm does not declare the shape that its text has before
// its references are replaced: a list, a map, or a text without its quotes.
func shaped(key string, value any) any {
	written, is := value.(string)
	if _, known := declared[key]; known || !is || !strings.ContainsAny(strings.TrimSpace(written + " ")[:1], `[{"'`) {
		return value
	}
	return typed(written)
}

func unsetProblems(field string, unset []string) (problems []string) {
	for _, name := range slices.Compact(slices.Sorted(slices.Values(unset))) {
		problems = append(problems, fmt.Sprintf("%s names $(%s), which is not set. Set it in spec.template.env or envFrom. Only if you mean the text itself, write $$(%s).", field, name, name))
	}
	return problems
}
