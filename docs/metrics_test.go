package docs_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/hooks"
)

// The page of the metrics has what a running server serves, and what
// kube-state-metrics reports on the objects.
func TestTheMetrics(t *testing.T) {
	server, others := served(t)
	for _, name := range others {
		if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("the server has the metric %s, which the page does not explain", name)
		}
	}
	testkit.Golden(t, "reference/metrics.md", []byte(`# Metrics

<!-- made from a running server and from kube-state-metrics.yaml by make golden -->

[Monitoring](../monitoring.md) says how to scrape them, and which alerts there are.

## Of the hook server

`+"`/metrics`"+` of each server. No label contains the name of an object, since there may be thousands.

| metric | type | labels | what it is |
|---|---|---|---|
`+server+`
The server also has the metrics of Go and of the process (`+"`go_…`, `process_…`"+`). Series of calls and checks exist from the start with 0, so that a rate includes the first one.

| label | values |
|---|---|
| `+"`hook`"+` | the path of the hook, such as `+"`topology/sync`"+` |
| `+"`code`"+` | the status code: 200 also for a topology with a problem. 413: an object, or one that belongs to it, has more than 4 MiB. 429: the server stops, is overloaded, or the call would wait too long for its Storm. 500: an internal error |
| `+"`rule`"+` | the rule that decided, as in [Design](../design.md) |
| `+"`reason`"+` | the reason of the condition Ready ([Troubleshooting](../troubleshooting.md)) |
| `+"`result`"+` | of a check: `+"`answered` or `silent`"+`. Of a call: `+"`done` or `failed`"+` |
| `+"`verb`"+` | kill, activate, deactivate, rebalance, or forget (blobs are deleted). Submissions happen in pods and are not counted here |
| `+"`version`, `goversion`"+` | of Stormhooks and of Go |

## Of the objects

kube-state-metrics makes them with [kube-state-metrics.yaml](../../manifests/monitoring/kube-state-metrics.yaml). All also have `+"`namespace`, and `topology` or `cluster`"+`. No label contains a message.

| metric | type | labels | what it is |
|---|---|---|---|
`+ofObjects(t)))
}

var (
	family = regexp.MustCompile(`(?m)^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$`)
	label  = regexp.MustCompile(`[{,]([a-z]+)=`)
)

// empty answers with an empty object.
type empty struct{ hooks.Calls }

func (empty) TopologySync(context.Context, io.Reader) ([]byte, error) { return []byte("{}"), nil }

// served are the rows of Stormhooks' metrics on a server that has answered a call, and the
// names of the others.
func served(t *testing.T) (rows string, others []string) {
	t.Helper()
	metrics := hooks.NewMetrics()
	metrics.Built("v0")
	metrics.Decided("topology/sync", "running", "Active")
	handler := hooks.NewServer(empty{}, metrics, slog.New(slog.DiscardHandler)).Handler()
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/topology/sync", strings.NewReader("{")))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text := answer.Body.String()
	for _, part := range family.FindAllStringSubmatch(text, -1) {
		name, help, kind := part[1], part[2], part[3]
		if !strings.HasPrefix(name, "stormhooks_") {
			others = append(others, name)
			continue
		}
		labels := map[string]bool{}
		for _, line := range regexp.MustCompile(`(?m)^`+name+`(?:_[a-z]+)?\{.*\}`).FindAllString(text, -1) {
			for _, found := range label.FindAllStringSubmatch(line, -1) {
				labels[found[1]] = found[1] != "le"
			}
		}
		maps.DeleteFunc(labels, func(_ string, counts bool) bool { return !counts })
		if len(labels) == 0 {
			t.Errorf("%s has no series", name)
		}
		rows += fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, kind, inCodes(slices.Sorted(maps.Keys(labels))), cell(help))
	}
	return rows, others
}

func inCodes(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// ofObjects are the rows of what kube-state-metrics makes.
func ofObjects(t *testing.T) (rows string) {
	t.Helper()
	type shape struct {
		LabelsFromPath map[string]any
		LabelName      string
	}
	var config struct {
		Spec struct {
			Resources []struct {
				MetricNamePrefix string
				Metrics          []struct {
					Name, Help string
					Each       struct {
						Type                  string
						Info, Gauge, StateSet shape
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../manifests/monitoring/kube-state-metrics.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	for _, resource := range config.Spec.Resources {
		for _, metric := range resource.Metrics {
			labels := slices.Collect(maps.Keys(metric.Each.Info.LabelsFromPath))
			labels = append(labels, slices.Collect(maps.Keys(metric.Each.Gauge.LabelsFromPath))...)
			if metric.Each.StateSet.LabelName != "" {
				labels = append(labels, metric.Each.StateSet.LabelName)
			}
			slices.Sort(labels)
			rows += fmt.Sprintf("| `%s_%s` | %s | %s | %s |\n", resource.MetricNamePrefix, metric.Name, strings.ToLower(metric.Each.Type), inCodes(labels), cell(metric.Help))
		}
	}
	return rows
}
