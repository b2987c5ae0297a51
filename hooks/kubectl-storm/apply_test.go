package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// kubectl storm plan merges as kubectl apply does for a custom resource: the same
// library decides here what each combination of one field in three objects gives.
func TestApplyMergesAsKubectlDoes(t *testing.T) {
	values := []string{``, `"x": null`, `"x": 1`, `"x": 2`, `"x": {}`, `"x": {"a": 1}`, `"x": {"a": 2}`, `"x": {"a": null}`, `"x": {"b": 1}`, `"x": [1]`}
	for _, before := range values {
		for _, live := range values {
			for _, file := range values {
				compareApplies(t, before, live, file)
			}
		}
	}
}

func compareApplies(t *testing.T, before, live, file string) {
	t.Helper()
	applied := fmt.Sprintf(`{"metadata": {"annotations": {}}, "spec": {%s}}`, before)
	current := fmt.Sprintf(`{"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": %q}}, "spec": {%s}}`, applied, live)
	modified := fmt.Sprintf(`{"metadata": {"annotations": {}}, "spec": {%s}}`, file)
	patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch([]byte(applied), []byte(modified), []byte(current))
	if err != nil {
		return // kubectl sees a conflict, and applies nothing
	}
	patched, err := jsonpatch.MergePatch([]byte(current), patch)
	if err != nil {
		t.Fatal(err)
	}
	want := decoded(t, patched)
	got, err := preview.Apply(decoded(t, []byte(current)), decoded(t, []byte(modified)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want["spec"], got["spec"]); diff != "" {
		t.Errorf("before {%s}, live {%s}, file {%s}: patch %s (-kubectl +preview.Apply):\n%s", before, live, file, patch, diff)
	}
}

func decoded(t *testing.T, text []byte) (object map[string]any) {
	t.Helper()
	if err := utiljson.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object
}
