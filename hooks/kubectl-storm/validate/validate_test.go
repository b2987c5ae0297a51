package validate

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
)

func TestFind(t *testing.T) {
	const text = `metadata:
  annotations:
    a.b/c: x
spec:
  config:
    topology.workers: 2
    topology.workers.more: 3
  list:
  - name: a
  - {name: b}
`
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		want   place
	}{
		"spec.config":                             {"a map's key", place{5, 3}},
		"spec.config[topology.workers]":           {"as the API server writes keys", place{6, 5}},
		`spec.config["topology.workers.more"]`:    {"as the hook does", place{7, 5}},
		"spec.config.topology.workers":            {"as the schema's pruning does", place{6, 5}},
		"spec.list[1].name":                       {"within a list", place{10, 6}},
		"spec.list[1].other":                      {"a missing field: the nearest above", place{10, 5}},
		"spec.list[7]":                            {"beyond a list", place{8, 3}},
		"spec.topology.jar":                       {"two missing fields", place{4, 1}},
		`metadata.annotations["a.b/c"]`:           {"a key with a slash", place{3, 5}},
		"":                                        {"the whole object", place{1, 1}},
		"status[":                                 {"nonsense", place{1, 1}},
		`spec.config["topology.workers"].value[0`: {"more of it", place{6, 5}},
	}
	for path, c := range cases {
		if got := find(&root, path); got != c.want {
			t.Errorf("%s: %s is at %v, want %v", c.reason, path, got, c.want)
		}
	}
}

// A spec of many small parts has its size, not that of one part.
func TestManySmallParts(t *testing.T) {
	validator, err := New()
	if err != nil {
		t.Fatal(err)
	}
	text := "apiVersion: storm.apache.org/v1beta1\nkind: StormTopology\nmetadata: {name: a}\n" +
		"spec:\n  clusterRef: a\n  topology:\n    mainClass: a.B\n    jar: {container: {image: a, path: /a}}\n    config:\n"
	for i := range 500 {
		text += fmt.Sprintf("      k%d: %s\n", i, strings.Repeat("x", 500))
	}
	problems := validator.Documents(t.Context(), []cli.Document{{File: "f", Line: 1, Text: []byte(text)}}).Problems
	if len(problems) != 1 || problems[0].Field != "spec" || !strings.HasPrefix(problems[0].Message, "spec has 250 KiB, and may have 224 KiB. ") {
		t.Errorf("%v", problems)
	}
}

// breaks are what ends a line in YAML 1.1 (https://yaml.org/spec/1.1/#b-line-feed).
var breaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

// FuzzDocuments: any file is checked, and each place is in the file.
func FuzzDocuments(f *testing.F) {
	const head = "apiVersion: storm.apache.org/v1beta1\nkind: StormTopology\n"
	for _, seed := range []string{
		"", "a: [", "- a", "kind: List\nitems: [1, {kind: StormTopology}]", "kind: List\nitems: &a [*a]",
		head, head + "metadata: 7\nspec: [a]", head + "metadata: {annotations: [a], labels: {b: 1}}",
		head + "spec: {topology: {config: [1], args: {a: b}}}", head + "spec: &s\n  <<: *s\n", head + "? {a: b}\n: c",
		head + "metadata: {name: a}\nspec: {clusterRef: a, topology: {mainClass: a.B, jar: {container: {image: a, path: /a}}, config: {topology.workers: {}}}}",
		"apiVersion: storm.apache.org/v1beta1\nkind: StormCluster\nmetadata: {name: a}\nspec: {nimbus: {seeds: [a]}, image: a, config: {a: null}}",
	} {
		f.Add(seed)
	}
	validator, err := New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		result := validator.Documents(t.Context(), []cli.Document{{File: "f", Line: 3, Text: []byte(text)}})
		lines := len(breaks.FindAllString(text, -1)) + 3
		for _, problem := range result.Problems {
			if problem.Line < 3 || problem.Line > lines+1 || problem.Message == "" {
				t.Errorf("%v is not in the file of %d lines", problem, lines)
			}
		}
	})
}
