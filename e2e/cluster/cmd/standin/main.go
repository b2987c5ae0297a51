// Command standin runs Metacontroller's CompositeController loop where there is no
// image of Metacontroller: a pod of the test cluster, or a process beside any API
// server. Its flags are Metacontroller's own where they mean the same.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	loop "github.com/stormhooks/stormhooks/e2e/standin"

	"github.com/stormhooks/stormhooks/e2e/cluster/standin"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run() error {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file; in a pod none is needed")
	qps := flag.Float64("client-go-qps", 5, "live calls to the API server a second, for all controllers together")
	burst := flag.Int("client-go-burst", 10, "how many of them may come at once")
	metrics := flag.String("metrics-address", ":9999", "address of /metrics; 0 for none")
	health := flag.String("health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 for none")
	verbosity := flag.Int("zap-log-level", 0, "6 and more log the bodies of all hook calls")
	eventsQPS := flag.Float64("events-qps", 1./300., "Events a second about one object")
	var options standin.Options
	flag.IntVar(&options.Workers, "workers", 5, "workers of each controller")
	flag.IntVar(&options.EventsBurst, "events-burst", 25, "Events about one object that may come at once")
	flag.DurationVar(&options.CacheFlush, "cache-flush-interval", 30*time.Minute, "how often every parent is synced again")
	flag.DurationVar(&options.DiscoveryInterval, "discovery-interval", 5*time.Second, "how soon an unknown resource is looked for again")
	flag.StringVar(&options.RecordDir, "record-dir", "", "folder for the bodies of all hook calls, a file each")
	flag.Parse()
	options.EventsQPS = float32(*eventsQPS)
	options.LogBodies = *verbosity >= 6
	options.Crash = func(c *loop.Crash) {
		slog.Error("ended, as Metacontroller would be", "err", c)
		os.Exit(2)
	}

	config, err := configOf(*kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = float32(*qps), *burst
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	manager, err := standin.New(ctx, config, options)
	if err != nil {
		return err
	}
	serve(*metrics, map[string]http.Handler{"/metrics": manager.Metrics()})
	fine := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	serve(*health, map[string]http.Handler{"/healthz": fine, "/readyz": fine})
	slog.Info("the stand-in for Metacontroller runs", "qps", *qps, "burst", *burst, "workers", options.Workers)
	return manager.Run()
}

func configOf(kubeconfig string) (*rest.Config, error) {
	if kubeconfig != "" {
		return clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, fmt.Errorf("this is not a pod with a service account (%w). Give --kubeconfig", err)
	}
	return config, nil
}

func serve(address string, routes map[string]http.Handler) {
	if address == "0" {
		return
	}
	mux := http.NewServeMux()
	for path, handler := range routes {
		mux.Handle(path, handler)
	}
	go func() {
		server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
		slog.Error("serving", "address", address, "err", server.ListenAndServe())
	}()
}
