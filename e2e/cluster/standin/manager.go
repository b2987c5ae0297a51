package standin

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// Options are the flags of Metacontroller that matter here, and those of the stand-in.
type Options struct {
	Workers           int
	EventsQPS         float32
	EventsBurst       int
	CacheFlush        time.Duration
	DiscoveryInterval time.Duration
	RecordDir         string // hook bodies go there, "" for none
	LogBodies         bool
	Crash             func(*loop.Crash) // where Metacontroller's process would end
}

// Manager runs a controller for each CompositeController object.
type Manager struct {
	options Options
	ctx     context.Context
	store   *store
	count   *counters

	mu      sync.RWMutex
	running map[string]*running // by name
	failed  map[string]failure  // those that could not be started
	wake    chan struct{}
}

type failure struct {
	object *unstructured.Unstructured
	retry  time.Time
	delay  time.Duration
}

// managerName subscribes to CompositeControllers; no object has this name.
const managerName = ""

const (
	firstRetry = time.Second
	maxRetry   = 30 * time.Second
)

// New prepares a manager; Run sets it to work. config's QPS and Burst are the limit
// of all live calls together, lists and watches included.
func New(ctx context.Context, config *rest.Config, options Options) (*Manager, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	discover, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a discovery client: %w", err)
	}
	eventClient, err := dynamic.NewForConfig(config) // a limit of its own, as in Metacontroller
	if err != nil {
		return nil, fmt.Errorf("making a client for events: %w", err)
	}
	m := &Manager{options: options, ctx: ctx, count: newCounters(), running: map[string]*running{}, failed: map[string]failure{}, wake: make(chan struct{}, 1)}
	m.store = &store{
		resources: newResources(discover, options.DiscoveryInterval),
		client:    client,
		events:    newRecorder(eventClient, options.EventsQPS, options.EventsBurst),
		resync:    options.CacheFlush,
		notify:    m.notify,
		ctx:       ctx,
		caches:    newCaches(),
	}
	return m, nil
}

// Metrics serves the counters.
func (m *Manager) Metrics() http.Handler { return m.count }

// Run starts, restarts and stops controllers as CompositeControllers come, change
// and go, until the context ends. It waits for their CRD.
func (m *Manager) Run() error {
	controllers, err := m.store.Resource("metacontroller.k8s.io/v1alpha1", "compositecontrollers")
	for err != nil {
		slog.Info("waiting for the CRD of CompositeController", "err", err)
		if !sleep(m.ctx, firstRetry) {
			return nil
		}
		controllers, err = m.store.Resource("metacontroller.k8s.io/v1alpha1", "compositecontrollers")
	}
	if err := m.store.watch(controllers, managerName); err != nil {
		return err
	}
	for m.ctx.Err() == nil {
		// The last event of the first list comes before the cache calls itself synced.
		again := time.After(cachePoll)
		if cache := m.store.Cache(controllers); cache.Synced() {
			again = m.reconcile(cache.List(""))
		}
		select {
		case <-m.ctx.Done():
		case <-m.wake:
		case <-again:
		}
	}
	for _, r := range m.running {
		r.stop()
		r.done.Wait()
	}
	return nil
}

// notify hands a movement of a cache to every controller, one after the other.
func (m *Manager) notify(ctx context.Context, event loop.Event) {
	if event.Resource.Kind == "CompositeController" {
		select {
		case m.wake <- struct{}{}:
		default:
		}
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, r := range m.running {
		r.controller.Handle(ctx, event)
	}
}

// reconcile makes the running controllers those of the given objects: one whose
// spec differs is stopped and started again; labels and annotations change nothing.
// It returns when to look again for the sake of those that could not be started.
func (m *Manager) reconcile(objects []*unstructured.Unstructured) <-chan time.Time {
	named := map[string]bool{}
	for _, object := range objects {
		named[object.GetName()] = true
		m.reconcileOne(object)
	}
	for name := range m.running {
		if !named[name] {
			m.halt(name)
		}
	}
	var next time.Duration
	for name, f := range m.failed {
		if !named[name] {
			delete(m.failed, name)
			continue
		}
		if d := max(time.Until(f.retry), time.Millisecond); next == 0 || d < next {
			next = d
		}
	}
	if next == 0 {
		return nil
	}
	return time.After(next)
}

func (m *Manager) reconcileOne(object *unstructured.Unstructured) {
	name := object.GetName()
	if r := m.running[name]; r != nil {
		if reflect.DeepEqual(r.object.Object["spec"], object.Object["spec"]) {
			return
		}
		m.halt(name)
	}
	last := m.failed[name]
	changed := last.object == nil || !reflect.DeepEqual(last.object.Object["spec"], object.Object["spec"])
	if !changed && time.Now().Before(last.retry) {
		return
	}
	err := m.launch(object)
	if err == nil {
		delete(m.failed, name)
		slog.Info("started", "controller", name)
		m.store.Record(object, "Normal", "Started", "Started controller: "+name)
		return
	}
	delay := firstRetry
	if !changed {
		delay = min(2*last.delay, maxRetry)
	}
	m.failed[name] = failure{object, time.Now().Add(delay), delay}
	slog.Warn("cannot start", "controller", name, "err", err)
	m.store.Record(object, "Warning", "CreateError", "Cannot create new controller: "+err.Error())
}

func (m *Manager) launch(object *unstructured.Unstructured) error {
	manifest, err := loop.FromObject(object)
	if err != nil {
		return err
	}
	parent, err := m.store.Resource(manifest.Spec.ParentResource.APIVersion, manifest.Spec.ParentResource.Resource)
	if err != nil {
		return err
	}
	if !m.store.hasStatus(parent) {
		return fmt.Errorf("CRD of %s has no status subresource. Add it", parent.Resource)
	}
	client, err := m.callers(manifest.Spec.EndpointConfigs)
	if err != nil {
		return err
	}
	r, err := m.start(manifest, object, hooks(client, m.count, m.options.RecordDir, m.options.LogBodies))
	if err != nil {
		m.store.unsubscribe(manifest.Name)
		return err
	}
	m.mu.Lock()
	m.running[manifest.Name] = r
	m.mu.Unlock()
	return nil
}

func (m *Manager) halt(name string) {
	r := m.running[name]
	m.mu.Lock()
	delete(m.running, name)
	m.mu.Unlock()
	r.stop()
	r.done.Wait()
	m.store.unsubscribe(name)
	slog.Info("stopped", "controller", name)
}
