package manifests

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// states are ten topologies, each with the status that a story of pkg/topology
// ends a step with.
var states = []struct {
	name   string
	answer string
	age    time.Duration
}{
	{"wordcount", "guide-copy/08-up", 3 * time.Hour},
	{"clicks", "account-pulls/01-denied", 40 * time.Second},
	{"sessions", "guide-copy/05-submitting", 15 * time.Second},
	{"orders", "rebalance/03-rebalancing", 12 * day},
	{"alerts", "upgrade/04-old-killed", 2 * day},
	{"billing", "invalid-spec/01-wrong", 90 * day},
	{"nightly", "suspend/05-stopped", 33 * day},
	{"geo", "jar-not-found/10-failed-for-good", 6 * time.Minute},
	{"search", "adopt/03-another-id", time.Minute},
	{"old-report", "delete-abandon/01-silent", year},
}

// The documents show the output of kubectl get for the ten states, as the API server
// and kubectl print it, to the last character.
func TestTheDocumentsShowTheStates(t *testing.T) {
	for file, command := range map[string]string{
		"../../README.md":               "kubectl get stopo -n storm-system",
		"../../docs/troubleshooting.md": "kubectl get stopo -n storm-system -o wide",
	} {
		want := "$ " + command + "\n" + table(t, strings.HasSuffix(command, " wide"))
		hold(t, file, want)
	}
}

// hold compares the first block of a page that begins with the command of want,
// and with UPDATE=1 writes it.
func hold(t *testing.T, file, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	command, _, _ := strings.Cut(want, "\n")
	before, rest, found := strings.Cut(string(text), "```console\n"+command+"\n")
	got, after, ended := strings.Cut(rest, "```\n")
	if !found || !ended {
		t.Fatalf("%s has no block that begins with %q", file, command)
	}
	if testkit.Update() {
		if err := os.WriteFile(file, []byte(before+"```console\n"+want+"```\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, command+"\n"+got); diff != "" {
		t.Errorf("%s shows another output; make golden rewrites it (-want +got):\n%s", file, diff)
	}
}

// table is what kubectl get prints of the ten states.
func table(t *testing.T, wide bool) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "storm.apache.org_stormtopologies.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &crd); err != nil {
		t.Fatal(err)
	}
	convertor, err := tableconvertor.New(crd.Spec.Versions[0].AdditionalPrinterColumns)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := convertor.ConvertToTable(t.Context(), topologies(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writer := printers.GetNewTabWriter(&out)
	if err := printers.NewTablePrinter(printers.PrintOptions{Wide: wide}).PrintObj(rows, writer); err != nil {
		t.Fatal(err)
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// topologies are the ten states. Every story is told of one topology, whose name
// is replaced here by the state's own.
func topologies(t *testing.T) *unstructured.UnstructuredList {
	t.Helper()
	told, err := stories.Answers("../../pkg/topology")
	if err != nil {
		t.Fatal(err)
	}
	list := &unstructured.UnstructuredList{}
	for _, state := range states {
		named := strings.NewReplacer("wordcount-container", state.name, "wordcount", state.name).Replace(string(told[state.answer].Body))
		var a answer
		if err := json.Unmarshal([]byte(named), &a); err != nil {
			t.Fatalf("%s: %v", state.answer, err)
		}
		list.Items = append(list.Items, unstructured.Unstructured{Object: map[string]any{
			"metadata": map[string]any{
				"name":              state.name,
				"creationTimestamp": time.Now().Add(-state.age).UTC().Format(time.RFC3339Nano),
			},
			"spec":   map[string]any{"clusterRef": "test-cluster"},
			"status": a.Status,
		}})
	}
	return list
}
