package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// customizeLife is how long an answer of customize is kept.
const customizeLife = 20 * time.Minute

// errRelatedNotSynced means that a related resource's cache has no list yet: again,
// with backoff and without an event.
var errRelatedNotSynced = errors.New("the cache of a related resource has not synced yet")

type customizeRequest struct {
	Controller json.RawMessage            `json:"controller"`
	Parent     *unstructured.Unstructured `json:"parent"`
}

type customizeResponse struct {
	RelatedResources []*RelatedRule `json:"relatedResources,omitempty"`
}

// RelatedRule selects related objects.
type RelatedRule struct {
	ResourceRule      `json:",inline"`
	LabelSelector     *metav1.LabelSelector `json:"labelSelector,omitempty"`
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	Namespace         string                `json:"namespace,omitempty"`
	Names             []string              `json:"names,omitempty"`

	resource schema.GroupVersionResource
	selector labels.Selector
	label    string // one that the selector wants to be value
	value    string
	problem  error // why the rule selects nothing
}

// customizer keeps customize's answers by the parent's uid and generation, and
// remembers which related resources are watched. Failures are not kept.
type customizer struct {
	now     func() time.Time
	mu      *sync.Mutex
	answers map[customizeKey]customizeAnswer
	watched map[schema.GroupVersionResource]bool
	reach   *reach
}

type customizeKey struct {
	uid        types.UID
	generation int64
}

type customizeAnswer struct {
	rules []*RelatedRule
	until time.Time
}

func newCustomizer(now func() time.Time) customizer {
	return customizer{now: now, mu: &sync.Mutex{}, answers: map[customizeKey]customizeAnswer{}, watched: map[schema.GroupVersionResource]bool{}, reach: &reach{}}
}

func (z customizer) watches(r schema.GroupVersionResource) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.watched[r]
}

func (z customizer) get(key customizeKey) ([]*RelatedRule, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	answer, ok := z.answers[key]
	return answer.rules, ok && !z.now().After(answer.until)
}

func (z customizer) put(key customizeKey, rules []*RelatedRule) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for old, answer := range z.answers {
		if z.now().After(answer.until) {
			delete(z.answers, old)
		}
	}
	z.answers[key] = customizeAnswer{rules: rules, until: z.now().Add(customizeLife)}
}

// rules asks customize, or gives the answer kept for this uid and generation.
func (c *Controller) rules(ctx context.Context, parent *unstructured.Unstructured) ([]*RelatedRule, error) {
	if c.cc.Spec.Hooks.Customize == nil {
		return nil, nil
	}
	key := customizeKey{parent.GetUID(), parent.GetGeneration()}
	if rules, ok := c.customize.get(key); ok {
		return rules, nil
	}
	answer := &customizeResponse{}
	if err := c.call(ctx, Customize, c.cc.Spec.Hooks.Customize, parent, customizeRequest{c.sent, parent}, answer); err != nil {
		return nil, fmt.Errorf("customize: %w", err)
	}
	for _, rule := range answer.RelatedResources {
		if rule != nil {
			rule.prepare()
		}
	}
	c.customize.put(key, answer.RelatedResources)
	return answer.RelatedResources, nil
}

// related collects the related objects from the caches. Every rule's kind has an
// entry, empty or not.
func (c *Controller) related(ctx context.Context, parent *unstructured.Unstructured) (objects, error) {
	found := objects{}
	rules, err := c.rules(ctx, parent)
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		if rule == nil {
			return nil, &Crash{What: "relatedResources holds null in the answer for " + c.describe(parent)}
		}
		r, cache, err := c.watchRelated(rule)
		if err != nil {
			return nil, err
		}
		if rule.problem != nil {
			return nil, rule.problem
		}
		if found[r.GVK()] == nil {
			found[r.GVK()] = map[string]*unstructured.Unstructured{}
		}
		for _, object := range rule.candidates(r, cache) {
			if rule.matches(r, object) {
				found.insert(object)
			}
		}
	}
	return found, nil
}

func (c *Controller) watchRelated(rule *RelatedRule) (Resource, Cache, error) {
	r, err := c.store.Resource(rule.APIVersion, rule.Resource)
	if err != nil {
		return Resource{}, nil, err
	}
	if err := c.store.Watch(r); err != nil {
		return Resource{}, nil, fmt.Errorf("watching related %s: %w", rule.Resource, err)
	}
	c.customize.mu.Lock()
	c.customize.watched[r.GroupVersionResource] = true
	c.customize.mu.Unlock()
	cache := c.store.Cache(r)
	if !cache.Synced() {
		return Resource{}, nil, errRelatedNotSynced
	}
	return r, cache, nil
}

// onRelated wakes the parents one of whose rules fits the object's new or old
// state. Every parent in the cache that it may concern is asked about; a failing
// customize is passed over.
func (c *Controller) onRelated(ctx context.Context, event Event) {
	if resync(event) {
		return
	}
	for _, parent := range c.within(ctx, event) {
		rules, err := c.rules(ctx, parent)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(rules, func(rule *RelatedRule) bool { return c.concerns(rule, event) }) {
			c.enqueue(parent)
		}
	}
}

func (c *Controller) concerns(rule *RelatedRule, event Event) bool {
	if rule.resource != event.Resource.GroupVersionResource || rule.problem != nil {
		return false
	}
	return event.Old != nil && rule.matches(event.Resource, event.Old) || event.New != nil && rule.matches(event.Resource, event.New)
}

// prepare checks a rule's combination of fields once.
func (rule *RelatedRule) prepare() {
	group, err := schema.ParseGroupVersion(rule.APIVersion)
	rule.resource, rule.selector, rule.problem = group.WithResource(rule.Resource), labels.Everything(), err
	switch {
	case rule.NamespaceSelector != nil:
		rule.problem = fmt.Errorf("related rule for %s has a namespaceSelector, which the stand-in does not know. Use namespace or names", rule.Resource)
	case len(rule.Names) > 0 && rule.LabelSelector != nil:
		rule.problem = fmt.Errorf("related rule for %s has names and labelSelector. Use one of them", rule.Resource)
	case rule.LabelSelector != nil && err == nil:
		rule.selector, rule.problem = metav1.LabelSelectorAsSelector(rule.LabelSelector)
		for _, label := range slices.Sorted(maps.Keys(rule.LabelSelector.MatchLabels))[:min(1, len(rule.LabelSelector.MatchLabels))] {
			rule.label, rule.value = label, rule.LabelSelector.MatchLabels[label]
		}
	}
}

// candidates are the cached objects among which the rule selects.
func (rule *RelatedRule) candidates(r Resource, cache Cache) []*unstructured.Unstructured {
	namespace := ""
	if r.Namespaced {
		namespace = rule.Namespace
	}
	if known, ok := cache.(labelled); ok && rule.label != "" {
		return known.Labelled(namespace, rule.label, rule.value)
	}
	return cache.List(namespace)
}

// matches says what the rule selects. In v2 an omitted namespace means all of
// them, whatever the parent's.
func (rule *RelatedRule) matches(r Resource, object *unstructured.Unstructured) bool {
	switch {
	case rule.Namespace != "" && r.Namespaced && object.GetNamespace() != rule.Namespace:
		return false
	case len(rule.Names) > 0 && !slices.Contains(rule.Names, object.GetName()):
		return false
	}
	return rule.selector.Empty() || rule.selector.Matches(labelsOf(object))
}
