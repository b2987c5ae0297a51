package manifests

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"sigs.k8s.io/yaml"
)

const folder = "../../manifests/crds"

func load(t *testing.T, plural string) *Kind {
	t.Helper()
	kind, err := Load(filepath.Join(folder, "storm.apache.org_"+plural+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return kind
}

var plurals = []string{"stormtopologies", "stormclusters"}

func TestTheAPIServerTakesTheCRDs(t *testing.T) {
	for _, plural := range plurals {
		for _, err := range load(t, plural).Check(t.Context()) {
			t.Errorf("%s: %v", plural, err)
		}
	}
}

// TestCRDsAreSmall: the annotation last-applied of kubectl apply has to hold the CRD as JSON. All
// annotations of an object have 256 KiB at most.
func TestCRDsAreSmall(t *testing.T) {
	const limit = 200 << 10
	files, err := filepath.Glob(filepath.Join(folder, "storm.apache.org_*.yaml"))
	if err != nil || len(files) != len(plurals) {
		t.Fatalf("found %d CRDs in %s, want %d (%v)", len(files), folder, len(plurals), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		asJSON, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(asJSON) >= limit {
			t.Errorf("%s has %d bytes as JSON, want fewer than %d", file, len(asJSON), limit)
		}
	}
}

// TestEveryFieldIsExplained: kubectl explain says of each field more than its
// name: six words at least, and three that are neither the name nor filling.
func TestEveryFieldIsExplained(t *testing.T) {
	word, filling := regexp.MustCompile(`[A-Za-z0-9]+`), strings.Fields("a an and are by for in is it its of on or that the this to")
	for _, plural := range plurals {
		kind := load(t, plural)
		walk(kind.Schema, "", func(path string, s *schema.Structural) {
			if path == ".metadata" || strings.HasSuffix(path, "[]") || strings.HasSuffix(path, "{}") || kubernetes.MatchString(path) {
				return
			}
			name := strings.ToLower(path[strings.LastIndex(path, ".")+1:])
			words, say := word.FindAllString(s.Description, -1), 0
			for _, word := range words {
				if word = strings.ToLower(word); word != name && !slices.Contains(filling, word) {
					say++
				}
			}
			if len(words) < 6 || say < 3 {
				t.Errorf("%s: of %s kubectl explain says %q and no more", plural, path, s.Description)
			}
		})
	}
}

// TestEveryFieldOfTheSpecIsBounded: without a maximum the API server reckons
// with the worst case, and a CEL rule added later would cost too much.
func TestEveryFieldOfTheSpecIsBounded(t *testing.T) {
	for _, plural := range plurals {
		kind := load(t, plural)
		walk(kind.Schema, "", func(path string, s *schema.Structural) {
			if !strings.HasPrefix(path, ".spec") || s.ValueValidation == nil || kubernetes.MatchString(path) {
				return
			}
			v := s.ValueValidation
			if s.Type == "string" && v.MaxLength == nil && len(v.Enum) == 0 {
				t.Errorf("%s: %s is a string without maxLength or enum", plural, path)
			}
			if s.Type == "array" && v.MaxItems == nil {
				t.Errorf("%s: %s is a list without maxItems", plural, path)
			}
			if s.Type == "object" && len(s.Properties) == 0 && v.MaxProperties == nil {
				t.Errorf("%s: %s is a map without maxProperties", plural, path)
			}
		})
	}
}

// kubernetes are the fields that hold Kubernetes' own types, whose insides its
// API server judges when a pod is made of them.
var kubernetes = regexp.MustCompile(`\.(template|submission)\.(labels|annotations|nodeSelector|tolerations|affinity|hostAliases|dnsConfig|volumes|env|envFrom|volumeMounts|resources|securityContext)\b.|` +
	`\.container\.(env|resources|securityContext)\b.|\.imagePullSecrets\[\].`)

// walk visits the schema of every field below s.
func walk(s *schema.Structural, path string, visit func(string, *schema.Structural)) {
	for name := range s.Properties {
		property := s.Properties[name]
		visit(path+"."+name, &property)
		walk(&property, path+"."+name, visit)
	}
	if s.Items != nil {
		visit(path+"[]", s.Items)
		walk(s.Items, path+"[]", visit)
	}
	if values := s.AdditionalProperties; values != nil && values.Structural != nil {
		visit(path+"{}", values.Structural)
		walk(values.Structural, path+"{}", visit)
	}
}

func TestWalkSeesNestedFields(t *testing.T) {
	seen := map[string]bool{}
	walk(load(t, "stormtopologies").Schema, "", func(path string, _ *schema.Structural) { seen[path] = true })
	for _, path := range []string{".spec.topology.jar.container.image", ".spec.topology.args[]", ".status.conditions[].reason", ".spec.topology.components{}.tasks"} {
		if !seen[path] {
			t.Errorf("walk did not visit %s", path)
		}
	}
}
