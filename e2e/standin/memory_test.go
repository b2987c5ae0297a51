package standin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestMemoryVersions(t *testing.T) {
	spec := func(o *unstructured.Unstructured) { o.Object["spec"] = map[string]any{"size": int64(9)} }
	table := map[string]struct {
		reason     string
		act        func(b *bench, o *unstructured.Unstructured) error
		generation int64
		newVersion bool
		is         func(error) bool
	}{
		"spec": {"content is a new generation", func(b *bench, o *unstructured.Unstructured) error { spec(o); return b.update(o) }, 2, true, nil},
		"label": {"metadata is not", func(b *bench, o *unstructured.Unstructured) error {
			o.SetLabels(map[string]string{"a": "b"})
			return b.update(o)
		}, 1, true, nil},
		"same": {"an equal write does not change the version", func(b *bench, o *unstructured.Unstructured) error { return b.update(o) }, 1, false, nil},
		"status": {"status is not, by its subresource", func(b *bench, o *unstructured.Unstructured) error {
			o.Object["status"] = answer{"x": int64(1)}
			spec(o)
			return b.updateStatus(o)
		}, 1, true, nil},
		"status, main": {"and is not taken by the main resource", func(b *bench, o *unstructured.Unstructured) error {
			o.Object["status"] = answer{"x": int64(1)}
			return b.update(o)
		}, 1, false, nil},
		"old version": {"an old version is a conflict", func(b *bench, o *unstructured.Unstructured) error { o.SetResourceVersion("0"); return b.update(o) }, 1, false, apierrors.IsConflict},
		"gone":        {"an unknown name is not found", func(b *bench, o *unstructured.Unstructured) error { o.SetName("no"); return b.update(o) }, 1, false, apierrors.IsNotFound},
		"deletion marked": {"a deletion that must wait is a new generation", func(b *bench, o *unstructured.Unstructured) error {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers([]string{"x/y"}) })
			b.delete(baskets, "a", deleteNow)
			return nil
		}, 2, true, nil},
		"exists": {"a name is taken once", func(b *bench, o *unstructured.Unstructured) error {
			_, err := b.memory.Create(b.t.Context(), baskets.Resource, o)
			return err
		}, 1, false, apierrors.IsAlreadyExists},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before := b.basket("a")
			err := row.act(b, before.DeepCopy())
			if row.is == nil && err != nil || row.is != nil && !row.is(err) {
				t.Fatalf("%s: error %v", row.reason, err)
			}
			after := b.get(baskets, "a")
			if got := after.GetGeneration(); got != row.generation {
				t.Errorf("%s: generation %d, want %d", row.reason, got, row.generation)
			}
			if got := after.GetResourceVersion() != before.GetResourceVersion(); got != row.newVersion {
				t.Errorf("%s: new version %v, want %v", row.reason, got, row.newVersion)
			}
		})
	}
}

func (b *bench) update(o *unstructured.Unstructured) error {
	_, err := b.memory.Update(b.t.Context(), baskets.Resource, o)
	return err
}

func (b *bench) updateStatus(o *unstructured.Unstructured) error {
	_, err := b.memory.UpdateStatus(b.t.Context(), baskets.Resource, o)
	return err
}

func TestMemoryDeletion(t *testing.T) {
	b := newBench(t)
	b.create(pods, object("v1", "Pod", "bound", func(o map[string]any) { o["spec"] = answer{"nodeName": "n", "terminationGracePeriodSeconds": int64(5)} }))
	b.create(pods, object("v1", "Pod", "pending"))
	b.delete(pods, "pending", deleteNow)
	b.delete(pods, "bound", deleteNow)
	if b.get(pods, "pending") != nil {
		t.Error("a pod that no node has goes at once")
	}
	if marked := b.get(pods, "bound"); marked == nil || *marked.GetDeletionGracePeriodSeconds() != 5 {
		t.Errorf("a pod on a node waits for its kubelet; got %v", marked)
	}
	zero := int64(0)
	b.delete(pods, "bound", metav1.DeleteOptions{GracePeriodSeconds: &zero})
	if b.get(pods, "bound") != nil {
		t.Error("the kubelet's delete with grace period zero removes it")
	}
}

func TestMemoryTerminatingNamespace(t *testing.T) {
	b := newBench(t)
	o := inNamespace(object("v1", "Namespace", "ns"), "")
	o.SetFinalizers([]string{"test/contents"})
	b.create(namespaces, o)
	if err := b.memory.Delete(t.Context(), namespaces.Resource, "", "ns", deleteNow); err != nil {
		t.Fatal(err)
	}
	_, err := b.memory.Create(t.Context(), jobs.Resource, job("j"))
	if !apierrors.IsForbidden(err) || !apierrors.HasStatusCause(err, "NamespaceTerminating") {
		t.Errorf("creating in a terminating namespace: %v", err)
	}
}

func TestMemoryFinalizers(t *testing.T) {
	b := newBench(t)
	b.basket("a")
	b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers([]string{"x/y"}) })
	b.delete(baskets, "a", deleteNow)
	o := b.get(baskets, "a")
	o.SetFinalizers([]string{"x/y", "late/one"})
	if err := b.update(o); !apierrors.IsForbidden(err) {
		t.Errorf("a finalizer added during deletion: %v, want forbidden", err)
	}
	b.catchUp()
	b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers(nil) })
	event, _ := b.memory.Advance(baskets.Resource)
	if event.New != nil || b.get(baskets, "a") != nil {
		t.Error("the last finalizer's removal is a deletion")
	}
	if b.memory.Pending(baskets.Resource) != 0 {
		t.Error("and one event, not two")
	}
}

func TestGarbage(t *testing.T) {
	propagation := func(p metav1.DeletionPropagation) metav1.DeleteOptions {
		return metav1.DeleteOptions{PropagationPolicy: &p}
	}
	table := map[string]struct {
		reason  string
		options metav1.DeleteOptions
		acts    []string // until nothing is left to do
		orphan  bool
	}{
		"background": {"the owner goes, then its dependents", propagation(metav1.DeletePropagationBackground), []string{"delete j"}, false},
		"foreground": {"the dependents go, then the owner", propagation(metav1.DeletePropagationForeground), []string{"delete j", "done a"}, false},
		"orphan":     {"the dependents lose their owner, then the owner goes", propagation(metav1.DeletePropagationOrphan), []string{"drop-owners j", "orphan a"}, true},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			parent := b.basket("a")
			child := job("j")
			child.SetOwnerReferences([]metav1.OwnerReference{b.controller.ownerReference(parent)})
			b.create(jobs, child)
			b.delete(baskets, "a", row.options)
			var acts []string
			for garbage := b.memory.Garbage(); len(garbage) > 0; garbage = b.memory.Garbage() {
				acts = append(acts, garbage[0].Act+" "+garbage[0].Name)
				if err := b.memory.Collect(garbage[0]); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(row.acts, acts); diff != "" {
				t.Errorf("%s: acts (-want +got):\n%s", row.reason, diff)
			}
			if b.get(baskets, "a") != nil {
				t.Errorf("%s: the owner is still there", row.reason)
			}
			if left := b.get(jobs, "j"); (left != nil) != row.orphan {
				t.Errorf("%s: dependent left: %v", row.reason, left)
			}
		})
	}
}

func TestCacheMovesOnlyWhenTold(t *testing.T) {
	b := newBench(t)
	b.basket("a")
	b.create(jobs, job("j"))
	if b.memory.Cache(baskets.Resource).Get("ns", "a") != nil {
		t.Error("the cache knows what it was not told")
	}
	if _, ok := b.memory.Advance(jobs.Resource); !ok || b.memory.Cache(baskets.Resource).Get("ns", "a") != nil {
		t.Error("one kind's cache moves, another's stays: watches have no order among them")
	}
	if diff := cmp.Diff([]Resource{baskets.Resource}, b.memory.Behind()); diff != "" {
		t.Errorf("behind (-want +got):\n%s", diff)
	}
}
