package manifests

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// The diagnosis of a refused pod has the rules of the Pod Security Standards as a
// copy. Each pod of its test is allowed, or not, as Kubernetes' own code judges it.
func TestPodSecurityIsTheLibrarys(t *testing.T) {
	text, err := os.ReadFile("../../pkg/internal/diagnose/testdata/security.golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var c struct {
			Name, Level string
			Broken      []string
			Spec        corev1.PodSpec
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		level := psa.LevelVersion{Level: psa.Level(c.Level), Version: psa.LatestVersion()}
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &metav1.ObjectMeta{}, &c.Spec))
		if result.Allowed != (len(c.Broken) == 0) {
			t.Errorf("%s, %s: the library says %v (%s), the copy says %q", c.Level, c.Name, result.Allowed, result.ForbiddenDetail(), c.Broken)
		}
	}
}
