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

// store is a real API server. Its caches are shared by all controllers; one starts
// at its first use and stops with the last controller that used it, so
// that a controller that starts alone sees every object come, as in Metacontroller.
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

// subscriber is the store of one controller.
type subscriber struct {
	*store
	name string
}

// Watch implements loop.Store.
func (s subscriber) Watch(r loop.Resource) error { return s.watch(r, s.name) }

func (s *store) watch(r loop.Resource, subscriber string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.caches[r.GroupVersionResource]; c != nil {
		c.subscribers[subscriber] = true
		return nil
	}
	informer := cache.NewSharedIndexInformer(listWatch(s.client.Resource(r.GroupVersionResource)),
		&unstructured.Unstructured{}, s.resync, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	if _, err := informer.AddEventHandler(s.handler(r)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(s.ctx)
	s.caches[r.GroupVersionResource] = &cached{informer: informer, stop: stop, subscribers: map[string]bool{subscriber: true}}
	slog.Info("watching", "resource", r.GroupVersionResource.String())
	go informer.RunWithContext(ctx)
	return nil
}

// unsubscribe ends the caches without another user.
func (s *store) unsubscribe(subscriber string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r, c := range s.caches {
		delete(c.subscribers, subscriber)
		if len(c.subscribers) == 0 {
			c.stop()
			delete(s.caches, r)
			slog.Info("no longer watching", "resource", r.String())
		}
	}
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
type cached struct {
	informer    cache.SharedIndexInformer
	stop        context.CancelFunc
	subscribers map[string]bool // names of controllers; guarded by the store's mu
}

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

// noCache is the cache of a resource that is not watched.
type noCache struct{}

func (noCache) Synced() bool                                  { return false }
func (noCache) Get(string, string) *unstructured.Unstructured { return nil }
func (noCache) List(string) []*unstructured.Unstructured      { return nil }
