package manifests

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/pages"
)

// shown is YAML that a document or an example shows, and where.
type shown struct{ where, mark, text string }

func allShown(t *testing.T) []shown {
	t.Helper()
	var found []shown
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../manifests/examples/*.md"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			blocks, err := pages.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, block := range blocks {
				where := fmt.Sprintf("%s:%d", file, block.Line)
				if block.Lang == "yaml" {
					found = append(found, shown{where, block.Mark, block.Text})
					continue
				}
				for _, command := range block.Commands() {
					document := command.Document()
					isObject := strings.Contains(document, "apiVersion: storm.apache.org/")
					if isObject && !strings.Contains(document, "$(") { // a command of the shell's makes a part of it
						found = append(found, shown{where: where, text: document})
					}
				}
			}
		}
	}
	files, _ := filepath.Glob("../../manifests/examples/*.yaml")
	for _, file := range files {
		text, err := pages.Text(file)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, shown{where: file, text: text})
	}
	if len(found) < 25 {
		t.Fatalf("found only %d", len(found))
	}
	return found
}

// Every example, and every YAML block of a document, is one that the API server
// takes: objects as they stand, parts in the guide's first example.
func TestTheAPIServerTakesWhatIsShown(t *testing.T) {
	for _, s := range allShown(t) {
		if strings.HasPrefix(s.mark, "run:") || strings.HasPrefix(s.mark, "not run:") {
			continue // that test's own
		}
		for _, document := range strings.Split(s.text, "\n---\n") {
			object, err := decoded(document)
			if err != nil {
				t.Errorf("%s: %v", s.where, err)
				continue
			}
			taken(t, s, object, document)
		}
	}
}

// decoded is a document as the API server reads it: whole numbers stay whole.
func decoded(document string) (map[string]any, error) {
	text, err := yaml.YAMLToJSONStrict([]byte(document))
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	return object, utiljson.Unmarshal(text, &object)
}

func taken(t *testing.T, s shown, object map[string]any, document string) {
	t.Helper()
	kind, _ := object["kind"].(string)
	switch kind {
	case "":
		object, kind = whole(t, s, object), "StormTopology"
		fallthrough
	case "StormTopology", "StormCluster":
		plural := map[string]string{"StormTopology": "stormtopologies", "StormCluster": "stormclusters"}[kind]
		for _, err := range load(t, plural).Create(t.Context(), object) {
			t.Errorf("%s: %v", s.where, err)
		}
	case "Kustomization":
		// TestTheHelperImageFollowsTheImage builds it.
	default:
		strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})
		if _, _, err := strict.Decode([]byte(document), nil, nil); err != nil {
			t.Errorf("%s: %v", s.where, err)
		}
	}
}

// whole puts a part into the guide's first example, at the place that its mark
// names; the guide's own parts begin with jar.
func whole(t *testing.T, s shown, part map[string]any) map[string]any {
	t.Helper()
	place, marked := strings.CutPrefix(s.mark, "yaml: ")
	switch {
	case marked:
	case part["jar"] != nil && len(part) == 1:
		place = "spec.topology"
	default:
		t.Errorf("%s: a part of what? Mark it: <!-- yaml: spec.topology… -->", s.where)
	}
	object := guide(t)
	for name, value := range part {
		object = with(object, place+"."+name, value)
	}
	return object
}

// What is wrong is rejected, so the other tests prove something.
func TestWhatIsWrongIsNotTaken(t *testing.T) {
	kind := load(t, "stormtopologies")
	object := with(guide(t), "spec.topology.jar.container.extractionMod", "copy")
	if errs := kind.Create(t.Context(), object); len(errs) == 0 {
		t.Error("an unknown field was taken")
	}
}
