package manifests

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// The CRD of an older Metacontroller drops fields that it does not know, without an
// error. docs/install.md names the version that has those of the install, and the one
// that has those of the overlay with TLS.
func TestMetacontrollerHasEveryField(t *testing.T) {
	for _, tc := range []struct {
		folder, version string
		unknown         bool
	}{
		{installFolder, "4.15", false},
		{"../../manifests/overlays/tls", "4.16", false},
		{"../../manifests/overlays/tls", "4.15", true},
	} {
		known := fieldsOfMetacontroller(t, tc.version)
		objects := build(t, tc.folder)
		for _, name := range []string{"CompositeController/stormtopology", "CompositeController/stormcluster"} {
			controller := decode[map[string]any](t, objects, name)
			missing := unknownFields(known, "spec", controller["spec"])
			if (len(missing) > 0) != tc.unknown {
				t.Errorf("%s, %s: Metacontroller %s does not know %v", tc.folder, name, tc.version, missing)
			}
		}
	}
}

// fieldsOfMetacontroller has the allowed values of each field; none where all are.
func fieldsOfMetacontroller(t *testing.T, version string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/compositecontroller-" + version + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); words[0] != "#" {
			known[words[0]] = words[1:]
		}
	}
	return known
}

// unknownFields are the fields of a value, and their values, that known does not have.
func unknownFields(known map[string][]string, path string, value any) (unknown []string) {
	values, found := known[path]
	if !found {
		return []string{path}
	}
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			unknown = append(unknown, unknownFields(known, path+"."+key, inner)...)
		}
	case []any:
		for _, item := range value {
			unknown = append(unknown, unknownFields(known, path+"[]", item)...)
		}
	case string:
		if len(values) > 0 && !slices.Contains(values, value) {
			unknown = append(unknown, path+": "+value)
		}
	}
	return unknown
}

func TestUnknownFieldsAreFound(t *testing.T) {
	var spec map[string]any
	if err := yaml.Unmarshal([]byte(`{generateSelector: true, hooks: {sync: {version: v9, webhook: {uri: x}}}, childResources: [{kind: Job}]}`), &spec); err != nil {
		t.Fatal(err)
	}
	unknown := unknownFields(fieldsOfMetacontroller(t, "4.15"), "spec", spec)
	slices.Sort(unknown)
	if want := []string{"spec.childResources[].kind", "spec.hooks.sync.version: v9", "spec.hooks.sync.webhook.uri"}; !slices.Equal(unknown, want) {
		t.Errorf("unknown are %v, want %v", unknown, want)
	}
}
