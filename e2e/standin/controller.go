package standin

import (
	"context"
	gojson "encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
)

// Options are what the loop takes from outside. The zero value of each is fine,
// but for Now.
type Options struct {
	// Now is the clock, virtual or real.
	Now func() time.Time
	// Sleep waits between the tries of one conflicting write; nil does not wait.
	Sleep func(time.Duration)
	// Direct is called before Hooks, if it is set.
	Direct Direct
	// Order permutes what Metacontroller takes in the random order of a map:
	// it returns a permutation of 0..n-1. nil keeps the order of names.
	Order func(n int) []int
	// Changed is called when the queue may have something new.
	Changed func()
	// Done gets the outcome of each sync, if it is set.
	Done func(key string, err error)
	// Crash is called where Metacontroller's process would end; nil panics.
	Crash func(*Crash)
}

// Crash is an answer that ends the real Metacontroller's process.
type Crash struct{ What string }

func (c *Crash) Error() string { return "Metacontroller would crash: " + c.What }

// Controller runs one CompositeController.
type Controller struct {
	cc        *CompositeController
	store     Store
	hooks     Hooks
	opts      Options
	queue     *Queue
	parent    Resource
	children  []Resource
	finalizer string
	customize customizer
	sent      gojson.RawMessage // the CompositeController as the hooks are sent it
	merged    *decoded
}

// New prepares a controller; Start sets it to work. It fails when discovery does
// not know a resource of the manifest yet.
func New(cc *CompositeController, store Store, hooks Hooks, opts Options) (*Controller, error) {
	c := &Controller{
		cc: cc, store: store, hooks: hooks, opts: opts,
		queue:     NewQueue(opts.Now, opts.Changed),
		finalizer: "metacontroller.io/compositecontroller-" + cc.Name,
		customize: newCustomizer(opts.Now),
		merged:    &decoded{},
	}
	var err error
	if c.sent, err = json.Marshal(cc.Object); err != nil {
		return nil, fmt.Errorf("CompositeController %q: %w", cc.Name, err)
	}
	if c.parent, err = store.Resource(cc.Spec.ParentResource.APIVersion, cc.Spec.ParentResource.Resource); err != nil {
		return nil, fmt.Errorf("CompositeController %q: parent: %w", cc.Name, err)
	}
	for _, rule := range cc.Spec.ChildResources {
		child, err := store.Resource(rule.APIVersion, rule.Resource)
		if err != nil {
			return nil, fmt.Errorf("CompositeController %q: child: %w", cc.Name, err)
		}
		c.children = append(c.children, child)
	}
	// Metacontroller always caches namespaces, for rules that select them.
	namespaces, err := store.Resource("v1", "namespaces")
	if err != nil {
		return nil, fmt.Errorf("CompositeController %q: %w", cc.Name, err)
	}
	for _, r := range append([]Resource{c.parent, namespaces}, c.children...) {
		if err := store.Watch(r); err != nil {
			return nil, fmt.Errorf("CompositeController %q: watching %s: %w", cc.Name, r.Resource, err)
		}
	}
	return c, nil
}

// Name is the CompositeController's.
func (c *Controller) Name() string { return c.cc.Name }

// Queue is the controller's own.
func (c *Controller) Queue() *Queue { return c.queue }

// Synced tells whether the caches of parent and children have their first list.
// Metacontroller's workers wait for that; related resources are waited for by retry.
func (c *Controller) Synced() bool {
	for _, r := range append([]Resource{c.parent}, c.children...) {
		if !c.store.Cache(r).Synced() {
			return false
		}
	}
	return true
}

// Start queues all parents that the cache holds, as a controller does that starts
// while the shared caches already run.
func (c *Controller) Start() {
	for _, parent := range c.store.Cache(c.parent).List("") {
		c.enqueue(parent)
	}
}

// Step syncs the longest waiting parent; false when none is ready.
func (c *Controller) Step(ctx context.Context) bool {
	key, ok := c.queue.Next()
	if ok {
		c.work(ctx, key)
	}
	return ok
}

// StepKey syncs the given parent if it is ready; false when it is not.
func (c *Controller) StepKey(ctx context.Context, key string) bool {
	ok := c.queue.Take(key)
	if ok {
		c.work(ctx, key)
	}
	return ok
}

// work syncs a key that was taken and says when it comes again.
func (c *Controller) work(ctx context.Context, key string) {
	defer c.queue.Done(key)
	err := c.sync(ctx, key)
	var crash *Crash
	var tooMany *tooManyRequests
	switch {
	case errors.As(err, &crash):
		if c.opts.Crash == nil {
			panic(crash)
		}
		c.opts.Crash(crash)
	case errors.As(err, &tooMany): // neither backoff nor its end
		c.queue.AddAfter(key, tooMany.after)
	case err != nil:
		c.queue.AddRateLimited(key)
	default:
		c.queue.Forget(key)
	}
	if c.opts.Done != nil {
		c.opts.Done(key, err)
	}
}

// Handle turns one movement of a cache into keys. The cache must have moved before.
// A related object's event calls the customize hook, for every parent whose answer
// is not kept: as in Metacontroller, a slow hook holds up the events.
func (c *Controller) Handle(ctx context.Context, event Event) {
	if event.Resource.GroupVersionResource == c.parent.GroupVersionResource {
		c.customize.changed(event)
	}
	if event.Resource.GroupVersionResource == c.parent.GroupVersionResource && !c.ignored(event) {
		c.enqueue(newest(event))
	}
	for _, child := range c.children {
		if event.Resource.GroupVersionResource == child.GroupVersionResource {
			c.onChild(event)
		}
	}
	if c.customize.watches(event.Resource.GroupVersionResource) {
		c.onRelated(ctx, event)
	}
}

// ignored tells a parent's update that ignoreStatusChanges passes over. A resync,
// which has the very same object twice, is not.
func (c *Controller) ignored(event Event) bool {
	ignore := c.cc.Spec.ParentResource.IgnoreStatusChanges
	return ignore != nil && *ignore &&
		event.Old != nil && event.New != nil && event.Old != event.New &&
		event.Old.GetGeneration() == event.New.GetGeneration() &&
		maps.Equal(event.Old.GetLabels(), event.New.GetLabels()) &&
		maps.Equal(event.Old.GetAnnotations(), event.New.GetAnnotations()) &&
		event.New.GetDeletionTimestamp() == nil
}

func newest(event Event) *unstructured.Unstructured {
	if event.New != nil {
		return event.New
	}
	return event.Old
}

// resync tells an event that brings nothing new: a relist or a periodic resync.
func resync(event Event) bool {
	return event.Old != nil && event.New != nil && event.Old.GetResourceVersion() == event.New.GetResourceVersion()
}

func (c *Controller) enqueue(parent *unstructured.Unstructured) {
	c.queue.Add(keyOf(parent))
}

// onChild wakes the child's parent, or for a child without one every parent that
// could adopt it. Only parents that the cache knows, by name and uid, are woken.
func (c *Controller) onChild(event Event) {
	if resync(event) {
		return
	}
	child := newest(event)
	if ref := metav1.GetControllerOf(child); ref != nil {
		if parent := c.owner(child, ref); parent != nil {
			c.enqueue(parent)
		}
		return
	}
	if event.New == nil || child.GetDeletionTimestamp() != nil {
		return // an orphan that is being deleted is not adopted
	}
	for _, parent := range c.store.Cache(c.parent).List(c.familyNamespace(child.GetNamespace())) {
		if selects(parent, child) {
			c.enqueue(parent)
		}
	}
}

func (c *Controller) owner(child *unstructured.Unstructured, ref *metav1.OwnerReference) *unstructured.Unstructured {
	group, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil || group.Group != c.parent.Group || ref.Kind != c.parent.Kind {
		return nil
	}
	parent := c.store.Cache(c.parent).Get(c.familyNamespace(child.GetNamespace()), ref.Name)
	if parent == nil || parent.GetUID() != ref.UID {
		return nil
	}
	return parent
}

// familyNamespace is where a parent and its children are: one namespace if the
// parent is namespaced, else anywhere.
func (c *Controller) familyNamespace(namespace string) string {
	if c.parent.Namespaced {
		return namespace
	}
	return ""
}

func keyOf(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetName()
	}
	return object.GetNamespace() + "/" + object.GetName()
}

func splitKey(key string) (namespace, name string) {
	if namespace, name, ok := strings.Cut(key, "/"); ok {
		return namespace, name
	}
	return "", key
}
