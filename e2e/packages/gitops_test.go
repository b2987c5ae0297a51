package packages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// The component adds both scripts to an argocd-cm that has other keys.
func TestArgoCDComponent(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	component, err := filepath.Abs(manifests + "/gitops/argocd")
	must(t, err)
	relative, err := filepath.Rel(folder, component)
	must(t, err)
	for name, text := range map[string]string{
		"kustomization.yaml": "resources: [cm.yaml]\ncomponents: [" + relative + "]\n",
		"cm.yaml":            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm, namespace: argocd}\ndata: {url: https://argocd.example.com}\n",
	} {
		must(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	must(t, err)
	data := built.Resources()[0].GetDataMap()
	for key, file := range map[string]string{
		"resource.customizations.health.storm.apache.org_StormTopology": "stormtopology.lua",
		"resource.customizations.health.storm.apache.org_StormCluster":  "stormcluster.lua",
	} {
		script, err := os.ReadFile(manifests + "/gitops/argocd/" + file)
		must(t, err)
		if data[key] != string(script) {
			t.Errorf("argocd-cm lacks %s as %s", file, key)
		}
	}
	if data["url"] == "" {
		t.Error("the previous content of argocd-cm is gone")
	}
}

// Flux evaluates inProgress, failed and current in turn; if none is true, the object
// is in progress. The result equals that of kstatus.
func TestFluxExpressions(t *testing.T) {
	var kustomization struct {
		Spec struct {
			HealthCheckExprs []struct{ Kind, InProgress, Failed, Current string }
		}
	}
	text, err := os.ReadFile(manifests + "/gitops/flux/topologies.yaml")
	must(t, err)
	must(t, yaml.Unmarshal(text, &kustomization))
	expressions := kustomization.Spec.HealthCheckExprs[0]
	var variables []cel.EnvOption
	for _, name := range []string{"apiVersion", "kind", "metadata", "spec", "status"} {
		variables = append(variables, cel.Variable(name, cel.DynType))
	}
	environment, err := cel.NewEnv(variables...)
	must(t, err)
	holds := func(expression string, object told) bool {
		ast, issues := environment.Compile(expression)
		must(t, issues.Err())
		program, err := environment.Program(ast)
		must(t, err)
		value, _, err := program.Eval(map[string]any(object))
		must(t, err)
		return value.Value().(bool)
	}
	seen := map[status.Status]int{}
	for name, object := range topologies(t) {
		want := kstatus(t, object)
		if want == status.TerminatingStatus {
			continue // Flux does not evaluate objects that are being deleted
		}
		got := status.InProgressStatus
		switch {
		case holds(expressions.InProgress, object):
		case holds(expressions.Failed, object):
			got = status.FailedStatus
		case holds(expressions.Current, object):
			got = status.CurrentStatus
		}
		seen[got]++
		if got != want {
			t.Errorf("%s: Flux reads %s, kstatus %s", name, got, want)
		}
	}
	if len(seen) != 3 {
		t.Errorf("seen only %v", seen)
	}
	fresh := told{"metadata": map[string]any{"generation": 1}, "status": map[string]any{"observedGeneration": -1}}
	if !holds(expressions.InProgress, fresh) {
		t.Error("a new object is not in progress")
	}
}

// An autoscaler's minimum of 0 would be refused at each of its writes.
func TestScalersNeverAskForNothing(t *testing.T) {
	for file, field := range map[string]string{"hpa.yaml": "minReplicas", "keda.yaml": "minReplicaCount"} {
		var object map[string]any
		text, err := os.ReadFile(manifests + "/gitops/scaling/" + file)
		must(t, err)
		must(t, yaml.Unmarshal(text, &object))
		if least := at(t, object, "spec", field).(float64); least < 1 {
			t.Errorf("%s: %s is %v", file, field, least)
		}
		if kind := at(t, object, "spec", "scaleTargetRef", "kind"); kind != "StormTopology" {
			t.Errorf("%s scales a %v", file, kind)
		}
	}
}

// docs/monitoring.md lists the alerts, all of them.
func TestTheMonitoringPageIsWhole(t *testing.T) {
	text, err := os.ReadFile("../../docs/monitoring.md")
	must(t, err)
	for _, r := range rules(t) {
		if !strings.Contains(string(text), "\n| "+r.Alert+" | "+r.Labels["severity"]+" |") {
			t.Errorf("docs/monitoring.md has no row for the alert %s, %s", r.Alert, r.Labels["severity"])
		}
	}
}
