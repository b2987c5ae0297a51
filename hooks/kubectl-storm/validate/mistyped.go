package validate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// typeNames are the types of a schema, for a person.
var typeNames = map[string]string{
	"integer": "a whole number", "int32": "a whole number of at most 2147483647", "int64": "a whole number", "number": "a number", "boolean": "true or false", "string": "text", "array": "a list", "object": "a map",
}

// mistyped says that a value has the wrong type, and what to do. The node is that of the
// value in the file, nil if the file does not have it.
func mistyped(kind *schema.Structural, path, wanted string, value *yaml.Node) string {
	name := typeNames[wanted]
	if name == "" {
		name = "of type " + wanted
	}
	if value != nil && wanted == "string" && value.Tag == "!!str" { // y, yes, on: no texts for Kubernetes
		return fmt.Sprintf("%s is %s, which is true or false in YAML; must be text. Put the value in quotes: %q.", path, preview.Line(short(value.Value)), short(value.Value))
	}
	fraction := value != nil && value.Tag == "!!float" && strings.HasPrefix(wanted, "int")
	if (wanted == "integer" || fraction) && strings.HasSuffix(path, "Seconds") {
		name = "a whole number of seconds"
	} else if fraction {
		name = typeNames["integer"]
	}
	if value == nil {
		return fmt.Sprintf("%s must be %s.", path, name)
	}
	if limit := tooLarge(kind, path, wanted, value); limit != "" {
		return fmt.Sprintf("%s is %s; must be %s or less.", path, described(value), limit)
	}
	return fmt.Sprintf("%s is %s; must be %s.%s", path, described(value), name, correction(kind, path, wanted, value))
}

// tooLarge is the limit of a number that is beyond what its type has; empty if it is not.
func tooLarge(kind *schema.Structural, path, wanted string, value *yaml.Node) string {
	number, err := strconv.ParseFloat(strings.ReplaceAll(value.Value, "_", ""), 64)
	isNumber := value.Tag == "!!int" || value.Tag == "!!float"
	if err != nil || !isNumber || !strings.HasPrefix(wanted, "int") || number <= math.MaxInt32 {
		return ""
	}
	limit := int64(math.MaxInt64)
	if at := below(kind, path); at != nil && at.ValueValidation != nil {
		if at.ValueValidation.Format == "int32" {
			limit = math.MaxInt32
		}
		if most := at.ValueValidation.Maximum; most != nil {
			limit = int64(*most)
		}
	}
	if number <= float64(limit) {
		return ""
	}
	return strconv.FormatInt(limit, 10)
}

// entryText is the text of an entry of a map; empty if the map does not have it.
func entryText(of *yaml.Node, name string) string {
	if _, value := entry(of, name); value != nil {
		return content(value).Value
	}
	return ""
}

func described(value *yaml.Node) string {
	switch {
	case value == nil || value.Tag == "!!null":
		return "empty"
	case value.Kind == yaml.SequenceNode:
		return "a list"
	case value.Kind == yaml.MappingNode:
		return "a map"
	case value.Tag == "!!str":
		return fmt.Sprintf("the text %q", preview.Line(short(value.Value)))
	}
	return preview.Line(value.Value)
}

// short is a text that fits a line.
func short(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return text
}

// correction is the change that keeps what the file says: the text of a number is that of
// the file, since 1.0 and 1 are different texts.
func correction(kind *schema.Structural, path, wanted string, value *yaml.Node) string {
	isText := value.Kind == yaml.ScalarNode && value.Tag == "!!str"
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case value.Tag == "!!null":
		return " Write a value, or remove the field."
	case name == "image" && wanted == "string" && value.Kind == yaml.ScalarNode:
		return " Write the name of an image."
	case wanted == "string" && value.Kind == yaml.ScalarNode && !isText:
		return fmt.Sprintf(" Put the value in quotes: %s.", strconv.Quote(value.Value))
	case wanted == "string" && value.Kind == yaml.SequenceNode && len(value.Content) == 1 && value.Content[0].Kind == yaml.ScalarNode:
		return fmt.Sprintf(" Write it without brackets: %s.", preview.Line(value.Content[0].Value))
	case wanted == "string" && value.Kind == yaml.MappingNode:
		if _, named := entry(value, "name"); named != nil && len(value.Content) == 2 && named.Kind == yaml.ScalarNode {
			return fmt.Sprintf(" Write %s: %s.", name, preview.Line(short(named.Value)))
		}
		if repository, tag := entryText(value, "repository"), entryText(value, "tag"); repository != "" && tag != "" {
			return fmt.Sprintf(" Write %s: %s.", name, preview.Line(short(repository+":"+tag)))
		}
		return " Write one text."
	case value.Kind == yaml.SequenceNode && len(value.Content) == 1 && isA(value.Content[0].Value, wanted):
		return fmt.Sprintf(" Write %s.", value.Content[0].Value)
	case wanted == "array" || wanted == "object":
		return asShape(kind, path, name, value)
	case wanted == "boolean" && !isText:
		return " Write true or false."
	case !isText:
		return ""
	case isA(value.Value, wanted):
		return " Remove the quotes."
	case wanted == "integer" && strings.HasSuffix(path, "Seconds"):
		if took, err := time.ParseDuration(strings.ReplaceAll(value.Value, " ", "")); err == nil && took > 0 && took%time.Second == 0 {
			return fmt.Sprintf(" Write %d.", int(took.Seconds()))
		}
	case wanted == "boolean":
		if yes, is := truth(value.Value); is {
			return fmt.Sprintf(" Write %t, without quotes.", yes)
		}
		return " Write true or false, without quotes."
	case wanted == "integer", wanted == "int32", wanted == "int64", wanted == "number":
		return " Write digits only."
	}
	return ""
}

// isA says whether a text without its quotes has a type.
func isA(text, wanted string) bool {
	var plain yaml.Node
	return yaml.Unmarshal([]byte(text), &plain) == nil && len(plain.Content) == 1 && tags[wanted][plain.Content[0].Tag]
}

// asShape is how a value is written as the list or the map that its field is.
func asShape(kind *schema.Structural, path, name string, value *yaml.Node) string {
	index := strings.IndexByte(name, '[')
	at := below(kind, path)
	if at == nil {
		return ""
	}
	if at.Type == "object" && value.Kind == yaml.SequenceNode && len(value.Content) > 0 && value.Content[0].Kind == yaml.MappingNode {
		switch {
		case len(value.Content) == 1 && value.Style&yaml.FlowStyle != 0:
			return " Remove the [ and ] around it."
		case len(value.Content) == 1:
			return " Replace the - before its first field with a space."
		case len(at.Properties) == 0 && value.Style&yaml.FlowStyle == 0:
			return " Replace the - before each of its fields with a space."
		}
	}
	if part := withPort.FindStringSubmatch(value.Value); part != nil && value.Kind == yaml.ScalarNode {
		switch path {
		case "spec.nimbus":
			return fmt.Sprintf(" Write nimbus: {seeds: [%s], port: %s}.", part[1], part[2])
		case "spec.nimbus.seeds":
			return fmt.Sprintf(" Write seeds: [%s], and spec.nimbus.port: %s.", part[1], part[2])
		}
	}
	written := ""
	if value.Kind == yaml.ScalarNode {
		written = preview.Line(short(value.Value))
	}
	if at.Type == "array" && at.Items != nil && at.Items.Type == "string" {
		written = words(name, written)
	}
	shape := shapeOf(at, written)
	switch {
	case shape == "":
		return ""
	case at.Type == "array" && value.Kind == yaml.MappingNode && at.Items != nil && at.Items.Type == "object":
		return fmt.Sprintf(" Begin each item with -: %s: %s.", name, ofMap(at.Items, value, shape))
	case index >= 0:
		return fmt.Sprintf(" Write the item as %s.", shape)
	}
	return fmt.Sprintf(" Write %s: %s.", name, shape)
}

// words are the items of a list of texts, for one text. A command with the characters of a
// shell needs one.
func words(name, text string) string {
	if name == "command" && strings.ContainsAny(text, "&|;<>$*'\"`\\") {
		return "sh, -c, " + strconv.Quote(text)
	}
	if strings.ContainsAny(text, "'\"") {
		return strconv.Quote(text)
	}
	items := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	for i, item := range items {
		if strings.ContainsAny(item, "[]{}#&*!|>%@`") {
			items[i] = strconv.Quote(item)
		}
	}
	return strings.Join(items, ", ")
}

// ofMap is a list of objects that have a name and a value, for a map from one to the other.
func ofMap(item *schema.Structural, value *yaml.Node, shape string) string {
	_, named := item.Properties["name"]
	_, valued := item.Properties["value"]
	entries := pairs(value)
	if !named || !valued || len(entries) == 0 || entries[0][1].Kind != yaml.ScalarNode || entries[0][0].Value == "name" {
		return shape
	}
	return fmt.Sprintf("[{name: %s, value: %s}]", preview.Line(entries[0][0].Value), preview.Line(strconv.Quote(short(entries[0][1].Value))))
}

// shapeOf is an example of a list or a map of a schema, with a value that the file has;
// empty for anything else.
func shapeOf(at *schema.Structural, value string) string {
	if at == nil {
		return ""
	}
	switch at.Type {
	case "array":
		if at.Items == nil {
			return ""
		}
		if inner := shapeOf(at.Items, value); inner != "" {
			return "[" + inner + "]"
		}
		return "[" + orElse(value, strings.ToUpper(strings.ReplaceAll(cmpType(at.Items.Type), " ", ""))) + "]"
	case "object":
		key, text, pair := strings.Cut(value, "=")
		_, named := at.Properties["name"]
		_, valued := at.Properties["value"]
		switch {
		case pair && len(at.Properties) == 0:
			return "{" + key + ": " + text + "}"
		case pair && named && valued:
			return fmt.Sprintf("{name: %s, value: %q}", key, text)
		case value == "" && named && valued:
			return "{name: NAME, value: TEXT}"
		case at.ValueValidation != nil && len(at.ValueValidation.Required) > 1:
			var parts []string
			for _, name := range at.ValueValidation.Required {
				parts = append(parts, name+": …")
			}
			return "{" + strings.Join(parts, ", ") + "}"
		}
		if len(at.Properties) == 0 {
			return "{KEY: " + orElse(value, "VALUE") + "}"
		}
		key = firstKey(at)
		property := at.Properties[key]
		inner := shapeOf(&property, value)
		if strings.Contains(inner, "…") { // the value is of none of them alone
			return "{" + key + ": " + inner + "}"
		}
		if inner != "" {
			return "{" + key + ": " + inner + "}"
		}
		if key == "sha256" {
			value = strings.TrimPrefix(value, "sha256:")
		}
		return "{" + key + ": " + orElse(value, strings.ToUpper(key)) + "}"
	}
	return ""
}

func cmpType(name string) string {
	if name == "string" {
		return "TEXT"
	}
	return "NUMBER"
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// firstKey is the field of an object that people know it by.
func firstKey(at *schema.Structural) string {
	keys := slices.Sorted(maps.Keys(at.Properties))
	for _, likely := range []string{"name", "env", "limits", "image", "seeds", "size", "sha256", "limit"} {
		if slices.Contains(keys, likely) {
			return likely
		}
	}
	if at.ValueValidation != nil && len(at.ValueValidation.Required) > 0 {
		return at.ValueValidation.Required[0]
	}
	return keys[0]
}

// tags are the YAML tags that a type accepts without quotes.
var tags = map[string]map[string]bool{
	"integer": {"!!int": true}, "int32": {"!!int": true}, "int64": {"!!int": true}, "number": {"!!int": true, "!!float": true}, "boolean": {"!!bool": true},
}
