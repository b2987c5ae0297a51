package standin

import (
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Clone is a second API server in the same state, on another clock. The versions of
// objects are shared; they are never changed.
func (m *Memory) Clone(now func() time.Time) *Memory {
	clone := *m
	clone.now, clone.Events = now, slices.Clone(m.Events)
	clone.tables, clone.sorted = map[schema.GroupVersionResource]*table{}, nil
	for _, t := range m.sorted {
		copied := &table{Kind: t.Kind, live: t.live.clone(), pending: slices.Clone(t.pending), cached: t.cached.clone()}
		clone.tables[t.GroupVersionResource] = copied
		clone.sorted = append(clone.sorted, copied)
	}
	return &clone
}

func (s shelf) clone() shelf {
	in := make(map[string]map[string]*unstructured.Unstructured, len(s.in))
	for namespace, objects := range s.in {
		in[namespace] = maps.Clone(objects)
	}
	return shelf{byKey: maps.Clone(s.byKey), byUID: maps.Clone(s.byUID), lists: maps.Clone(s.lists), families: maps.Clone(s.families),
		labelled: map[string]map[string]map[string][]*unstructured.Unstructured{}, in: in}
}

// Live is a live object by its key, nil when it is not there.
func (m *Memory) Live(r Resource, key string) *unstructured.Unstructured {
	return m.tables[r.GroupVersionResource].live.get(key)
}

// Version is that of the last write.
func (m *Memory) Version() int64 { return m.rv }

// Undelivered are the events that a resource's cache has not been moved by.
func (m *Memory) Undelivered(r Resource) []Event { return m.tables[r.GroupVersionResource].pending }

// Clone is a second controller in the same state, over another store.
func (c *Controller) Clone(store Store, hooks Hooks, opts Options) *Controller {
	clone := &Controller{
		cc: c.cc, store: store, hooks: hooks, opts: opts, queue: c.queue.Clone(opts.Now, opts.Changed),
		parent: c.parent, children: c.children, finalizer: c.finalizer, sent: c.sent, merged: c.merged,
		customize: customizer{now: opts.Now, mu: &sync.Mutex{}, answers: maps.Clone(c.customize.answers), watched: maps.Clone(c.customize.watched), reach: &reach{}},
	}
	return clone
}

// Clone is a second queue in the same state, on another clock.
func (q *Queue) Clone(now func() time.Time, changed func()) *Queue {
	clone := NewQueue(now, changed)
	q.mu.Lock()
	defer q.mu.Unlock()
	clone.ready, clone.dirty, clone.processing = slices.Clone(q.ready), maps.Clone(q.dirty), maps.Clone(q.processing)
	clone.waiting, clone.failures = maps.Clone(q.waiting), maps.Clone(q.failures)
	clone.tokens, clone.refilled, clone.earliest = q.tokens, q.refilled, q.earliest
	return clone
}

// Waiting are the timers by key.
func (q *Queue) Waiting() map[string]time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.waiting)
}
