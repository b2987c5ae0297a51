package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// schema is a part of a CRD.
type schema struct {
	Description string
	Type        string
	Default     any
	Enum        []any
	Minimum     *float64
	Maximum     *float64
	MaxLength   *int64 `json:"maxLength"`
	MaxItems    *int64 `json:"maxItems"`
	MaxProps    *int64 `json:"maxProperties"`
	Required    []string
	Properties  map[string]*schema
	Items       *schema
	// Values are those of a map with fields.
	Values *schema `json:"additionalProperties"`
}

// crdOf is the schema of a kind.
func crdOf(t *testing.T, plural string) *schema {
	t.Helper()
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct{ OpenAPIV3Schema *schema }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../manifests/crds/storm.apache.org_"+plural+".yaml")), &crd); err != nil {
		t.Fatal(err)
	}
	return crd.Spec.Versions[0].Schema.OpenAPIV3Schema
}

// effects are what a change of a field does to a running topology: those of the longest
// field that contains it. A sample shows it; kind is the plan for that. Where nothing happens
// yet, the plan has the words.
var effects = []struct {
	field, does string
	sample      any
	kind        preview.Kind
}{
	{"spec", "used at the next submission", nil, ""},
	{"spec.clusterRef", "refused: delete the object and apply another one", "other", preview.Refused},
	{"spec.deletionPolicy", "", "Orphan", preview.None},
	{"spec.killWaitSeconds", "", 7, preview.None},
	{"spec.restartNonce", "restart, with a new extraction", 7, preview.Restart},
	{"spec.retry", "", map[string]any{"limit": 7}, preview.None},
	{"spec.suspend", "deactivates the topology, or activates it", true, preview.Suspend},
	{"spec.template", "", map[string]any{"priorityClassName": "high"}, preview.None},
	{"spec.topology.args", "restart", []any{"a"}, preview.Restart},
	{"spec.topology.components", "executors: rebalance; tasks: restart", map[string]any{"a": map[string]any{"executors": 1}}, preview.Rebalance},
	{"spec.topology.components.NAME.executors", "rebalance", 3, preview.Rebalance},
	{"spec.topology.components.NAME.executorsPerWorker", "rebalance", 3, preview.Rebalance},
	{"spec.topology.components.NAME.tasks", "restart", 3, preview.Restart},
	{"spec.topology.config", "restart; [some settings](../topologies.md#changes): rebalance", map[string]any{"my.key": 1}, preview.Restart},
	{"spec.topology.jar.container", "restart, with a new extraction", map[string]any{"image": "other:1", "path": "/app/topology.jar"}, preview.Restart},
	{"spec.topology.jar.container.extractionMode", "", "init-container", preview.None},
	{"spec.topology.jar.container.imagePullPolicy", "", "Always", preview.None},
	{"spec.topology.jar.container.imagePullSecrets", "", []any{map[string]any{"name": "a"}}, preview.None},
	{"spec.topology.jar.container.resources", "", map[string]any{"limits": map[string]any{"memory": "1Gi"}}, preview.None},
	{"spec.topology.jar.container.securityContext", "", map[string]any{"runAsUser": 7}, preview.None},
	{"spec.topology.jar.container.timeoutSeconds", "", 7, preview.None},
	{"spec.topology.jar.storage", "", map[string]any{"size": "7Gi"}, preview.None},
	{"spec.topology.mainClass", "restart", "b.Main", preview.Restart},
	{"spec.topology.mainTimeoutSeconds", "", 7, preview.None},
	{"spec.topology.name", "refused: delete the object and apply another one", "other", preview.Refused},
	{"spec.topology.workers", "rebalance", 7, preview.Rebalance},
	{"spec.update.drainSeconds", "", 7, preview.None},
	{"spec.update.minReadySeconds", "", 7, preview.None},
	{"spec.update.policy", "", "Restart", preview.None},
	{"spec.update.progressDeadlineSeconds", "", 7, preview.None},
	{"spec.update.rebalanceWaitSeconds", "", 7, preview.None},
	{"spec.update.restartOn", "", []any{"Template"}, preview.None},
	{"spec.update.rollback", "", false, preview.None},
	{"spec.update.strategy", "", "BlueGreen", preview.None},
}

// sampled is a StormTopology in which one field has a value.
func sampled(t *testing.T, field string, value any) *v1beta1.StormTopology {
	t.Helper()
	const spec = `{"clusterRef": "test-cluster", "topology": {"mainClass": "a.Main", "jar": {"container": {"image": "a:1", "path": "/app/topology.jar"}}}}`
	var fields map[string]any
	if err := json.Unmarshal([]byte(spec), &fields); err != nil {
		t.Fatal(err)
	}
	at, names := fields, strings.Split(field, ".")[1:]
	for _, name := range names[:len(names)-1] {
		next, _ := at[name].(map[string]any)
		if next == nil {
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	at[names[len(names)-1]] = value
	text, err := json.Marshal(map[string]any{"metadata": map[string]any{"name": "a", "namespace": "b"}, "spec": fields})
	if err != nil {
		t.Fatal(err)
	}
	made := &v1beta1.StormTopology{}
	if err := yaml.UnmarshalStrict(text, made); err != nil {
		t.Fatalf("%s: %v", field, err)
	}
	return made
}

// effectOf is what a change of a field does, in the reference's words where the topology
// restarts, is rebalanced, or the change is refused, and in those of kubectl storm plan where
// nothing happens yet. The plan for the sample must be of the kind of the table.
func effectOf(t *testing.T, field string) string {
	t.Helper()
	at, longest := effects[0], -1
	for _, effect := range effects {
		if (field == effect.field || strings.HasPrefix(field, effect.field+".")) && len(effect.field) > longest {
			at, longest = effect, len(effect.field)
		}
	}
	if at.sample == nil {
		return at.does
	}
	live := sampled(t, "spec.suspend", false)
	first, err := preview.Compare(nil, live, nil)
	if err != nil {
		t.Fatal(err)
	}
	live.Status = v1beta1.StormTopologyStatus{StormID: "a-1-1767268800", StormStatus: "ACTIVE", Revision: first.To}
	plan, err := preview.Compare(live, sampled(t, at.field, at.sample), nil)
	switch {
	case err != nil || plan.Kind != at.kind:
		t.Errorf("%s: the plan is %s (%s), the table says %s: %v", at.field, plan.Kind, plan.Why, at.kind, err)
	case plan.Kind == preview.None && len(plan.Effects) != 1:
		t.Errorf("%s: the plan has the effects %v, want one", at.field, plan.Effects)
	case plan.Kind == preview.None:
		return plan.Effects[0].Says
	}
	return at.does
}

// foreign are fields whose parts are Kubernetes' own.
var foreign = regexp.MustCompile(`\.(affinity|dnsConfig|env|envFrom|hostAliases|imagePullSecrets|resources|securityContext|tolerations|volumes|volumeMounts|conditions)$`)

// rows are the fields below one, each with what its schema says.
func rows(of *schema, path string, row func(path string, field *schema)) {
	for _, name := range slices.Sorted(maps.Keys(of.Properties)) {
		field, at := of.Properties[name], path+"."+name
		row(at, field)
		if !foreign.MatchString(at) {
			rows(field, at, row)
			if field.Items != nil {
				rows(field.Items, at, row)
			}
			if field.Values != nil {
				rows(field.Values, at+".NAME", row)
			}
		}
	}
}

var saysDefault = regexp.MustCompile(`\s*Default: ([^.]*(?:\.[^ .][^.]*)*)\.`)

// kindOf is the type of a field, and its limits.
func kindOf(field *schema) string {
	kind := field.Type
	if kind == "array" && field.Items != nil && field.Items.Type != "" {
		kind = "list of " + field.Items.Type + "s"
	}
	var limits []string
	for _, value := range field.Enum {
		limits = append(limits, fmt.Sprintf("`%v`", value))
	}
	if len(limits) > 0 {
		return strings.Join(limits, ", ")
	}
	switch {
	case field.Minimum != nil && field.Maximum != nil:
		kind += fmt.Sprintf(", %.0f to %.0f", *field.Minimum, *field.Maximum)
	case field.Minimum != nil:
		kind += fmt.Sprintf(", %.0f or more", *field.Minimum)
	case field.Maximum != nil:
		kind += fmt.Sprintf(", at most %.0f", *field.Maximum)
	}
	for _, limit := range []struct {
		most *int64
		of   string
	}{{field.MaxLength, "characters"}, {field.MaxItems, "items"}, {field.MaxProps, "keys"}} {
		if limit.most != nil {
			kind += fmt.Sprintf(", at most %d %s", *limit.most, limit.of)
		}
	}
	return kind
}

// cell is a text in a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// reference is the table of a part of a kind.
func reference(t *testing.T, of *schema, part string, changes bool) string {
	var b strings.Builder
	b.WriteString("| field | type | default | what it is |")
	if changes {
		b.WriteString(" a change |")
	}
	b.WriteString("\n|---|---|---|---|")
	if changes {
		b.WriteString("---|")
	}
	b.WriteString("\n")
	rows(of.Properties[part], part, func(path string, field *schema) {
		text, without := field.Description, ""
		if found := saysDefault.FindStringSubmatch(strings.Join(strings.Fields(text), " ")); found != nil {
			text = saysDefault.ReplaceAllString(strings.Join(strings.Fields(text), " "), "")
			without = found[1]
		}
		if field.Default != nil && without == "" {
			without = fmt.Sprintf("`%v`", field.Default)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |", path, kindOf(field), cell(without), cell(text))
		if changes {
			does := effectOf(t, path)
			if len(field.Properties) > 0 && !foreign.MatchString(path) {
				does = "" // its fields say it
			}
			fmt.Fprintf(&b, " %s |", does)
		}
		b.WriteString("\n")
	})
	return b.String()
}

const madeFrom = "<!-- made from the CRD by make golden -->\n"

// The pages of the reference are those that the CRDs give.
func TestTheReference(t *testing.T) {
	topology, cluster := crdOf(t, "stormtopologies"), crdOf(t, "stormclusters")
	for file, text := range map[string]string{
		"reference/stormtopology.md": "# StormTopology: spec\n\n" + madeFrom + `
` + cell(topology.Description) + ` The column "a change" says what happens to a topology that runs. Parts of Kubernetes' own types, such as an affinity, are not listed: ` + "`kubectl explain stormtopology.spec --recursive`" + ` has them. [Status](status.md) has what Stormhooks writes.

` + reference(t, topology, "spec", true),
		"reference/stormcluster.md": "# StormCluster: spec\n\n" + madeFrom + `
` + cell(cluster.Description) + ` A change restarts no topology: it takes effect at the next call to Storm, or at the next submission.

` + reference(t, cluster, "spec", false) + "\n## status\n\n" + reference(t, cluster, "status", false),
	} {
		testkit.Golden(t, file, []byte(text))
	}
}

// The fields of the status are in its page, and no others.
func TestTheStatusIsWhole(t *testing.T) {
	page := read(t, "reference/status.md")
	known := crdOf(t, "stormtopologies").Properties["status"].Properties
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-zA-Z]+)` \\|").FindAllStringSubmatch(page, -1) {
		listed[row[1]] = true
		if known[row[1]] == nil {
			t.Errorf("reference/status.md lists %s, which the status does not have", row[1])
		}
	}
	for name := range known {
		if !listed[name] {
			t.Errorf("reference/status.md has no row for %s", name)
		}
	}
	for _, phase := range crdOf(t, "stormtopologies").Properties["status"].Properties["phase"].Enum {
		if !strings.Contains(page, fmt.Sprintf("| %v |", phase)) {
			t.Errorf("reference/status.md has no row for the phase %v", phase)
		}
	}
}

// Each annotation has a section.
func TestTheAnnotationsAreWhole(t *testing.T) {
	page := read(t, "reference/annotations.md")
	names := regexp.MustCompile(`Group \+ "(/[a-zA-Z-]+)"`).FindAllStringSubmatch(read(t, "../pkg/api/v1beta1/annotations.go"), -1)
	if len(names) < 5 {
		t.Fatalf("found only %v", names)
	}
	for _, name := range names {
		if !strings.Contains(page, "\n## storm.apache.org"+name[1]+"\n") {
			t.Errorf("reference/annotations.md has no section for storm.apache.org%s", name[1])
		}
	}
}

// The state chart has every phase, and no other state.
func TestTheStateChartHasThePhases(t *testing.T) {
	_, chart, _ := strings.Cut(read(t, "reference/status.md"), "stateDiagram-v2")
	chart, _, _ = strings.Cut(chart, "```")
	drawn := map[string]bool{}
	for _, arrow := range regexp.MustCompile(`(?m)^  (\S+) --> ([^:\s]+)`).FindAllStringSubmatch(chart, -1) {
		drawn[arrow[1]], drawn[arrow[2]] = true, true
	}
	delete(drawn, "[*]")
	phases := map[string]bool{}
	for _, phase := range crdOf(t, "stormtopologies").Properties["status"].Properties["phase"].Enum {
		if name := fmt.Sprint(phase); name != "" {
			phases[name] = true
		}
	}
	if !maps.Equal(drawn, phases) {
		t.Errorf("the chart has the states %v, the API the phases %v", slices.Sorted(maps.Keys(drawn)), slices.Sorted(maps.Keys(phases)))
	}
}

// The time line of an update is the same on each page, and its part of Stormhooks is the
// one that was measured.
func TestTheTimeLineOfAnUpdate(t *testing.T) {
	drawn := regexp.MustCompile("(?s)```mermaid\n---\ndisplayMode: compact\n---\ngantt\n.*?```")
	line := drawn.FindString(read(t, "topologies.md"))
	if line == "" {
		t.Fatal("topologies.md has no time line")
	}
	for _, page := range []string{"../README.md", "why.md"} {
		if got := drawn.FindString(read(t, page)); got != line {
			t.Errorf("%s does not have the time line of topologies.md, but:\n%s", page, got)
		}
	}
	measured := regexp.MustCompile(`\| another image in the object \|.* \| (\d+) ms \|`).FindStringSubmatch(read(t, "../e2e/bench/RESULTS.md"))
	if measured == nil {
		t.Fatal("RESULTS.md has no gap of an update")
	}
	ms, err := strconv.Atoi(measured[1])
	if want := fmt.Sprintf("submit, after %.1f s", float64(ms)/1000); err != nil || !strings.Contains(line, want) {
		t.Errorf("the time line does not say %q (%v):\n%s", want, err, line)
	}
}

// The price in time that the page for the decision names is the one that was measured.
func TestTheTimeToReady(t *testing.T) {
	_, ready, found := strings.Cut(read(t, "../e2e/bench/RESULTS.md"), "<!-- figure: ready -->")
	ready, _, _ = strings.Cut(ready, "<!-- figure:")
	rows := regexp.MustCompile(`(?m)^\| (image-volume|init-container|copy) \|.* \| ([\d.]+) \| [^|]* \|$`).FindAllStringSubmatch(ready, -1)
	if !found || len(rows) != 3 {
		t.Fatalf("RESULTS.md has %d modes in the figure ready, want 3", len(rows))
	}
	page := read(t, "why.md")
	for _, row := range rows {
		if want := fmt.Sprintf("%s times in mode `%s`", row[2], row[1]); !strings.Contains(page, want) {
			t.Errorf("why.md does not say %q", want)
		}
	}
}
