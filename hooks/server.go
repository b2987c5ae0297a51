package hooks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// Calls are the hooks. Each takes the body of a call and returns the body of the
// answer. An error that wraps metacontroller.ErrBadRequest means that the body is
// not a hook request; any other is a bug of Stormhooks.
type Calls interface {
	TopologyCustomize(ctx context.Context, body []byte) ([]byte, error)
	ClusterCustomize(ctx context.Context, body []byte) ([]byte, error)
	// A StormTopology is sent all its pods, also those that another program keeps, and a
	// StormCluster that is deleted every StormTopology of its namespace.
	TopologySync(ctx context.Context, body io.Reader) ([]byte, error)
	TopologyFinalize(ctx context.Context, body io.Reader) ([]byte, error)
	ClusterSync(ctx context.Context, body io.Reader) ([]byte, error)
	ClusterFinalize(ctx context.Context, body io.Reader) ([]byte, error)
}

// route is one hook. Its name is its path and its label in the metrics.
type route struct {
	name string
	// most is the size of a body that is read.
	most int64
	call func(Calls, context.Context, io.Reader) ([]byte, error)
}

// routes are the hooks of both controllers.
var routes = []route{
	{"topology/customize", maxBody, whole(Calls.TopologyCustomize)},
	{"topology/sync", maxStream, Calls.TopologySync},
	{"topology/finalize", maxStream, Calls.TopologyFinalize},
	{"cluster/customize", maxBody, whole(Calls.ClusterCustomize)},
	{"cluster/sync", maxStream, Calls.ClusterSync},
	{"cluster/finalize", maxStream, Calls.ClusterFinalize},
}

// Limits of the server. Metacontroller has five workers for each of the two
// controllers, and gives up a call after the 10 s of manifests/install. Its
// requests had 5 to 27 KB.
//
//	storms.Longest < callTime < those 10 s;  lameTime + drainTime < the grace period
const (
	// maxBody is the size of a body that is read whole. maxStream is for one that is read
	// as it arrives and not kept: to read so much takes longer than a call may.
	maxBody   = 8 << 20
	maxStream = 2 << 30
	maxHeader = 32 << 10
	maxCalls  = 32
	// A body over largeBody takes many times its size once it is decoded, as a spec
	// at the limit of etcd does. Only maxLarge of them are accepted at once.
	largeBody  = 1 << 20
	maxLarge   = 2
	callTime   = 9 * time.Second
	readTime   = 10 * time.Second
	writeTime  = 20 * time.Second
	idleTime   = 2 * time.Minute
	lameTime   = 3 * time.Second
	drainTime  = 17 * time.Second
	retryAfter = time.Second
)

// Server answers Metacontroller.
type Server struct {
	calls    Calls
	metrics  *Metrics
	log      *slog.Logger
	stopping atomic.Bool
	// Door admits callers; nil admits all, by plain HTTP.
	Door  *Door
	lame  time.Duration
	drain time.Duration
}

// NewServer creates a server of the hooks. It does nothing until Serve.
func NewServer(calls Calls, metrics *Metrics, log *slog.Logger) *Server {
	return &Server{
		calls:   calls,
		metrics: metrics,
		log:     log,
		lame:    lameTime,
		drain:   drainTime,
	}
}

// Handler is the route table, and so the documentation of the routes.
func (s *Server) Handler() http.Handler {
	router := chi.NewRouter()
	router.Group(func(hooks chi.Router) {
		hooks.Use(middleware.RequestLogger(s), s.admitted, atOnce(maxCalls), large(atOnce(maxLarge)), middleware.Recoverer)
		for _, route := range routes {
			hooks.With(middleware.RequestSize(route.most)).Post("/"+route.name, s.hook(route))
		}
	})
	router.Get("/healthz", s.healthz)
	router.Get("/readyz", s.readyz)
	router.Get("/metrics", s.metrics.Handler().ServeHTTP)
	router.NotFound(func(w http.ResponseWriter, _ *http.Request) { respondError(w, errNoRoute) })
	router.MethodNotAllowed(func(w http.ResponseWriter, _ *http.Request) { respondError(w, errMethod) })
	return router
}

// Serve answers on the listener until the context ends, then stops gracefully:
// first readiness fails and new calls are answered with 429, then running calls
// get their time.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler(),
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: readTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		Protocols:         new(http.Protocols),
	}
	server.Protocols.SetHTTP1(true) // Metacontroller needs no more, and a stop can close its connections
	if config := s.Door.tls(); config != nil {
		listener = tls.NewListener(listener, config)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	s.log.Info("serving hooks", "address", listener.Addr().String(), "tls", s.Door.tls() != nil)
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	return s.stop(server)
}

func (s *Server) stop(server *http.Server) error {
	s.log.Info("stopping: new calls are answered with 429, running calls are finished")
	s.stopping.Store(true)
	// Metacontroller keeps its connections, and kube-proxy needs a moment to send
	// new ones to another pod. A refused connection would be retried with a growing
	// backoff, a 429 is not.
	time.Sleep(s.lame)
	drain, cancel := context.WithTimeout(context.Background(), s.drain)
	defer cancel()
	err := server.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("calls were still running after %s and were cut off", s.lame+s.drain)
	}
	return err
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { respondText(w, "ok") }

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if s.stopping.Load() {
		respondError(w, errNotReady)
		return
	}
	respondText(w, "ok")
}
