package manifests

import (
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"github.com/google/cel-go/cel"

	"github.com/stormhooks/stormhooks/e2e/pages"
)

// The policy that docs/install.md shows is one of Kubernetes, and its rule accepts and
// rejects what it says.
func TestThePolicyForImages(t *testing.T) {
	blocks, err := pages.Read("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	var policy admissionregistrationv1.ValidatingAdmissionPolicy
	for _, block := range blocks {
		if strings.Contains(block.Text, "kind: ValidatingAdmissionPolicy\n") {
			if err := yaml.UnmarshalStrict([]byte(block.Text), &policy); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(policy.Spec.Validations) != 1 {
		t.Fatalf("docs/install.md shows %d rules, want 1", len(policy.Spec.Validations))
	}
	env, err := cel.NewEnv(cel.Variable("object", cel.DynType))
	if err != nil {
		t.Fatal(err)
	}
	ast, issues := env.Compile(policy.Spec.Validations[0].Expression)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	program, err := env.Program(ast)
	if err != nil {
		t.Fatal(err)
	}
	for image, want := range map[string]bool{
		"registry.example.com/team/a:1":       true,
		"docker.io/team/a:1":                  false,
		"registry.example.com.evil.example/a": false,
		"other/registry.example.com/team/a:1": false,
	} {
		object := map[string]any{"spec": map[string]any{"topology": map[string]any{"jar": map[string]any{
			"container": map[string]any{"image": image}}}}}
		got, _, err := program.Eval(map[string]any{"object": object})
		if err != nil || got.Value() != want {
			t.Errorf("%s: %v %v, want %v", image, got, err, want)
		}
	}
}
