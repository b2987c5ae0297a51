package standin

import (
	"context"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource names one kind of object, as discovery tells it.
type Resource struct {
	schema.GroupVersionResource
	Kind       string
	Namespaced bool
}

// GVK is the resource's group, version and kind.
func (r Resource) GVK() schema.GroupVersionKind {
	return r.GroupVersion().WithKind(r.Kind)
}

// Store is what the loop needs of an API server. Get and the writes are live;
// Cache is what the watches have brought so far and may be behind.
// Objects that a Store hands out are read-only to the loop, which copies what it
// changes. Errors are those of k8s.io/apimachinery/pkg/api/errors.
type Store interface {
	// Resource and Kind are discovery: by plural name, by kind.
	Resource(apiVersion, resource string) (Resource, error)
	Kind(apiVersion, kind string) (Resource, error)

	Get(ctx context.Context, r Resource, namespace, name string) (*unstructured.Unstructured, error)
	Create(ctx context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error)
	Update(ctx context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error)
	UpdateStatus(ctx context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error)
	Delete(ctx context.Context, r Resource, namespace, name string, options metav1.DeleteOptions) error

	// Watch asks that the resource be cached from now on; asking twice is free.
	Watch(r Resource) error
	// Cache is the resource's cache. Before Watch it is empty and not synced.
	Cache(r Resource) Cache

	// Record writes an Event about an object. It never fails to the caller.
	Record(about *unstructured.Unstructured, eventType, reason, message string)
}

// Cache is one resource's watch cache, shared by all controllers.
type Cache interface {
	// Synced tells whether the first list has arrived.
	Synced() bool
	// Get returns nil when the cache has no such object.
	Get(namespace, name string) *unstructured.Unstructured
	// List returns all objects of a namespace, or of all with "".
	List(namespace string) []*unstructured.Unstructured
}

// Event is one movement of a cache. Old is nil for an added object, New is nil
// for a deleted one; a periodic resync has the same object in both.
type Event struct {
	Resource Resource
	Old, New *unstructured.Unstructured
}

// HookKind is customize, sync or finalize.
type HookKind string

// The three hooks of a CompositeController that Metacontroller calls.
const (
	Customize HookKind = "customize"
	Sync      HookKind = "sync"
	Finalize  HookKind = "finalize"
)

// HookRequest is one POST to the hook server.
type HookRequest struct {
	Controller string // name of the CompositeController
	Hook       HookKind
	Parent     string // namespace/name, for logs
	URL        string
	Timeout    time.Duration
	Body       []byte
}

// HookResponse is what the hook server answered.
type HookResponse struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Hooks calls the hook server. An error is a call without an answer: refused,
// reset, timed out.
type Hooks interface {
	Call(ctx context.Context, request HookRequest) (HookResponse, error)
}

// Direct answers a call of sync or finalize without the wire, where who calls and who
// answers are one program. It may pass a call on to Hooks: answered false.
// What a DirectRequest holds is read only, and what a DirectAnswer holds is its own
// but for the status, which is read only, too.
type Direct func(ctx context.Context, request DirectRequest) (answer DirectAnswer, answered bool, err error)

// DirectRequest is what a HookRequest's body would say. Children and Related are by
// kind as on the wire ("Job.batch/v1"), then by namespace/name.
type DirectRequest struct {
	Controller        string
	Hook              HookKind
	Parent            *unstructured.Unstructured
	Children, Related map[string]map[string]*unstructured.Unstructured
}

// DirectAnswer is what a HookResponse's body would say.
type DirectAnswer struct {
	Status             map[string]any
	Children           []*unstructured.Unstructured
	ResyncAfterSeconds float64
	Finalized          bool
}

// HookFunc makes a function Hooks.
type HookFunc func(ctx context.Context, request HookRequest) (HookResponse, error)

// Call calls the function.
func (f HookFunc) Call(ctx context.Context, request HookRequest) (HookResponse, error) {
	return f(ctx, request)
}
