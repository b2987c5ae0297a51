package packages

import (
	"fmt"
	"maps"
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

// kustomize is what kubectl apply -k would apply.
func kustomize(t *testing.T, folder string) objects {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), manifests+"/"+folder)
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
