package standin

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// reach says whose related rules look where, so that the event of one pod does not
// ask about ten thousand parents. It is a shortcut: Metacontroller asks about all.
// It holds until a parent comes, goes or has another generation, or an answer ends.
type reach struct {
	until   time.Time // zero: nothing is known
	changes int       // of parents, so far
	parents map[place][]string
}

// place is a resource in a namespace; in all of them with "".
type place struct {
	resource  schema.GroupVersionResource
	namespace string
}

// small is how many parents are asked about one by one.
const small = 50

// within are the parents that an event may concern.
func (c *Controller) within(ctx context.Context, event Event) []*unstructured.Unstructured {
	cache := c.store.Cache(c.parent)
	all := cache.List("")
	if len(all) <= small || !event.Resource.Namespaced {
		return all
	}
	keys, changes, known := c.customize.reached(event)
	if !known {
		c.learn(ctx, all, changes)
		return all
	}
	var parents []*unstructured.Unstructured
	for _, key := range keys {
		if parent := cache.Get(splitKey(key)); parent != nil {
			parents = append(parents, parent)
		}
	}
	return parents
}

// learn asks about all parents. Where one fails, nothing is known.
func (c *Controller) learn(ctx context.Context, all []*unstructured.Unstructured, changes int) {
	parents := map[place][]string{}
	for _, parent := range all {
		rules, err := c.rules(ctx, parent)
		if err != nil {
			return
		}
		for _, rule := range rules {
			if rule == nil {
				return
			}
			at := place{rule.resource, rule.Namespace}
			parents[at] = append(parents[at], keyOf(parent))
		}
	}
	c.customize.learned(parents, changes)
}

func (z customizer) reached(event Event) ([]string, int, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.reach.until.IsZero() || z.now().After(z.reach.until) {
		return nil, z.reach.changes, false
	}
	r := event.Resource.GroupVersionResource
	there, anywhere := z.reach.parents[place{r, newest(event).GetNamespace()}], z.reach.parents[place{r, ""}]
	return append(there[:len(there):len(there)], anywhere...), z.reach.changes, true
}

func (z customizer) learned(parents map[place][]string, changes int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.reach.changes != changes {
		return // one of them has changed since it was asked about
	}
	z.reach.parents, z.reach.until = parents, z.now().Add(customizeLife)
	for _, answer := range z.answers {
		if answer.until.Before(z.reach.until) {
			z.reach.until = answer.until
		}
	}
}

// changed forgets the reach where a parent's event may change it.
func (z customizer) changed(event Event) {
	if event.Old != nil && event.New != nil &&
		event.Old.GetGeneration() == event.New.GetGeneration() && event.Old.GetUID() == event.New.GetUID() {
		return
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.reach.until = time.Time{}
	z.reach.changes++
}
