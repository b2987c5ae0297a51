package hooks

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics count what the hooks were asked, how long that took and what was
// decided. No label holds an object's name: there may be thousands.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	size     *prometheus.HistogramVec
	decided  *prometheus.CounterVec
}

// NewMetrics makes the metrics, in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormhooks_hook_calls_total",
			Help: "Hook calls by hook and status code.",
		}, []string{"hook", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "stormhooks_hook_duration_seconds",
			Help:    "How long a hook took to answer, Storm's answers included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"hook"}),
		size: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "stormhooks_hook_request_bytes",
			Help:    "Size of the request of a hook call.",
			Buckets: prometheus.ExponentialBuckets(1<<10, 4, 7),
		}, []string{"hook"}),
		decided: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormhooks_decisions_total",
			Help: "Decisions by hook, by the rule that decided, and by the reason of the condition Ready.",
		}, []string{"hook", "rule", "reason"}),
	}
	m.registry.MustRegister(m.calls, m.duration, m.size, m.decided,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Decided counts a decision. Rule and reason are names out of the code, never
// text that a user or Storm wrote.
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
