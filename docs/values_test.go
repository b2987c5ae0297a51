package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// chart has the values, their schema, and the values for production.
const chart = "../manifests/charts/stormhooks/"

// valueSchema is what the chart's schema says of a value.
type valueSchema struct {
	Type        any // a type, or a list of types
	Description string
	Enum        []string
	Properties  map[string]*valueSchema
}

// The page of the chart's values is that of values.yaml and its schema, and each value has
// a description.
func TestTheHelmValues(t *testing.T) {
	var of valueSchema
	if err := json.Unmarshal([]byte(read(t, chart+"values.schema.json")), &of); err != nil {
		t.Fatal(err)
	}
	defaults, production := valuesIn(t, "values.yaml"), valuesIn(t, "values-production.yaml")
	var b strings.Builder
	b.WriteString("| value | type | default | in production | what it is |\n|---|---|---|---|---|\n")
	eachValue(&of, "", func(path string, value *valueSchema) {
		if path == "global" {
			return // Helm's own
		}
		if value.Description == "" {
			t.Errorf("values.schema.json has no description of %s", path)
		}
		instead := ""
		if other, is := valueAt(production, path); is && len(value.Properties) == 0 {
			instead = inCode(other)
		}
		standard, is := valueAt(defaults, path)
		if !is {
			t.Errorf("values.yaml has no %s", path)
		}
		written := ""
		if len(value.Properties) == 0 {
			written = inCode(standard)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", path, typeOf(value), written, instead, cell(value.Description))
	})
	testkit.Golden(t, "reference/helm-values.md", []byte(`# Values of the Helm chart

<!-- made from the chart by make golden -->

With the defaults the chart creates the same objects as `+"`manifests/install`"+`, except for the namespace, which Helm creates. The column "in production" has what [values-production.yaml](../../manifests/charts/stormhooks/values-production.yaml) sets. Helm refuses a value that is not here, or that has another type. [Installing](../install.md) says how to use them.

`+b.String()))
}

func valuesIn(t *testing.T, file string) (values map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, chart+file)), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// eachValue visits the values, a value before those in it.
func eachValue(of *valueSchema, path string, visit func(path string, value *valueSchema)) {
	for _, name := range slices.Sorted(maps.Keys(of.Properties)) {
		below := strings.TrimPrefix(path+"."+name, ".")
		visit(below, of.Properties[name])
		eachValue(of.Properties[name], below, visit)
	}
}

func valueAt(values map[string]any, path string) (any, bool) {
	name, rest, more := strings.Cut(path, ".")
	value, is := values[name]
	if !more || !is {
		return value, is
	}
	inner, _ := value.(map[string]any)
	return valueAt(inner, rest)
}

// inCode is a value as JSON, which YAML understands too.
func inCode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	const longest = 80
	if len(text) > longest {
		return "see the file"
	}
	// Spaces, where a browser may begin a new line.
	return "`" + strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(string(text)) + "`"
}

func typeOf(value *valueSchema) string {
	if len(value.Enum) > 0 {
		return "`" + strings.Join(quotedAll(value.Enum), "`, `") + "`"
	}
	types, is := value.Type.([]any)
	if !is {
		types = []any{value.Type}
	}
	var names []string
	for _, name := range types {
		names = append(names, map[any]string{"string": "text", "array": "list", "object": "map", "integer": "whole number", "boolean": "true or false", "null": "null"}[name])
	}
	return strings.Join(names, " or ")
}

func quotedAll(words []string) (quoted []string) {
	for _, word := range words {
		quoted = append(quoted, fmt.Sprintf("%q", word))
	}
	return quoted
}
