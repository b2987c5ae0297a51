package standin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Memory is an API server in memory, for one goroutine: live objects, and for each
// kind a watch cache that is behind by as much as the caller wants. A cache moves
// only by Advance, one event at a time in the order of its kind's writes; which
// kind moves when is the caller's choice, as between real watches. Objects that it
// hands out are read only: no version of an object is ever changed, so what has
// not changed between two versions is shared by them.
type Memory struct {
	now    func() time.Time
	tables map[schema.GroupVersionResource]*table
	sorted []*table // by resource
	rv     int64
	// collected is the version of the last write after which there was no garbage.
	collected int64
	uids      int64

	// Admit stands for defaulting, validation and admission: it may change or
	// refuse what is about to be stored. old is nil at a creation. nil admits all.
	Admit func(r Resource, object, old *unstructured.Unstructured) error
	// Events are those recorded so far.
	Events []RecordedEvent
}

// RecordedEvent is an Event about an object.
type RecordedEvent struct{ About, Type, Reason, Message string }

// Kind is how the objects of a resource behave in Memory.
type Kind struct {
	Resource
	// Status: there is a status subresource; else the status is plain content.
	Status bool
	// Graceful: a deletion waits until a kubelet deletes again with grace
	// period zero, once the object is bound to a node.
	Graceful bool
}

type table struct {
	Kind
	live    shelf
	pending []Event // written, not yet in the cache
	cached  shelf
}

// NewMemory returns an empty API server that knows the given kinds.
func NewMemory(now func() time.Time, kinds ...Kind) *Memory {
	m := &Memory{now: now, tables: map[schema.GroupVersionResource]*table{}}
	for _, k := range kinds {
		t := &table{Kind: k, live: newShelf(), cached: newShelf()}
		m.tables[k.GroupVersionResource] = t
		m.sorted = append(m.sorted, t)
	}
	slices.SortFunc(m.sorted, func(a, b *table) int {
		return cmp.Compare(a.GroupVersionResource.String(), b.GroupVersionResource.String())
	})
	return m
}

// NewKind describes a resource with a status subresource.
func NewKind(apiVersion, resource, kind string, namespaced bool) Kind {
	group, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		panic(err) // a constant of the caller's is wrong
	}
	return Kind{Resource: Resource{GroupVersionResource: group.WithResource(resource), Kind: kind, Namespaced: namespaced}, Status: true}
}

// Resource implements Store.
func (m *Memory) Resource(apiVersion, resource string) (Resource, error) {
	for _, t := range m.sorted {
		if t.GroupVersion().String() == apiVersion && t.GroupVersionResource.Resource == resource {
			return t.Kind.Resource, nil
		}
	}
	return Resource{}, fmt.Errorf("discovery knows no resource %s in %s", resource, apiVersion)
}

// Kind implements Store.
func (m *Memory) Kind(apiVersion, kind string) (Resource, error) {
	for _, t := range m.sorted {
		if t.GroupVersion().String() == apiVersion && t.Kind.Kind == kind {
			return t.Kind.Resource, nil
		}
	}
	return Resource{}, fmt.Errorf("discovery knows no kind %s in %s", kind, apiVersion)
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, r Resource, namespace, name string) (*unstructured.Unstructured, error) {
	t, err := m.table(r)
	if err != nil {
		return nil, err
	}
	object := t.live.get(t.key(namespace, name))
	if object == nil {
		return nil, apierrors.NewNotFound(r.GroupResource(), name)
	}
	return object, nil
}

// List returns all live objects of a resource in a namespace, or in all with "".
func (m *Memory) List(r Resource, namespace string) []*unstructured.Unstructured {
	return m.tables[r.GroupVersionResource].live.list(namespace)
}

// Record implements Store.
func (m *Memory) Record(about *unstructured.Unstructured, eventType, reason, message string) {
	m.Events = append(m.Events, RecordedEvent{about.GetKind() + " " + keyOf(about), eventType, reason, message})
}

// Watch implements Store: every cache is there from the start.
func (m *Memory) Watch(r Resource) error {
	_, err := m.table(r)
	return err
}

// Cache implements Store.
func (m *Memory) Cache(r Resource) Cache { return m.tables[r.GroupVersionResource] }

// Pending is how many events a cache is behind.
func (m *Memory) Pending(r Resource) int { return len(m.tables[r.GroupVersionResource].pending) }

// Behind lists the resources whose caches are behind, in a fixed order.
func (m *Memory) Behind() []Resource {
	var behind []Resource
	for _, t := range m.sorted {
		if len(t.pending) > 0 {
			behind = append(behind, t.Kind.Resource)
		}
	}
	return behind
}

// Advance moves one resource's cache by one event and returns it, to be handed to
// the controllers' Handle, now or later. false means that the cache is up to date.
func (m *Memory) Advance(r Resource) (Event, bool) {
	t := m.tables[r.GroupVersionResource]
	if len(t.pending) == 0 {
		return Event{}, false
	}
	event := t.pending[0]
	t.pending = t.pending[1:]
	if event.New == nil {
		t.cached.remove(event.Old)
	} else {
		t.cached.put(event.New)
	}
	return event, true
}

// Synced implements Cache.
func (t *table) Synced() bool { return true }

// Get implements Cache.
func (t *table) Get(namespace, name string) *unstructured.Unstructured {
	return t.cached.get(t.key(namespace, name))
}

// List implements Cache.
func (t *table) List(namespace string) []*unstructured.Unstructured {
	return t.cached.list(namespace)
}

func (t *table) key(namespace, name string) string {
	if !t.Namespaced || namespace == "" {
		return name
	}
	return namespace + "/" + name
}

func (m *Memory) table(r Resource) (*table, error) {
	if t := m.tables[r.GroupVersionResource]; t != nil {
		return t, nil
	}
	return nil, apierrors.NewNotFound(r.GroupResource(), "")
}
