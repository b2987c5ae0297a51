package children

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// An API server drops a field that it does not know from a Job or a Pod without an
// error. So every field is as old as the lowest version that the documents name, or the
// documents name its own version.
func TestEveryFieldIsInTheLowestKubernetes(t *testing.T) {
	page, err := os.ReadFile("../../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	lowest := regexp.MustCompile(`(?m)^\| Kubernetes \| 1\.(\d+) to `).FindSubmatch(page)
	if lowest == nil {
		t.Fatal("docs/install.md names no lowest Kubernetes")
	}
	known, seen := knownFields(t), fieldsOfBodies(t)
	for field := range seen {
		since, listed := known[field]
		if !listed {
			t.Errorf("testdata/fields.txt does not have %s: add it, with the version of Kubernetes that first has it by default", field)
		}
		floor, _ := strconv.Atoi(string(lowest[1]))
		if since > floor && !strings.Contains(string(page), "| 1."+strconv.Itoa(since)+";") {
			t.Errorf("%s needs Kubernetes 1.%d: docs/install.md does not say so", field, since)
		}
	}
	for field := range known {
		if !seen[field] {
			t.Errorf("testdata/fields.txt has %s, which no child has", field)
		}
	}
}

// knownFields are the fields of testdata/fields.txt with their minor version, 0 for old.
func knownFields(t *testing.T) map[string]int {
	text, err := os.ReadFile("testdata/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if field, version, _ := strings.Cut(strings.TrimSpace(line), " "); field != "#" {
			known[field], _ = strconv.Atoi(strings.TrimPrefix(version, "1."))
		}
	}
	return known
}

// fieldsOfBodies are all fields of the golden bodies, each after its parent's name.
func fieldsOfBodies(t *testing.T) map[string]bool {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("found only the bodies %v (%v)", files, err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var body map[string]any
		if err := yaml.Unmarshal(text, &body); err != nil {
			t.Fatal(err)
		}
		collect(seen, body["kind"].(string), body)
	}
	return seen
}

// collect adds the fields of a value. Keys of these maps are not fields.
func collect(seen map[string]bool, name string, value any) {
	switch name {
	case "labels", "annotations", "limits", "requests":
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			seen[name+"."+key] = true
			collect(seen, key, inner)
		}
	case []any:
		for _, item := range value {
			collect(seen, name, item)
		}
	}
}
