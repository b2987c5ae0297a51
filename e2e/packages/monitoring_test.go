package packages

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

const (
	monitoring = manifests + "/monitoring/"
	ruleHead   = `# rules.yaml, for the Prometheus operator. Generated from it: make golden
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: stormhooks
  labels:
    app.kubernetes.io/name: stormhooks
spec:
`
)

type rule struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	must(t, yaml.Unmarshal(read(t, "rules.yaml"), &file))
	var all []rule
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(monitoring + name)
	must(t, err)
	return text
}

func TestPrometheusRule(t *testing.T) {
	plainRules := read(t, "rules.yaml")
	if testkit.Update() {
		_, groups, _ := strings.Cut(string(plainRules), "groups:\n")
		text := ruleHead + "  " + strings.ReplaceAll("groups:\n"+strings.TrimSuffix(groups, "\n"), "\n", "\n  ") + "\n"
		must(t, os.WriteFile(monitoring+"prometheusrule.yaml", []byte(text), 0o644))
	}
	var want, got map[string]any
	must(t, yaml.UnmarshalStrict(plainRules, &want))
	must(t, yaml.UnmarshalStrict(read(t, "prometheusrule.yaml"), &got))
	if diff := cmp.Diff(want, got["spec"]); diff != "" {
		t.Errorf("rules.yaml (-) and prometheusrule.yaml (+) differ; make golden writes the second:\n%s", diff)
	}
}

// Each alert says what happened and what to do, and has a test that it fires and one
// that it does not. The last line of its expr is only the comparison: the story
// monitoring runs the lines before it.
func TestEveryAlert(t *testing.T) {
	var tests struct {
		Tests []struct {
			Cases []struct {
				Alert string `json:"alertname"`
				Fires []any  `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		}
	}
	must(t, yaml.Unmarshal(read(t, "rules_test.yaml"), &tests))
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range tests.Tests {
		for _, c := range test.Cases {
			if len(c.Fires) > 0 {
				fires[c.Alert] = true
			} else {
				quiet[c.Alert] = true
			}
		}
	}
	comparison := regexp.MustCompile(`^[<>] [0-9.]+$`)
	for _, r := range rules(t) {
		lines := strings.Split(strings.TrimSpace(r.Expr), "\n")
		switch severity := r.Labels["severity"]; {
		case severity != "critical" && severity != "warning":
			t.Errorf("%s: severity %q", r.Alert, severity)
		case r.Annotations["summary"] == "" || r.Annotations["description"] == "":
			t.Errorf("%s has no summary or no description", r.Alert)
		case !comparison.MatchString(lines[len(lines)-1]):
			t.Errorf("%s: the last line of its expr is %q, want a comparison with a number", r.Alert, lines[len(lines)-1])
		case !fires[r.Alert] || !quiet[r.Alert]:
			t.Errorf("%s: rules_test.yaml must show that it fires, and that it does not", r.Alert)
		}
	}
}

// promtool is Prometheus' own checker, from Debian's package prometheus.
func TestPromtool(t *testing.T) {
	promtool := findPromtool(t)
	for _, args := range [][]string{
		{"check", "rules", "rules.yaml"},
		{"test", "rules", "rules_test.yaml"},
	} {
		command := exec.Command(promtool, args...)
		command.Dir = monitoring
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// findPromtool returns the promtool on the PATH, or unpacks Debian's package into the
// cache. That needs no root and starts no daemon.
func findPromtool(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("promtool"); err == nil {
		return path
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		t.Skip("promtool is not on the PATH, and this system has no apt-get to get it. Install Prometheus")
	}
	cache := os.Getenv("STORMHOOKS_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		must(t, err)
		cache = filepath.Join(home, ".cache", "stormhooks")
	}
	folder := filepath.Join(cache, "prometheus")
	promtool := filepath.Join(folder, "usr", "bin", "promtool")
	if _, err := os.Stat(promtool); err == nil {
		return promtool
	}
	temporary := t.TempDir()
	must(t, os.MkdirAll(folder, 0o755))
	fetch := exec.Command("sh", "-c", `apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; dpkg-deb -x prometheus_*.deb "$1"`, "sh", folder)
	fetch.Dir = temporary
	if out, err := fetch.CombinedOutput(); err != nil {
		t.Fatalf("Debian's package prometheus cannot be unpacked: %v\n%s", err, out)
	}
	return promtool
}

var metric = regexp.MustCompile(`\b(stormhooks_[a-z_]+|storm_(?:topology|cluster)_[a-z_]+)\b`)

// queries are the queries of rules and dashboard, by their place.
func queries(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, r := range rules(t) {
		found["alert "+r.Alert] = r.Expr
	}
	var dashboard struct {
		Panels []struct {
			Title, Description string
			Targets            []struct{ RefID, Expr string }
		}
	}
	must(t, json.Unmarshal(read(t, "dashboard.json"), &dashboard))
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			found["panel "+panel.Title+" "+target.RefID] = target.Expr
		}
	}
	return found
}

// A query of a metric that does not exist is always empty, without an error.
func TestEveryQueriedMetricExists(t *testing.T) {
	var config struct {
		Spec struct {
			Resources []struct {
				MetricNamePrefix string
				Metrics          []struct{ Name string }
			}
		}
	}
	must(t, yaml.Unmarshal(read(t, "kube-state-metrics.yaml"), &config))
	served := map[string]bool{}
	for _, resource := range config.Spec.Resources {
		for _, m := range resource.Metrics {
			served[resource.MetricNamePrefix+"_"+m.Name] = true
		}
	}
	code, err := os.ReadFile("../../hooks/metrics.go")
	must(t, err)
	for _, name := range metric.FindAllString(string(code), -1) {
		served[name] = true
	}
	asked := map[string]bool{}
	for where, query := range queries(t) {
		for _, name := range metric.FindAllString(query, -1) {
			name = strings.TrimSuffix(name, "_bucket")
			asked[name] = true
			if !served[name] {
				t.Errorf("%s queries %s, which does not exist", where, name)
			}
		}
	}
	if len(asked) < 15 {
		t.Errorf("rules and dashboard query only %d metrics", len(asked))
	}
}

// kube-state-metrics lists all phases.
func TestKubeStateMetricsKnowsEveryPhase(t *testing.T) {
	var config struct {
		Spec struct {
			Resources []struct {
				Metrics []struct {
					Name string
					Each struct{ StateSet struct{ List []string } }
				}
			}
		}
	}
	must(t, yaml.Unmarshal(read(t, "kube-state-metrics.yaml"), &config))
	known := map[string]bool{}
	for _, resource := range config.Spec.Resources {
		for _, m := range resource.Metrics {
			for _, phase := range m.Each.StateSet.List {
				known[phase] = true
			}
		}
	}
	for _, phase := range phases(t) {
		if !known[phase] {
			t.Errorf("kube-state-metrics.yaml does not list the phase %s", phase)
		}
		delete(known, phase)
	}
	if len(known) > 0 {
		t.Errorf("kube-state-metrics.yaml lists phases that do not exist: %v", known)
	}
}
