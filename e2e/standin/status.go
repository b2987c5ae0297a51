package standin

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A conflicting write is tried four times in all, 10 ms apart, then five times
// as long each (client-go's retry.DefaultBackoff).
const (
	writeTries = 4
	firstPause = 10 * time.Millisecond
	pauseGrows = 5
)

type write func(context.Context, Resource, *unstructured.Unstructured) (*unstructured.Unstructured, error)

// readModifyWrite changes the live object of the same name and uid: GET, change,
// PUT, again on a conflict. change returns false when there is nothing to write.
// An object of another uid counts as not found.
func (c *Controller) readModifyWrite(ctx context.Context, r Resource, orig *unstructured.Unstructured, put write, change func(live *unstructured.Unstructured) bool) (*unstructured.Unstructured, error) {
	pause := firstPause
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		live, err := c.store.Get(ctx, r, orig.GetNamespace(), orig.GetName())
		if err != nil {
			return nil, err
		}
		if live.GetUID() != orig.GetUID() {
			return nil, apierrors.NewNotFound(r.GroupResource(), orig.GetName())
		}
		live = writable(live)
		if !change(live) {
			return live, nil
		}
		written, err := put(ctx, r, live)
		if err == nil {
			return written, nil
		}
		if !apierrors.IsConflict(err) || try == writeTries {
			return nil, err
		}
		if c.opts.Sleep != nil {
			c.opts.Sleep(pause)
		}
		pause *= pauseGrows
	}
}

// writable is a copy whose status and metadata's fields may be replaced. What is
// below them is shared with the original.
func writable(object *unstructured.Unstructured) *unstructured.Unstructured {
	content := maps.Clone(object.Object)
	if metadata, ok := content["metadata"].(map[string]any); ok {
		content["metadata"] = maps.Clone(metadata)
	}
	return &unstructured.Unstructured{Object: content}
}

// syncFinalizer gives the parent our finalizer, or removes it if the manifest no
// longer has a finalize hook, and returns the parent to continue with: the live one
// after a write, else the cached one. A parent that is being deleted gets none.
func (c *Controller) syncFinalizer(ctx context.Context, parent *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	wanted := c.cc.Spec.Hooks.Finalize != nil
	if c.hasFinalizer(parent) == wanted {
		return parent, nil
	}
	if !wanted {
		return c.removeFinalizer(ctx, parent)
	}
	if parent.GetDeletionTimestamp() != nil {
		return parent, nil
	}
	return c.readModifyWrite(ctx, c.parent, parent, c.store.Update, func(live *unstructured.Unstructured) bool {
		if c.hasFinalizer(live) {
			return false
		}
		live.SetFinalizers(append(live.GetFinalizers(), c.finalizer))
		return true
	})
}

func (c *Controller) removeFinalizer(ctx context.Context, parent *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return c.readModifyWrite(ctx, c.parent, parent, c.store.Update, func(live *unstructured.Unstructured) bool {
		if !c.hasFinalizer(live) {
			return false
		}
		live.SetFinalizers(slices.DeleteFunc(live.GetFinalizers(), func(f string) bool { return f == c.finalizer }))
		return true
	})
}

func (c *Controller) hasFinalizer(parent *unstructured.Unstructured) bool {
	return slices.Contains(parent.GetFinalizers(), c.finalizer)
}

// finalizing tells whether the children of a parent that is being deleted are
// still managed: not once the finalizer is gone, and not while the garbage
// collector deletes or orphans them.
func (c *Controller) finalizing(parent *unstructured.Unstructured) bool {
	for _, f := range parent.GetFinalizers() {
		if f == metav1.FinalizerDeleteDependents || f == metav1.FinalizerOrphanDependents {
			return false
		}
	}
	return c.hasFinalizer(parent) && c.cc.Spec.Hooks.Finalize != nil
}

// writeStatus replaces the status whole. The comparison is Go's, on decoded JSON:
// 1.0 is not 1, an empty list is not an absent one, so a status that the API server
// changes on its way in is written at every sync.
func (c *Controller) writeStatus(ctx context.Context, parent *unstructured.Unstructured, status map[string]any) error {
	if status == nil {
		status = map[string]any{}
	}
	status["observedGeneration"] = parent.GetGeneration()
	_, err := c.readModifyWrite(ctx, c.parent, parent, c.store.UpdateStatus, func(live *unstructured.Unstructured) bool {
		if reflect.DeepEqual(live.Object["status"], any(status)) {
			return false
		}
		live.Object["status"] = status
		return true
	})
	return err
}
