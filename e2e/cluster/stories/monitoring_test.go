package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// prometheus start | prometheus answers TIME: a real Prometheus that scrapes the
// hook server and kube-state-metrics; each query of manifests/monitoring is asked
// until it was answered with something, once.
//
// No package registry has kube-state-metrics: KUBE_STATE_METRICS=PATH
// names its binary. Without it the queries of its metrics are not asked, and the
// log says how many.
func (w *world) prometheus(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) == 1 && args[0] == "start":
		w.startPrometheus(ts)
	case !neg && len(args) == 2 && args[0] == "answers":
		limit, err := time.ParseDuration(args[1])
		ts.Check(err)
		w.askPrometheus(ts, limit)
	default:
		ts.Fatalf("usage: prometheus start | prometheus answers TIME")
	}
}

func (w *world) startPrometheus(ts *testscript.TestScript) {
	program, err := parts.Prometheus(context.Background())
	ts.Check(err)
	kubectl(ts, false, []string{"get", "service", "stormhooks", "-n", "stormhooks-system", "-o", "jsonpath={.spec.clusterIP}"})
	targets := map[string]string{"stormhooks": ts.ReadFile("stdout") + ":80"}
	if ksm := os.Getenv("KUBE_STATE_METRICS"); ksm != "" {
		port, telemetry := freePort(ts), freePort(ts)
		background(ts, ksm, "--kubeconfig="+place.Kubeconfig(), "--host=127.0.0.1", "--port="+port, "--telemetry-host=127.0.0.1", "--telemetry-port="+telemetry,
			"--custom-resource-state-only", "--custom-resource-state-config-file="+w.monitoring("kube-state-metrics.yaml"))
		targets["kube-state-metrics"] = "127.0.0.1:" + port
	}
	config := map[string]any{
		"global":     map[string]string{"scrape_interval": "2s", "evaluation_interval": "2s"},
		"rule_files": []string{w.monitoring("rules.yaml")},
	}
	var jobs []any
	for job, target := range targets {
		jobs = append(jobs, map[string]any{"job_name": job, "honor_labels": true, "static_configs": []any{map[string]any{"targets": []string{target}}}})
	}
	config["scrape_configs"] = jobs
	text, err := yaml.Marshal(config)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("prometheus.yml"), text, 0o644))
	address := "127.0.0.1:" + freePort(ts)
	background(ts, program, "--config.file="+ts.MkAbs("prometheus.yml"), "--storage.tsdb.path="+ts.MkAbs("tsdb"), "--web.listen-address="+address)
	ts.Setenv("PROMETHEUS", address)
}

func (w *world) monitoring(file string) string {
	return filepath.Join(w.checkout, "manifests", "monitoring", file)
}

// freePort is a port that was free a moment ago.
func freePort(ts *testscript.TestScript) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	return port
}

// background runs a program until the story ends; its log is shown if it fails.
func background(ts *testscript.TestScript, program string, args ...string) {
	path := ts.MkAbs(filepath.Base(program) + ".log")
	log, err := os.Create(path)
	ts.Check(err)
	command := exec.Command(program, args...)
	command.Stdout, command.Stderr = log, log
	ts.Check(command.Start())
	ts.Defer(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		log.Close()
	})
}

// query is one of a rule or a panel, as it is asked of a Prometheus alone: a rule
// without its comparison, a panel for all namespaces.
type query struct{ where, expr string }

func (w *world) queries(ts *testscript.TestScript) []query {
	var all []query
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	text, err := os.ReadFile(w.monitoring("rules.yaml"))
	ts.Check(err)
	ts.Check(yaml.Unmarshal(text, &rules))
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			lines := strings.Split(strings.TrimSpace(rule.Expr), "\n")
			all = append(all, query{"alert " + rule.Alert, strings.Join(lines[:len(lines)-1], "\n")})
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	text, err = os.ReadFile(w.monitoring("dashboard.json"))
	ts.Check(err)
	ts.Check(json.Unmarshal(text, &dashboard))
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			expr := strings.NewReplacer("$namespace", ".*", "$__rate_interval", "1m").Replace(target.Expr)
			all = append(all, query{"panel " + panel.Title, expr})
		}
	}
	return all
}

var ofObjects = regexp.MustCompile(`\bstorm_(topology|cluster)_`)

func (w *world) askPrometheus(ts *testscript.TestScript, limit time.Duration) {
	open := w.queries(ts)
	asked := len(open)
	if os.Getenv("KUBE_STATE_METRICS") == "" {
		open = slices.DeleteFunc(open, func(q query) bool { return ofObjects.MatchString(q.expr) })
		ts.Logf("figure: %d queries of kube-state-metrics' metrics are not asked: KUBE_STATE_METRICS names no binary", asked-len(open))
		asked = len(open)
	}
	end := time.Now().Add(limit)
	var wrong error
	for {
		open = slices.DeleteFunc(open, func(q query) bool {
			series, err := askOnce(ts.Getenv("PROMETHEUS"), q.expr)
			if err != nil {
				wrong = fmt.Errorf("%s: %w", q.where, err)
			}
			return series > 0
		})
		if len(open) == 0 {
			ts.Logf("figure: %d queries were answered, none with nothing", asked)
			return
		}
		if time.Now().After(end) {
			break
		}
		time.Sleep(time.Second)
	}
	for _, q := range open {
		ts.Logf("%s is empty: %s", q.where, q.expr)
	}
	ts.Fatalf("%d of %d queries are empty after %s; the last error: %v", len(open), asked, limit, wrong)
}

// askOnce is how many series a query has now. A value that is not a number (0/0, a
// quantile of nothing) does not count.
func askOnce(address, expr string) (int, error) {
	response, err := http.Get("http://" + address + "/api/v1/query?query=" + url.QueryEscape(expr))
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct{ Value []any }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, fmt.Errorf("%s", answer.Error)
	}
	numbers := 0
	for _, series := range answer.Data.Result {
		if len(series.Value) == 2 && series.Value[1] != "NaN" {
			numbers++
		}
	}
	return numbers, nil
}
