package standin

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestClaim(t *testing.T) {
	unown := func(o *unstructured.Unstructured) { o.SetOwnerReferences(nil) }
	unlabel := func(o *unstructured.Unstructured) { o.SetLabels(nil) }
	table := map[string]struct {
		reason string
		change []func(*unstructured.Unstructured) // of Job j, a child
		parent func(b *bench)
		calls  []string
		shown  bool
		owned  bool
		events []string
	}{
		"own": {reason: "a child that matches is shown", calls: []string{"hook sync"}, shown: true, owned: true},
		"orphan": {
			reason: "an orphan that matches is adopted, after a live look at the parent, and shown at once",
			change: []func(*unstructured.Unstructured){unown},
			calls:  []string{"get baskets a", "get jobs j", "update jobs j", "hook sync"}, shown: true, owned: true,
		},
		"orphan without our labels": {
			reason: "an orphan that does not match is not adopted",
			change: []func(*unstructured.Unstructured){unown, unlabel}, calls: []string{"hook sync", "create jobs j"},
		},
		"label lost": {
			reason: "a child that no longer matches is released; its name is still taken",
			change: []func(*unstructured.Unstructured){unlabel}, calls: []string{"get jobs j", "update jobs j", "hook sync", "create jobs j"},
		},
		"another's": {
			reason: "a child with another controller is not touched",
			change: []func(*unstructured.Unstructured){func(o *unstructured.Unstructured) {
				yes := true
				o.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "X", Name: "x", UID: "x", Controller: &yes}})
			}},
			calls: []string{"hook sync", "create jobs j"},
		},
		"orphan, parent deleted unseen": {
			reason: "the live parent is being deleted, so the adoption fails, and with it the sync",
			change: []func(*unstructured.Unstructured){unown},
			parent: func(b *bench) { b.delete(baskets, "a", deleteNow) },
			calls:  []string{"get baskets a"}, events: []string{"has just been deleted"},
		},
		"orphan that goes": {
			reason: "an orphan that is being deleted is not adopted",
			change: []func(*unstructured.Unstructured){unown, func(o *unstructured.Unstructured) { o.SetFinalizers([]string{"others/hold"}) }},
			parent: func(b *bench) { b.delete(jobs, "j", deleteNow) },
			calls:  []string{"hook sync", "create jobs j"},
		},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{"children": []any{job("j")}})
			for _, change := range row.change {
				b.edit(jobs, "j", change)
			}
			if row.parent != nil {
				row.parent(b)
			}
			b.controller.Queue().Add("ns/a")
			b.catchUp(jobs)
			b.bodies[Sync] = hookBody{}
			b.step()
			calls := row.calls
			if len(row.events) == 0 {
				calls = append(calls, "get baskets a")
			}
			b.want(row.reason, calls...)
			b.wantEvents(row.reason, row.events...)
			if _, shown := b.bodies[Sync].Children["Job.batch/v1"]["ns/j"]; shown != row.shown {
				t.Errorf("%s: shown %v, want %v", row.reason, shown, row.shown)
			}
			ref := metav1.GetControllerOf(b.get(jobs, "j"))
			if owned := ref != nil && ref.Kind == "Basket"; owned != row.owned {
				t.Errorf("%s: owned %v, want %v", row.reason, owned, row.owned)
			}
		})
	}
}

func TestWhoIsWoken(t *testing.T) {
	table := map[string]struct {
		reason string
		act    func(b *bench)
		woken  bool
	}{
		"child changed":     {"a child's change wakes its parent", func(b *bench) { b.touch(jobs, "j") }, true},
		"child deleted":     {"so does its deletion", func(b *bench) { b.delete(jobs, "j", deleteNow) }, true},
		"parent changed":    {"so does the parent's own change, status included", func(b *bench) { b.touch(baskets, "a") }, true},
		"unrelated changed": {"an unrelated object wakes no parent", func(b *bench) { b.create(jobs, job("other")) }, false},
		"orphan appears": {"an orphan that the parent could adopt wakes it", func(b *bench) {
			o := job("orphan")
			o.SetLabels(map[string]string{selectorLabel: string(b.get(baskets, "a").GetUID())})
			b.create(jobs, o)
		}, true},
		"orphan in another namespace": {"but not from another namespace", func(b *bench) {
			o := inNamespace(job("orphan"), "other")
			o.SetLabels(map[string]string{selectorLabel: string(b.get(baskets, "a").GetUID())})
			b.create(jobs, o)
		}, false},
		"resync": {"a child's resync with the same version wakes no parent", func(b *bench) {
			o := b.controller.store.Cache(jobs.Resource).Get("ns", "j")
			b.controller.Handle(b.t.Context(), Event{Resource: jobs.Resource, Old: o, New: o})
		}, false},
		"parent resync": {"a parent's resync syncs it", func(b *bench) {
			o := b.controller.store.Cache(baskets.Resource).Get("ns", "a")
			b.controller.Handle(b.t.Context(), Event{Resource: baskets.Resource, Old: o, New: o})
		}, true},
		"not declared": {"an object of a kind that is not declared wakes no parent", func(b *bench) { b.create(pods, object("v1", "Pod", "p")) }, false},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{"children": []any{job("j")}})
			row.act(b)
			b.catchUp()
			if b.ready() != row.woken {
				t.Errorf("%s: woken %v, want %v", row.reason, b.ready(), row.woken)
			}
		})
	}
}

func (b *bench) touch(k Kind, name string) {
	b.edit(k, name, func(o *unstructured.Unstructured) {
		o.SetAnnotations(map[string]string{"touched": o.GetResourceVersion()})
	})
}

func TestIgnoreStatusChanges(t *testing.T) {
	table := map[string]struct {
		reason string
		act    func(b *bench)
		woken  bool
	}{
		"status": {"a new status wakes no parent", func(b *bench) {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.Object["status"] = answer{"x": "y"} })
		}, false},
		"finalizer": {"nor does a finalizer", func(b *bench) {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers(append(o.GetFinalizers(), "x/y")) })
		}, false},
		"annotation": {"an annotation does", func(b *bench) { b.touch(baskets, "a") }, true},
		"label": {"a label does", func(b *bench) {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetLabels(map[string]string{"x": "y"}) })
		}, true},
		"spec": {"a spec does", func(b *bench) {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.Object["spec"] = answer{"size": int64(8)} })
		}, true},
		"deletion": {"a deletion does", func(b *bench) { b.delete(baskets, "a", deleteNow) }, true},
		"resync": {"a resync does", func(b *bench) {
			o := b.memory.Cache(baskets.Resource).Get("ns", "a")
			b.controller.Handle(b.t.Context(), Event{Resource: baskets.Resource, Old: o, New: o})
		}, true},
		"status while deleting": {"while it is being deleted a status does", func(b *bench) {
			b.delete(baskets, "a", deleteNow)
			b.settle()
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.Object["status"] = answer{"x": "y"} })
		}, true},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := newBenchOf(t, strings.Replace(basketController, "resource: baskets", "resource: baskets, ignoreStatusChanges: true", 1))
			b.always(answer{})
			b.basket("a")
			b.settle()
			row.act(b)
			b.catchUp()
			if b.ready() != row.woken {
				t.Errorf("%s: woken %v, want %v", row.reason, b.ready(), row.woken)
			}
		})
	}
}
