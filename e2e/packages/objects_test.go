package packages

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const manifests = "../../manifests"

// objects are by kind, namespace and name.
type objects map[string]map[string]any

func (o objects) add(t *testing.T, object map[string]any) {
	t.Helper()
	metadata, _ := object["metadata"].(map[string]any)
	name := fmt.Sprintf("%v %v/%v", object["kind"], metadata["namespace"], metadata["name"])
	if o[name] != nil {
		t.Errorf("%s is there twice", name)
	}
	o[name] = object
}

// names of what is there, but for those of a kind.
func (o objects) names() []string { return slices.Sorted(maps.Keys(o)) }

// kustomize is what kubectl apply -k would apply: a folder of manifests, or FOLDER with
// COMPONENT.
func kustomize(t *testing.T, folder string) objects {
	t.Helper()
	path := manifests + "/" + folder
	if folder, component, with := strings.Cut(folder, " with "); with {
		path = overlayOf(t, folder, component)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		t.Fatal(err)
	}
	found := objects{}
	for _, resource := range built.Resources() {
		object, err := resource.Map()
		if err != nil {
			t.Fatal(err)
		}
		found.add(t, plain(t, object))
	}
	return found
}

// overlayOf is a folder with a kustomization of both.
func overlayOf(t *testing.T, folder, component string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(manifests)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = filepath.Rel(path, root); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("resources: [%s/%s]\ncomponents: [%s/%s]\n", root, folder, root, component)
	if err := os.WriteFile(filepath.Join(path, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// plain is an object as JSON would have it, whoever decoded it.
func plain(t *testing.T, object any) map[string]any {
	t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var again map[string]any
	if err := yaml.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

// documents takes a YAML stream apart.
func documents(t *testing.T, text string) objects {
	t.Helper()
	found := objects{}
	for _, document := range strings.Split("\n"+text, "\n---") {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		if object != nil {
			found.add(t, object)
		}
	}
	return found
}
