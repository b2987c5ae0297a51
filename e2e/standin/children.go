package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// lastApplied keeps the desired child as it was posted (Metacontroller's dynamic apply).
const lastApplied = "metacontroller.k8s.io/last-applied-configuration"

// manage deletes observed children that are not desired, then creates desired
// ones that are not observed. Those that are both are left alone: OnDelete. One
// failure stops no other.
func (c *Controller) manage(ctx context.Context, parent *unstructured.Unstructured, observed, desired objects) error {
	var errs []error
	for _, gvk := range observed.kinds() {
		r, err := c.store.Kind(gvk.GroupVersion().String(), gvk.Kind)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, child := range c.ordered(observed[gvk]) {
			if desired[gvk][keyOf(child)] == nil {
				errs = append(errs, c.delete(ctx, r, child))
			}
		}
	}
	for _, gvk := range desired.kinds() {
		r, err := c.store.Kind(gvk.GroupVersion().String(), gvk.Kind)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, child := range c.ordered(desired[gvk]) {
			errs = append(errs, c.apply(ctx, r, parent, observed[gvk][keyOf(child)], child))
		}
	}
	return errors.Join(errs...)
}

// delete asks once: a child that is already being deleted is left to it.
func (c *Controller) delete(ctx context.Context, r Resource, child *unstructured.Unstructured) error {
	if child.GetDeletionTimestamp() != nil {
		return nil
	}
	uid, background := child.GetUID(), metav1.DeletePropagationBackground
	err := c.store.Delete(ctx, r, child.GetNamespace(), child.GetName(), metav1.DeleteOptions{
		Preconditions:     &metav1.Preconditions{UID: &uid},
		PropagationPolicy: &background,
	})
	if err = ignoreNotFound(err); err != nil {
		return fmt.Errorf("can't delete %s: %w", describeObject(child), err)
	}
	return nil
}

// apply creates a child that the cache lacks. An object that has its name already,
// whoever owns it, is not an error.
func (c *Controller) apply(ctx context.Context, r Resource, parent, observed, desired *unstructured.Unstructured) error {
	if observed != nil {
		return c.mergeable(observed)
	}
	text, err := json.Marshal(desired.Object)
	if err != nil {
		return err
	}
	annotations := desired.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[lastApplied] = string(text)
	desired.SetAnnotations(annotations)
	refs := desired.GetOwnerReferences()
	if !slices.ContainsFunc(refs, func(ref metav1.OwnerReference) bool { return ref.UID == parent.GetUID() }) {
		desired.SetOwnerReferences(append(refs, c.ownerReference(parent)))
	}
	if _, err := c.store.Create(ctx, r, desired); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// mergeable: with OnDelete the three-way merge comes to nothing, but it is made, and
// fails on a broken annotation.
func (c *Controller) mergeable(observed *unstructured.Unstructured) error {
	text, _, _ := unstructured.NestedString(observed.Object, "metadata", "annotations", lastApplied)
	if text == "" || c.merged.has(observed.GetUID(), text) {
		return nil
	}
	var last map[string]any
	if err := json.Unmarshal([]byte(text), &last); err != nil {
		return fmt.Errorf("can't decode annotation %s of %s: %w", lastApplied, describeObject(observed), err)
	}
	c.merged.put(observed.GetUID(), text)
	return nil
}

// decoded remembers texts that have been decoded without an error, by the uid of
// the object that has them. It is safe for several goroutines.
type decoded struct{ texts sync.Map }

func (d *decoded) has(uid types.UID, text string) bool {
	known, found := d.texts.Load(uid)
	return found && known == text
}

func (d *decoded) put(uid types.UID, text string) { d.texts.Store(uid, text) }

// kinds are sorted by group, version and kind.
func (o objects) kinds() []schema.GroupVersionKind {
	var all []schema.GroupVersionKind
	for gvk := range o {
		all = append(all, gvk)
	}
	slices.SortFunc(all, func(a, b schema.GroupVersionKind) int {
		for _, c := range []int{strings.Compare(a.Group, b.Group), strings.Compare(a.Version, b.Version), strings.Compare(a.Kind, b.Kind)} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return all
}

// ordered are a group's objects in the order that the caller picked for this time.
func (c *Controller) ordered(group map[string]*unstructured.Unstructured) []*unstructured.Unstructured {
	var names []string
	for name := range group {
		names = append(names, name)
	}
	slices.Sort(names)
	order := make([]*unstructured.Unstructured, len(names))
	if c.opts.Order == nil {
		for i, name := range names {
			order[i] = group[name]
		}
		return order
	}
	for i, at := range c.opts.Order(len(names)) {
		order[i] = group[names[at]]
	}
	return order
}
