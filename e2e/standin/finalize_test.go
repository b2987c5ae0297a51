package standin

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestFinalizeUntilFinalized(t *testing.T) {
	b := running(t, answer{"children": []any{job("j"), job("k")}})
	b.delete(baskets, "a", metav1.DeleteOptions{})
	b.always(answer{"children": []any{job("j"), job("new")}, "status": answer{"phase": "Deleting"}})
	b.catchUp()
	b.step()
	if !b.bodies[Finalize].Finalizing {
		t.Error("finalize was told finalizing: false")
	}
	b.want("a deletion is a new generation, and until finalized children are managed as in sync",
		"hook customize", "hook finalize", "delete jobs k", "create jobs new", "get baskets a", "updateStatus baskets a")

	b.always(answer{"finalized": true, "children": []any{}, "status": answer{"phase": "Gone"}})
	b.catchUp()
	b.step()
	b.want("finalized: the finalizer is removed before the children are compared, so none is deleted; the status finds no object",
		"hook finalize", "get baskets a", "update baskets a", "get baskets a")
	b.wantEvents("a parent that is gone is not an error")
	if b.get(baskets, "a") != nil {
		t.Fatal("the parent is still there")
	}
	b.settle()
	b.want("and it is not synced again")
	for _, name := range []string{"j", "new"} {
		if b.get(jobs, name) == nil {
			t.Errorf("Job %s was deleted by the loop", name)
		}
	}
	for _, act := range b.memory.Garbage() {
		if err := b.memory.Collect(act); err != nil {
			t.Fatal(err)
		}
	}
	if left := b.memory.List(jobs.Resource, ""); len(left) != 0 {
		t.Errorf("the garbage collector left %d Jobs", len(left))
	}
}

func TestFinalizeIsCalledAgainWhileOthersHoldTheParent(t *testing.T) {
	b := running(t, answer{})
	b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers(append(o.GetFinalizers(), "others/hold")) })
	b.settle()
	b.always(answer{"finalized": true, "status": answer{"phase": "Gone"}})
	b.delete(baskets, "a", metav1.DeleteOptions{})
	b.settle()
	b.log = nil
	b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetAnnotations(map[string]string{"x": "y"}) })
	b.settle()
	b.want("after finalized: true the hook is asked again at each event, and our finalizer is not added again",
		"hook finalize", "get baskets a", "get baskets a")
}

func TestFinalizedFromSyncIsAHotLoop(t *testing.T) {
	b := newBench(t)
	b.always(answer{"finalized": true})
	b.basket("a")
	if syncs, err := Settle(t.Context(), b.memory, []*Controller{b.controller}, 50); err == nil {
		t.Errorf("settled after %d syncs, but the next sync adds the removed finalizer again", syncs)
	}
}

func TestDeletedBeforeTheFinalizerGetsNone(t *testing.T) {
	b := newBench(t)
	o := object("example.test/v1", "Basket", "a")
	o.SetFinalizers([]string{"others/hold"})
	b.create(baskets, o)
	b.delete(baskets, "a", metav1.DeleteOptions{})
	b.always(answer{"children": []any{job("j")}, "status": answer{"phase": "Deleting"}})
	b.catchUp()
	b.step()
	b.want("no finalizer is added, finalize is called, no child is created, the status is written",
		"hook customize", "hook finalize", "get baskets a", "updateStatus baskets a")
}

func TestLateCacheSyncsAParentThatIsAlreadyDeleted(t *testing.T) {
	b := running(t, answer{"children": []any{job("j")}})
	b.delete(baskets, "a", metav1.DeleteOptions{}) // the cache does not know yet
	b.delete(jobs, "j", metav1.DeleteOptions{})
	b.catchUp(jobs)
	b.step()
	b.want("sync, not finalize, is called by the old parent, and the child made again; no new generation, so no customize",
		"hook sync", "create jobs j", "get baskets a")
	status, _, _ := unstructured.NestedInt64(b.get(baskets, "a").Object, "status", "observedGeneration")
	if live := b.get(baskets, "a").GetGeneration(); status != 1 || live != 2 {
		t.Errorf("observedGeneration %d, generation %d; want the generation that the hook was given, 1, and 2", status, live)
	}
}
