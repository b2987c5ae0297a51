package hooks

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Metrics count the calls of the hooks, their duration, the decisions, and the
// looks and calls at Storm. No label has an object's name: there may be thousands.
// manifests/monitoring uses them.
type Metrics struct {
	registry   *prometheus.Registry
	calls      *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	size       *prometheus.HistogramVec
	decided    *prometheus.CounterVec
	looks      *prometheus.CounterVec
	stormCalls *prometheus.CounterVec
	built      *prometheus.GaugeVec
}

// Each route with each of these codes has the value 0 from the start: the rate of what
// has not happened yet is then 0 and not absent, and alerts see the first time.
var codes = []int{http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusInternalServerError}

// NewMetrics creates the metrics, in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormhooks_hook_calls_total",
			Help: "Calls of Metacontroller, by hook and status code.",
		}, []string{"hook", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "stormhooks_hook_duration_seconds",
			Help:    "Duration of a call, including the time that Storm needs.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"hook"}),
		size: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "stormhooks_hook_request_bytes",
			Help:    "Size of a call's request.",
			Buckets: prometheus.ExponentialBuckets(1<<10, 4, 7),
		}, []string{"hook"}),
		decided: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormhooks_decisions_total",
			Help: "Decisions, by the rule that decided and by the reason of the condition Ready.",
		}, []string{"hook", "rule", "reason"}),
		looks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormhooks_storm_looks_total",
			Help: "Checks of a Storm, many of them from a cache of a few seconds, by whether it answered.",
		}, []string{"result"}),
		stormCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormhooks_storm_calls_total",
			Help: "Calls that change something in a Storm, by verb and result.",
		}, []string{"verb", "result"}),
		built: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "stormhooks_build_info",
			Help: "Versions of this server and of Go; always 1.",
		}, []string{"version", "goversion"}),
	}
	m.initialise()
	m.registry.MustRegister(m.calls, m.duration, m.size, m.decided, m.looks, m.stormCalls, m.built,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) initialise() {
	for _, route := range routes {
		for _, code := range codes {
			m.calls.WithLabelValues(route.name, strconv.Itoa(code))
		}
	}
	for _, result := range []string{answered, silent} {
		m.looks.WithLabelValues(result)
	}
	for _, verb := range []storm.Verb{storm.Kill, storm.Activate, storm.Deactivate, storm.Rebalance, storm.Forget} {
		for _, result := range []string{done, failed} {
			m.stormCalls.WithLabelValues(string(verb), result)
		}
	}
}

// Built says which version this is.
func (m *Metrics) Built(version string) {
	m.built.WithLabelValues(version, runtime.Version()).Set(1)
}

// The results of looks and calls.
const (
	answered = "answered"
	silent   = "silent"
	done     = "done"
	failed   = "failed"
)

// looked counts a look at a Storm.
func (m *Metrics) looked(problem string) {
	m.looks.WithLabelValues(result(problem, answered, silent)).Inc()
}

// calledStorm counts a call that changes something in a Storm.
func (m *Metrics) calledStorm(verb storm.Verb, problem string) {
	m.stormCalls.WithLabelValues(string(verb), result(problem, done, failed)).Inc()
}

func result(problem, good, bad string) string {
	if problem == "" {
		return good
	}
	return bad
}

// Decided counts a decision. Rule and reason are names from the code, never text
// of a user or of Storm.
func (m *Metrics) Decided(hook, rule, reason string) {
	m.decided.WithLabelValues(hook, rule, reason).Inc()
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) answered(hook string, code, bytes int, took time.Duration) {
	m.calls.WithLabelValues(hook, strconv.Itoa(code)).Inc()
	m.duration.WithLabelValues(hook).Observe(took.Seconds())
	m.size.WithLabelValues(hook).Observe(float64(bytes))
}
