package standin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// claim finds the parent's children in the caches: those it controls and, if it
// is not being deleted, orphans that match its selector, which it adopts. A child
// that it controls and that no longer matches is released. Every declared kind
// has an entry, empty or not.
func (c *Controller) claim(ctx context.Context, parent *unstructured.Unstructured) (objects, error) {
	claimed := objects{}
	for _, r := range c.children {
		claimed[r.GVK()] = map[string]*unstructured.Unstructured{}
		mayAdopt := c.adoptionCheck(ctx, parent)
		var errs []error
		for _, child := range c.candidates(parent, r) {
			ours, err := c.claimOne(ctx, r, parent, child, mayAdopt)
			if err != nil {
				errs = append(errs, err)
			} else if ours {
				claimed.insert(child) // as the cache has it: before its adoption
			}
		}
		if len(errs) > 0 {
			return nil, fmt.Errorf("can't claim %s children: %w", r.Kind, errors.Join(errs...))
		}
	}
	return claimed, nil
}

// candidates are the children that the parent controls, then those without a controller.
func (c *Controller) candidates(parent *unstructured.Unstructured, r Resource) []*unstructured.Unstructured {
	owned, orphans := familyOf(c.store.Cache(r), c.familyNamespace(parent.GetNamespace()), parent.GetUID())
	return slices.Concat(owned, orphans)
}

func (c *Controller) claimOne(ctx context.Context, r Resource, parent, child *unstructured.Unstructured, mayAdopt func() error) (bool, error) {
	matches := selects(parent, child)
	if _, controlled := controllerOf(child); controlled {
		if matches {
			return true, nil // even when it is being deleted
		}
		if parent.GetDeletionTimestamp() != nil {
			return false, nil
		}
		return false, c.release(ctx, r, parent, child)
	}
	if !matches || parent.GetDeletionTimestamp() != nil || child.GetDeletionTimestamp() != nil {
		return false, nil
	}
	if err := mayAdopt(); err != nil {
		return false, ignoreNotFound(fmt.Errorf("can't adopt %s: %w", describeObject(child), err))
	}
	err := c.adopt(ctx, r, parent, child)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	return true, nil
}

// adoptionCheck looks at the live parent, once for each kind, before the first
// adoption: a parent that is being deleted or was replaced adopts nothing.
func (c *Controller) adoptionCheck(ctx context.Context, parent *unstructured.Unstructured) func() error {
	var checked bool
	var result error
	return func() error {
		if checked {
			return result
		}
		checked = true
		fresh, err := c.store.Get(ctx, c.parent, parent.GetNamespace(), parent.GetName())
		switch {
		case err != nil:
			result = fmt.Errorf("can't look at the parent again: %w", err)
		case fresh.GetUID() != parent.GetUID():
			result = fmt.Errorf("the parent was replaced: uid %s, wanted %s", fresh.GetUID(), parent.GetUID())
		case fresh.GetDeletionTimestamp() != nil:
			result = fmt.Errorf("%s has just been deleted", c.describe(parent))
		}
		return result
	}
}

func (c *Controller) adopt(ctx context.Context, r Resource, parent, child *unstructured.Unstructured) error {
	_, err := c.readModifyWrite(ctx, r, child, c.store.Update, func(live *unstructured.Unstructured) bool {
		refs := slices.DeleteFunc(live.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return ref.UID == parent.GetUID() })
		live.SetOwnerReferences(append(refs, c.ownerReference(parent)))
		return true
	})
	return err
}

func (c *Controller) release(ctx context.Context, r Resource, parent, child *unstructured.Unstructured) error {
	_, err := c.readModifyWrite(ctx, r, child, c.store.Update, func(live *unstructured.Unstructured) bool {
		live.SetOwnerReferences(slices.DeleteFunc(live.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return ref.UID == parent.GetUID() }))
		return true
	})
	return ignoreNotFound(err)
}

func (c *Controller) ownerReference(parent *unstructured.Unstructured) metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{
		APIVersion: parent.GetAPIVersion(), Kind: parent.GetKind(), Name: parent.GetName(), UID: parent.GetUID(),
		Controller: &yes, BlockOwnerDeletion: &yes,
	}
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
