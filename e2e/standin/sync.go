package standin

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// selectorLabel is what generateSelector selects children by.
const selectorLabel = "controller-uid"

// sync syncs one parent as the cache shows it. A failure becomes a SyncError event,
// but for those that only mean "later".
func (c *Controller) sync(ctx context.Context, key string) error {
	parent := c.store.Cache(c.parent).Get(splitKey(key))
	if parent == nil {
		return nil // gone: its children are the garbage collector's
	}
	err := c.syncParent(ctx, parent)
	var tooMany *tooManyRequests
	var crash *Crash
	if err != nil && !errors.As(err, &tooMany) && !errors.As(err, &crash) && !errors.Is(err, errRelatedNotSynced) {
		c.store.Record(parent, "Warning", "SyncError", "Sync error: "+err.Error())
	}
	return err
}

// syncParent is the order of one sync. It is Metacontroller's, to the letter
// (metacontroller/metacontroller: pkg/controller/composite/controller.go, 4.17.2):
// each step sees what the steps before it left, and a step that fails ends the
// sync, but for the children's, whose error waits for the status to be written.
func (c *Controller) syncParent(ctx context.Context, parent *unstructured.Unstructured) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	live, err := c.syncFinalizer(ctx, parent)
	if err != nil {
		return fmt.Errorf("can't sync finalizer of %s: %w", c.describe(parent), err)
	}
	parent = live
	observed, err := c.claim(ctx, parent)
	if err != nil {
		return err
	}
	related, err := c.related(ctx, parent)
	if err != nil {
		return err
	}
	answer, err := c.callSyncOrFinalize(ctx, parent, observed, related)
	if err != nil {
		return fmt.Errorf("hook failed for %s: %w", c.describe(parent), err)
	}
	for _, child := range answer.Children {
		if child == nil {
			return &Crash{What: "children holds null in the answer for " + c.describe(parent)}
		}
		if child.GetNamespace() == "" {
			child.SetNamespace(parent.GetNamespace())
		}
	}
	if answer.ResyncAfterSeconds > 0 {
		c.queue.AddAfter(keyOf(parent), time.Duration(answer.ResyncAfterSeconds*float64(time.Second)))
	}
	if answer.Finalized {
		if live, err = c.removeFinalizer(ctx, parent); err != nil {
			return fmt.Errorf("can't remove finalizer of %s: %w", c.describe(parent), err)
		}
		parent = live
	}
	desired := groupByKind(answer.Children)
	if err := c.label(parent, desired); err != nil {
		return err
	}
	var childErr error
	if parent.GetDeletionTimestamp() == nil || c.finalizing(parent) {
		if err := c.manage(ctx, parent, observed, desired); err != nil {
			childErr = fmt.Errorf("can't reconcile children for %s: %w", c.describe(parent), err)
		}
	}
	if err := c.writeStatus(ctx, parent, answer.Status); err != nil {
		if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return nil // and childErr is lost: no event, no backoff
		}
		return fmt.Errorf("can't update status for %s: %w", c.describe(parent), err)
	}
	return childErr
}

// label gives each desired child the generated selector's label, on the child's
// metadata only, and refuses all of them when one has another parent's.
func (c *Controller) label(parent *unstructured.Unstructured, desired objects) error {
	for _, gvk := range desired.kinds() {
		for _, child := range c.ordered(desired[gvk]) {
			set, _, err := unstructured.NestedStringMap(child.Object, "metadata", "labels")
			if err != nil {
				return fmt.Errorf("invalid labels on desired child %s: %w", describeObject(child), err)
			}
			if set == nil {
				set = map[string]string{}
			}
			if _, given := set[selectorLabel]; !given {
				set[selectorLabel] = string(parent.GetUID())
				child.SetLabels(set)
			}
			if set[selectorLabel] != string(parent.GetUID()) {
				return fmt.Errorf("labels on desired child %s don't match parent selector", describeObject(child))
			}
		}
	}
	return nil
}

// selects says whether the parent's generated selector matches an object.
func selects(parent, object *unstructured.Unstructured) bool {
	value, found, err := unstructured.NestedString(object.Object, "metadata", "labels", selectorLabel)
	return found && err == nil && value == string(parent.GetUID())
}

func (c *Controller) describe(parent *unstructured.Unstructured) string {
	return c.parent.Kind + " " + keyOf(parent)
}

func describeObject(object *unstructured.Unstructured) string {
	return object.GetKind() + " " + keyOf(object)
}

// objects are grouped by kind, then by namespace/name.
type objects map[schema.GroupVersionKind]map[string]*unstructured.Unstructured

// groupByKind groups a list; of two with one name the last wins, silently.
func groupByKind(list []*unstructured.Unstructured) objects {
	grouped := objects{}
	for _, object := range list {
		grouped.insert(object)
	}
	return grouped
}

func (o objects) insert(object *unstructured.Unstructured) {
	gvk := object.GroupVersionKind()
	if o[gvk] == nil {
		o[gvk] = map[string]*unstructured.Unstructured{}
	}
	o[gvk][keyOf(object)] = object
}
