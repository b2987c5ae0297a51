package standin

import (
	"context"
	"log/slog"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// store is a real API server. Its caches are shared by all controllers, start when
// they are first asked for and run until the process ends.
type store struct {
	*resources
	client dynamic.Interface
	events recorder
	resync time.Duration                     // of every cache
	notify func(context.Context, loop.Event) // told of every movement of a cache
	ctx    context.Context                   // of the caches
	mu     sync.Mutex
	caches map[schema.GroupVersionResource]*cached
}

func newCaches() map[schema.GroupVersionResource]*cached {
	return map[schema.GroupVersionResource]*cached{}
}

func (s *store) resource(r loop.Resource, namespace string) dynamic.ResourceInterface {
	if !r.Namespaced || namespace == "" {
		return s.client.Resource(r.GroupVersionResource)
	}
	return s.client.Resource(r.GroupVersionResource).Namespace(namespace)
}

// Get implements loop.Store.
func (s *store) Get(ctx context.Context, r loop.Resource, namespace, name string) (*unstructured.Unstructured, error) {
	return s.resource(r, namespace).Get(ctx, name, metav1.GetOptions{})
}

// Create implements loop.Store.
func (s *store) Create(ctx context.Context, r loop.Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.resource(r, object.GetNamespace()).Create(ctx, object, metav1.CreateOptions{})
}

// Update implements loop.Store.
func (s *store) Update(ctx context.Context, r loop.Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.resource(r, object.GetNamespace()).Update(ctx, object, metav1.UpdateOptions{})
}

// UpdateStatus implements loop.Store.
func (s *store) UpdateStatus(ctx context.Context, r loop.Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.resource(r, object.GetNamespace()).UpdateStatus(ctx, object, metav1.UpdateOptions{})
}

// Delete implements loop.Store.
func (s *store) Delete(ctx context.Context, r loop.Resource, namespace, name string, options metav1.DeleteOptions) error {
	return s.resource(r, namespace).Delete(ctx, name, options)
}

// Record implements loop.Store.
func (s *store) Record(about *unstructured.Unstructured, eventType, reason, message string) {
	s.events.Event(about, eventType, reason, message)
}

// Cache implements loop.Store.
func (s *store) Cache(r loop.Resource) loop.Cache {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.caches[r.GroupVersionResource]; c != nil {
		return c
	}
	return noCache{}
}

// Watch implements loop.Store.
func (s *store) Watch(r loop.Resource) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.caches[r.GroupVersionResource] != nil {
		return nil
	}
	informer := cache.NewSharedIndexInformer(listWatch(s.client.Resource(r.GroupVersionResource)),
		&unstructured.Unstructured{}, s.resync, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	if _, err := informer.AddEventHandler(s.handler(r)); err != nil {
		return err
	}
	s.caches[r.GroupVersionResource] = &cached{informer}
	slog.Info("watching", "resource", r.GroupVersionResource.String())
	go informer.RunWithContext(s.ctx)
	return nil
}

func listWatch(client dynamic.ResourceInterface) cache.ListerWatcher {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return client.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return client.Watch(ctx, options)
		},
	}
}

// handler turns an informer's calls into the loop's events. One goroutine of the
// informer makes them, one after the other; the cache may be ahead of them.
func (s *store) handler(r loop.Resource) cache.ResourceEventHandler {
	tell := func(old, current any) {
		event := loop.Event{Resource: r, Old: asObject(old), New: asObject(current)}
		if event.Old != nil || event.New != nil {
			s.notify(s.ctx, event)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { tell(nil, object) },
		UpdateFunc: func(old, current any) { tell(old, current) },
		DeleteFunc: func(object any) { tell(object, nil) },
	}
}

func asObject(value any) *unstructured.Unstructured {
	if missed, ok := value.(cache.DeletedFinalStateUnknown); ok {
		value = missed.Obj
	}
	object, _ := value.(*unstructured.Unstructured)
	return object
}

// cached is an informer as a loop.Cache.
type cached struct{ informer cache.SharedIndexInformer }

func (c *cached) Synced() bool { return c.informer.HasSynced() }

func (c *cached) Get(namespace, name string) *unstructured.Unstructured {
	key := name
	if namespace != "" {
		key = namespace + "/" + name
	}
	value, _, err := c.informer.GetIndexer().GetByKey(key)
	if err != nil {
		return nil
	}
	return asObject(value)
}

func (c *cached) List(namespace string) []*unstructured.Unstructured {
	values := c.informer.GetIndexer().List()
	if namespace != "" {
		values, _ = c.informer.GetIndexer().ByIndex(cache.NamespaceIndex, namespace)
	}
	var list []*unstructured.Unstructured
	for _, value := range values {
		if object := asObject(value); object != nil {
			list = append(list, object)
		}
	}
	return list
}

// noCache is the cache of a resource that nobody watches.
type noCache struct{}

func (noCache) Synced() bool                                  { return false }
func (noCache) Get(string, string) *unstructured.Unstructured { return nil }
func (noCache) List(string) []*unstructured.Unstructured      { return nil }
