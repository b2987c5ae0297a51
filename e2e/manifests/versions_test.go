package manifests

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// TestEveryRuleCompilesOnEveryVersion: an API server rejects a whole CRD for one rule
// whose function it does not know, and without the CRD nothing can be submitted.
func TestEveryRuleCompilesOnEveryVersion(t *testing.T) {
	lowest, highest := namedVersions(t)
	for minor := lowest; minor <= highest; minor++ {
		for _, plural := range plurals {
			rules, errs := compile(load(t, plural).Schema, minor)
			written := writtenRules(t, plural)
			for _, err := range errs {
				t.Errorf("Kubernetes 1.%d, %s: %v", minor, plural, err)
			}
			if rules != written || written < 2 {
				t.Errorf("Kubernetes 1.%d, %s: %d of %d rules were compiled", minor, plural, rules, written)
			}
		}
	}
}

// writtenRules is how many rules the file of a CRD has.
func writtenRules(t *testing.T, plural string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "storm.apache.org_"+plural+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return len(regexp.MustCompile(`(?m)^\s*(- )?rule: `).FindAll(text, -1))
}

// TestTheLowestVersionIsNeeded: the version below the lowest one lacks a function too,
// as the documents say.
func TestTheLowestVersionIsNeeded(t *testing.T) {
	lowest, _ := namedVersions(t)
	if _, errs := compile(load(t, "stormtopologies").Schema, lowest-1); len(errs) == 0 {
		t.Errorf("every rule compiles on Kubernetes 1.%d: docs/install.md names another reason for 1.%d", lowest-1, lowest)
	}
}

// TestCompileKnowsTheVersions: isIP is in the environment of 1.30, which the API server
// of 1.31 is the first to compile new rules with.
func TestCompileKnowsTheVersions(t *testing.T) {
	address := &schema.Structural{
		Generic:         schema.Generic{Type: "string"},
		ValueValidation: &schema.ValueValidation{},
		ValidationExtensions: schema.ValidationExtensions{
			XValidations: apiextensionsv1.ValidationRules{{Rule: "isIP(self)"}},
		},
	}
	for minor, want := range map[uint]int{29: 1, 30: 1, 31: 0} {
		if _, errs := compile(address, minor); len(errs) != want {
			t.Errorf("Kubernetes 1.%d: isIP has the errors %v, want %d", minor, errs, want)
		}
	}
}

// compile compiles each rule of a schema as the API server of 1.minor does when the CRD
// is applied. It has the environment of the version before, so that a CRD survives a
// downgrade (k8s.io/apiserver/pkg/cel/environment/base.go: DefaultCompatibilityVersion).
// Check has the limits of the rules' costs.
func compile(root *schema.Structural, minor uint) (rules int, errs []error) {
	env := environment.MustBaseEnvSet(version.MajorMinor(1, minor-1))
	visit := func(path string, s *schema.Structural) {
		if len(s.XValidations) == 0 {
			return
		}
		results, err := cel.Compile(s, model.SchemaDeclType(s, s == root), celconfig.PerCallLimit, env, cel.NewExpressionsEnvLoader())
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
		for i, result := range results {
			rules++
			if result.Error != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", path, s.XValidations[i].Rule, result.Error))
			}
		}
	}
	visit("", root)
	walk(root, "", visit)
	return rules, errs
}

// namedVersions are the lowest and the highest minor version of Kubernetes that the
// documents name. The chart refuses what is below the lowest.
func namedVersions(t *testing.T) (lowest, highest uint) {
	t.Helper()
	found := matchIn(t, "../../docs/install.md", `(?m)^\| Kubernetes \| 1\.(\d+) to 1\.(\d+) \|`)
	chart := matchIn(t, "../../manifests/charts/stormhooks/Chart.yaml", `(?m)^kubeVersion: ">=1\.(\d+)\.0-0"$`)
	module := matchIn(t, "go.mod", `k8s\.io/apiextensions-apiserver v0\.(\d+)\.`)
	if chart[0] != found[0] {
		t.Errorf("the chart accepts Kubernetes from 1.%d on, docs/install.md names 1.%d", chart[0], found[0])
	}
	if module[0] != found[1] {
		t.Errorf("the tests use the API server of 1.%d, docs/install.md names 1.%d as the highest", module[0], found[1])
	}
	return found[0], found[1]
}

func matchIn(t *testing.T, path, pattern string) (numbers []uint) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(pattern).FindStringSubmatch(string(text))
	if match == nil {
		t.Fatalf("%s has nothing of the form %s", path, pattern)
	}
	for _, group := range match[1:] {
		number, err := strconv.ParseUint(group, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, uint(number))
	}
	return numbers
}
