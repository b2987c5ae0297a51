package thousands

import (
	"context"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// store is standin.Memory for several goroutines. Its lists and objects are never
// changed once they were handed out.
type store struct {
	mu     sync.Mutex
	memory *standin.Memory
	// moved gets a value after a write: a cache is behind.
	moved chan struct{}
}

// locked uses the memory, and wakes whoever moves the caches.
func (s *store) locked(use func(*standin.Memory)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	use(s.memory)
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

// advance moves each cache that is behind by one event.
func (s *store) advance() (events []standin.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range s.memory.Behind() {
		if event, moved := s.memory.Advance(resource); moved {
			events = append(events, event)
		}
	}
	return events
}

func (s *store) list(kind standin.Kind, namespace string) (objects []*unstructured.Unstructured) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory.List(kind.Resource, namespace)
}

// Resource implements standin.Store.
func (s *store) Resource(apiVersion, resource string) (standin.Resource, error) {
	return s.memory.Resource(apiVersion, resource)
}

// Kind implements standin.Store.
func (s *store) Kind(apiVersion, kind string) (standin.Resource, error) {
	return s.memory.Kind(apiVersion, kind)
}

// Watch implements standin.Store.
func (s *store) Watch(r standin.Resource) error { return s.memory.Watch(r) }

// Get implements standin.Store.
func (s *store) Get(ctx context.Context, r standin.Resource, namespace, name string) (*unstructured.Unstructured, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory.Get(ctx, r, namespace, name)
}

// Create implements standin.Store.
func (s *store) Create(ctx context.Context, r standin.Resource, object *unstructured.Unstructured) (created *unstructured.Unstructured, err error) {
	s.locked(func(m *standin.Memory) { created, err = m.Create(ctx, r, object) })
	return created, err
}

// Update implements standin.Store.
func (s *store) Update(ctx context.Context, r standin.Resource, object *unstructured.Unstructured) (updated *unstructured.Unstructured, err error) {
	s.locked(func(m *standin.Memory) { updated, err = m.Update(ctx, r, object) })
	return updated, err
}

// UpdateStatus implements standin.Store.
func (s *store) UpdateStatus(ctx context.Context, r standin.Resource, object *unstructured.Unstructured) (updated *unstructured.Unstructured, err error) {
	s.locked(func(m *standin.Memory) { updated, err = m.UpdateStatus(ctx, r, object) })
	return updated, err
}

// Delete implements standin.Store.
func (s *store) Delete(ctx context.Context, r standin.Resource, namespace, name string, options metav1.DeleteOptions) (err error) {
	s.locked(func(m *standin.Memory) { err = m.Delete(ctx, r, namespace, name, options) })
	return err
}

// Record implements standin.Store.
func (s *store) Record(about *unstructured.Unstructured, eventType, reason, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory.Record(about, eventType, reason, message)
}

// Cache implements standin.Store.
func (s *store) Cache(r standin.Resource) standin.Cache {
	return cache{&s.mu, s.memory.Cache(r).(indexed)}
}

// indexed is what a cache of standin.Memory has beside standin.Cache.
type indexed interface {
	standin.Cache
	Family(namespace string, owner types.UID) (owned, orphans []*unstructured.Unstructured)
	Labelled(namespace, label, value string) []*unstructured.Unstructured
}

type cache struct {
	mu *sync.Mutex
	of indexed
}

// Synced implements standin.Cache.
func (c cache) Synced() bool { return c.of.Synced() }

// Get implements standin.Cache.
func (c cache) Get(namespace, name string) *unstructured.Unstructured {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of.Get(namespace, name)
}

// List implements standin.Cache.
func (c cache) List(namespace string) []*unstructured.Unstructured {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of.List(namespace)
}

// Family lists what the owner controls, and what has no controller.
func (c cache) Family(namespace string, owner types.UID) (owned, orphans []*unstructured.Unstructured) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of.Family(namespace, owner)
}

// Labelled lists the objects of a namespace, or of all with "", whose label is value.
func (c cache) Labelled(namespace, label, value string) []*unstructured.Unstructured {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of.Labelled(namespace, label, value)
}
