package validate

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// typeNames are the types of a schema, for a person.
var typeNames = map[string]string{
	"integer": "a whole number", "int32": "a whole number of at most 2147483647", "number": "a number", "boolean": "true or false", "string": "text", "array": "a list", "object": "a map",
}

// mistyped says that a value has the wrong type, and what to do. The node is that of the
// value in the file, nil if the file does not have it.
func mistyped(path, wanted string, value *yaml.Node) string {
	name := typeNames[wanted]
	if name == "" {
		name = "of type " + wanted
	}
	if value == nil {
		return fmt.Sprintf("%s must be %s.", path, name)
	}
	return fmt.Sprintf("%s must be %s; it is %s.%s", path, name, described(value), correction(wanted, value))
}

func described(value *yaml.Node) string {
	switch {
	case value.Kind == yaml.SequenceNode:
		return "a list"
	case value.Kind == yaml.MappingNode:
		return "a map"
	case value.Tag == "!!null":
		return "empty"
	case value.Tag == "!!str":
		return fmt.Sprintf("the text %q", value.Value)
	}
	return value.Value
}

// correction is the change that keeps what the file says: the text of a number is that of
// the file, since 1.0 and 1 are different texts.
func correction(wanted string, value *yaml.Node) string {
	var plain yaml.Node
	isText := value.Kind == yaml.ScalarNode && value.Tag == "!!str"
	switch {
	case value.Kind != yaml.ScalarNode || value.Tag == "!!null":
		return ""
	case wanted == "string" && !isText:
		return fmt.Sprintf(" Put the value in quotes: %s.", strconv.Quote(value.Value))
	case wanted == "array" && isText:
		return fmt.Sprintf(" Write a list: [%q].", value.Value)
	case isText && yaml.Unmarshal([]byte(value.Value), &plain) == nil && len(plain.Content) == 1 && tags[wanted][plain.Content[0].Tag]:
		return " Remove the quotes."
	}
	return ""
}

// tags are the YAML tags that a type accepts without quotes.
var tags = map[string]map[string]bool{
	"integer": {"!!int": true}, "int32": {"!!int": true}, "number": {"!!int": true, "!!float": true}, "boolean": {"!!bool": true},
}
