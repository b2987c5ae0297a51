package packages

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"
)

const chartFolder = manifests + "/charts/stormhooks"

// template returns the output of helm template, and the notes.
func template(t *testing.T, values string) (objects, string) {
	t.Helper()
	made, notes, err := render(t, "stormhooks-system", values)
	if err != nil {
		t.Fatal(err)
	}
	return made, notes
}

func render(t *testing.T, namespace, values string) (objects, string, error) {
	t.Helper()
	loaded, err := loader.Load(chartFolder)
	if err != nil {
		t.Fatal(err)
	}
	var set map[string]any
	if err := yaml.UnmarshalStrict([]byte(values), &set); err != nil {
		t.Fatal(err)
	}
	release := common.ReleaseOptions{Name: "stormhooks", Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(loaded, set, release, common.DefaultCapabilities)
	if err != nil {
		return nil, "", err
	}
	files, err := engine.Render(loaded, all)
	if err != nil {
		return nil, "", err
	}
	made, notes := objects{}, ""
	for name, text := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			notes = text
			continue
		}
		for _, object := range documents(t, text) {
			made.add(t, object)
		}
	}
	return made, notes, nil
}

func TestHelmLint(t *testing.T) {
	for name, values := range map[string]string{
		"nothing set": ``,
		"all set":     everything,
	} {
		var set map[string]any
		if err := yaml.Unmarshal([]byte(values), &set); err != nil {
			t.Fatal(err)
		}
		for _, message := range lint.RunAll(chartFolder, set, "stormhooks-system").Messages {
			if message.Severity > support.InfoSev {
				t.Errorf("%s: %v", name, message)
			}
		}
	}
}

const everything = `
image: {repository: registry.example.com/mirror/stormhooks, tag: v9, pullPolicy: Always}
imagePullSecrets: [{name: registry}]
replicas: 2
log: {level: debug, format: json}
helperMount: init-container
podLabels: {team: streams}
nodeSelector: {disk: ssd}
runAsUser: 1000
tolerations: [{operator: Exists}]
priorityClassName: system-cluster-critical
metacontroller: {rbac: {create: true, namespaces: [a, b]}}
rbac: {create: true}
podDisruptionBudget: {create: true}
networkPolicy: {create: true, from: [metacontroller, monitoring]}
monitoring: {serviceMonitor: true, prometheusRule: true, dashboard: true, labels: {release: prometheus}}
`

// With matching values, Helm creates what kustomize creates.
func TestHelmMakesWhatKustomizeMakes(t *testing.T) {
	for name, tc := range map[string]struct {
		values  string
		folders []string
	}{
		"the install":                        {folders: []string{"install"}},
		"Metacontroller's rights":            {values: `metacontroller: {rbac: {create: true}}`, folders: []string{"install", "overlays/metacontroller-rbac"}},
		"Metacontroller's rights, narrowed":  {values: `metacontroller: {rbac: {create: true, namespaces: [storm-system]}}`, folders: []string{"install", "overlays/metacontroller-rbac-namespaced"}},
		"TLS and a token":                    {values: `tls: {enabled: true}`, folders: []string{"overlays/tls"}},
		"a client certificate for Nimbus":    {values: `nimbusCertSecretName: stormhooks-nimbus`, folders: []string{"install with install/nimbus-tls"}},
		"the cluster chooses the user":       {values: `runAsUser: null`, folders: []string{"install with install/openshift"}},
		"both":                               {values: `{tls: {enabled: true}, nimbusCertSecretName: stormhooks-nimbus}`, folders: []string{"overlays/tls with install/nimbus-tls"}},
		"monitoring":                         {values: `monitoring: {serviceMonitor: true, prometheusRule: true, dashboard: true}`, folders: []string{"install", "monitoring"}},
		"the CRDs are installed elsewhere":   {values: `crds: {install: false}`, folders: []string{"install"}},
		"roles for people and CI":            {values: `rbac: {create: true}`, folders: []string{"install", "rbac"}},
		"who reaches the server":             {values: `networkPolicy: {create: true}`, folders: []string{"install with install/networkpolicy"}},
		"production":                         {values: string(read(t, "../charts/stormhooks/values-production.yaml")), folders: []string{"overlays/production"}},
		"rights for another service account": {values: `metacontroller: {rbac: {create: true, serviceAccount: {name: metacontroller, namespace: metacontroller}}}`, folders: []string{"install", "overlays/metacontroller-rbac"}},
	} {
		t.Run(name, func(t *testing.T) {
			made, _ := template(t, tc.values)
			want := objects{}
			for _, folder := range tc.folders {
				maps.Copy(want, kustomize(t, folder))
			}
			// Helm creates the namespace itself: --create-namespace.
			delete(want, "Namespace <nil>/stormhooks-system")
			if strings.Contains(tc.values, "crds") {
				maps.DeleteFunc(want, func(name string, _ map[string]any) bool {
					return strings.HasPrefix(name, "CustomResourceDefinition")
				})
			}
			if diff := cmp.Diff(want, made); diff != "" {
				t.Errorf("kustomize (-) and Helm (+) differ:\n%.4000s", diff)
			}
		})
	}
}

// Hooks are called in the namespace of the release.
func TestTheChartFollowsItsNamespace(t *testing.T) {
	made, notes, err := render(t, "elsewhere", ``)
	if err != nil {
		t.Fatal(err)
	}
	for name, object := range made {
		text, _ := yaml.Marshal(object)
		if strings.Contains(string(text), "stormhooks-system") {
			t.Errorf("%s names stormhooks-system in a release in another namespace", name)
		}
	}
	if made["Deployment elsewhere/stormhooks"] == nil || !strings.Contains(notes, "-n elsewhere rollout") {
		t.Errorf("the server is not in the release's namespace: %v\n%s", made.names(), notes)
	}
}

// Values reach the Deployment, and the helper image follows the image.
func TestValues(t *testing.T) {
	made, _ := template(t, everything)
	text, err := yaml.Marshal(made["Deployment stormhooks-system/stormhooks"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"image: registry.example.com/mirror/stormhooks:v9", "value: registry.example.com/mirror/stormhooks:v9",
		"imagePullPolicy: Always", "name: registry", "replicas: 2", "--log-level=debug", "--log-format=json", "--helper-mount=init-container",
		"team: streams", "disk: ssd", "operator: Exists", "priorityClassName: system-cluster-critical",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is set and not in the Deployment:\n%s", want, text)
		}
	}
	for _, name := range []string{"RoleBinding a/stormhooks-metacontroller-write", "RoleBinding b/stormhooks-metacontroller-write"} {
		if made[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if made["ClusterRoleBinding <nil>/stormhooks-metacontroller-write"] != nil {
		t.Error("Metacontroller may write everywhere, though namespaces are named")
	}
}

// A mistyped value is refused, and the error names it.
func TestTheSchemaRefuses(t *testing.T) {
	for values, want := range map[string]string{
		`replica: 2`:                                  "replica",
		`image: {tga: v1}`:                            "tga",
		`image: {tag: 1}`:                             "tag",
		`image: {digest: abc}`:                        "digest",
		`image: {pullPolicy: Sometimes}`:              "pullPolicy",
		`helperMount: copy`:                           "helperMount",
		`log: {level: loud}`:                          "level",
		`goMemLimit: plenty`:                          "goMemLimit",
		`replicas: two`:                               "replicas",
		`metacontroller: {rbac: {namespaces: [A_B]}}`: "namespaces",
	} {
		_, _, err := render(t, "stormhooks-system", values)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error that names %s", values, err, want)
		}
	}
}

// The schema describes every value, so that every typing error is found.
func TestTheSchemaKnowsEveryValue(t *testing.T) {
	loaded, err := loader.Load(chartFolder)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := yaml.Unmarshal(loaded.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	known, _ := schema["properties"].(map[string]any)
	for name := range loaded.Values {
		described, _ := known[name].(map[string]any)
		if described["description"] == nil {
			t.Errorf("values.schema.json does not describe %s", name)
		}
	}
}

// Deleting a CRD deletes all its objects, and with them every topology: Helm and
// Argo CD must not do that.
func TestTheDefinitionsAreKept(t *testing.T) {
	want := map[string]string{
		"helm.sh/resource-policy":         "keep",
		"argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
	}
	made, _ := template(t, ``)
	for _, set := range []objects{made, kustomize(t, "crds")} {
		count := 0
		for name, object := range set {
			if object["kind"] != "CustomResourceDefinition" {
				continue
			}
			count++
			annotations, _ := object["metadata"].(map[string]any)["annotations"].(map[string]any)
			for key, value := range want {
				if annotations[key] != value {
					t.Errorf("%s: %s is %v, want %s", name, key, annotations[key], value)
				}
			}
		}
		if count != 2 {
			t.Errorf("%d CustomResourceDefinitions, want 2", count)
		}
	}
}
