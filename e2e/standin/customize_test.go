package standin

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// relating is a bench whose customize answers with the given rules.
func relating(t *testing.T, rules ...any) *bench {
	t.Helper()
	b := newBench(t)
	b.answer = func(hook HookKind, _ hookBody) any {
		if hook == Customize {
			return answer{"relatedResources": rules}
		}
		return answer{}
	}
	return b
}

func pod(namespace, name, topology string) *unstructured.Unstructured {
	o := inNamespace(object("v1", "Pod", name), namespace)
	o.SetLabels(map[string]string{"topology": topology})
	return o
}

func TestRelatedRules(t *testing.T) {
	rule := func(resource string, more answer) answer {
		r := answer{"apiVersion": "v1", "resource": resource}
		for key, value := range more {
			r[key] = value
		}
		return r
	}
	byLabel := answer{"matchLabels": answer{"topology": "a"}}
	table := map[string]struct {
		reason string
		rule   any
		kind   string
		want   []string
		event  string
	}{
		"labels":              {"labels alone select in all namespaces: v2", rule("pods", answer{"labelSelector": byLabel}), "Pod.v1", []string{"ns/p1", "other/p1"}, ""},
		"labels, namespace":   {"labels and namespace combine", rule("pods", answer{"labelSelector": byLabel, "namespace": "ns"}), "Pod.v1", []string{"ns/p1"}, ""},
		"names":               {"names alone select in all namespaces: v2", rule("pods", answer{"names": []string{"p1"}}), "Pod.v1", []string{"ns/p1", "other/p1"}, ""},
		"names, namespace":    {"names in one namespace", rule("pods", answer{"names": []string{"p1", "no"}, "namespace": "ns"}), "Pod.v1", []string{"ns/p1"}, ""},
		"namespace":           {"a namespace alone selects all of it", rule("pods", answer{"namespace": "ns"}), "Pod.v1", []string{"ns/p1", "ns/p2"}, ""},
		"nothing":             {"no selector at all selects everything", rule("pods", nil), "Pod.v1", []string{"ns/p1", "ns/p2", "other/p1"}, ""},
		"none match":          {"a rule without matches has an empty entry", rule("pods", answer{"names": []string{"no"}}), "Pod.v1", nil, ""},
		"cluster-scoped":      {"a cluster-scoped object's key is its name", rule("namespaces", answer{"names": []string{"ns"}}), "Namespace.v1", []string{"ns"}, ""},
		"names and labels":    {"names exclude a selector", rule("pods", answer{"names": []string{"p1"}, "labelSelector": byLabel}), "", nil, "names and labelSelector"},
		"unknown resource":    {"discovery must know it", rule("nothings", nil), "", nil, "discovery knows no resource"},
		"unknown key in rule": {"rules are decoded strictly", rule("pods", answer{"labels": answer{}}), "", nil, "unknown field"},
		"namespaceSelector":   {"not known here, and said so", rule("pods", answer{"namespaceSelector": answer{}}), "", nil, "which the stand-in does not know"},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := relating(t, row.rule)
			b.create(pods, pod("ns", "p1", "a"))
			b.create(pods, pod("ns", "p2", "b"))
			b.create(pods, pod("other", "p1", "a"))
			b.create(namespaces, inNamespace(object("v1", "Namespace", "ns"), ""))
			b.basket("a")
			b.catchUp()
			b.step()
			if row.event != "" {
				b.wantEvents(row.reason, row.event)
				return
			}
			b.wantEvents(row.reason)
			group, entry := b.bodies[Sync].Related[row.kind]
			if !entry {
				t.Fatalf("%s: related has no entry %s: %v", row.reason, row.kind, b.bodies[Sync].Related)
			}
			if diff := cmp.Diff(row.want, keys(group)); diff != "" {
				t.Errorf("%s: related (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestCustomizeIsKeptByUIDAndGeneration(t *testing.T) {
	asked := func(b *bench) bool {
		b.log = nil
		b.controller.Queue().Add("ns/a")
		b.step()
		return b.log[0] == "hook customize"
	}
	table := map[string]struct {
		reason string
		act    func(b *bench)
		asked  bool
	}{
		"nothing":    {"it is kept", func(*bench) {}, false},
		"annotation": {"an annotation does not change the generation", func(b *bench) { b.touch(baskets, "a") }, false},
		"spec": {"a spec is", func(b *bench) {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.Object["spec"] = answer{"size": int64(4)} })
		}, true},
		"deletion":     {"and a deletion", func(b *bench) { b.delete(baskets, "a", deleteNow) }, true},
		"20 minutes":   {"for twenty minutes", func(b *bench) { b.clock = b.clock.Add(customizeLife) }, false},
		"20 min, 1 ns": {"and no longer", func(b *bench) { b.clock = b.clock.Add(customizeLife + 1) }, true},
		"namesake": {"a namesake has another uid", func(b *bench) {
			b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers(nil) })
			b.delete(baskets, "a", deleteNow)
			b.basket("a")
		}, true},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{})
			row.act(b)
			b.catchUp()
			for b.ready() {
				key, _ := b.controller.Queue().Next()
				b.controller.Queue().Done(key)
			}
			if name == "namesake" { // its first sync adds the finalizer: look past that
				b.controller.finalizer = ""
				b.controller.cc.Spec.Hooks.Finalize = nil
			}
			if got := asked(b); got != row.asked {
				t.Errorf("%s: customize called %v, want %v", row.reason, got, row.asked)
			}
		})
	}
}

func TestFailedCustomizeIsAskedAgain(t *testing.T) {
	b := newBench(t)
	b.answer = func(HookKind, hookBody) any { return errors.New("refused") }
	b.basket("a")
	b.catchUp()
	b.step()
	b.wantEvents("a failed customize fails the sync", "customize")
	b.log = nil
	b.clock = b.clock.Add(time.Second)
	b.answer = func(HookKind, hookBody) any { return answer{} }
	b.step()
	if b.log[1] != "hook customize" { // after the look for the finalizer
		t.Errorf("calls %v, want customize to be asked again", b.log)
	}
}

func TestRelatedEventsWakeParents(t *testing.T) {
	rule := answer{"apiVersion": "v1", "resource": "pods", "namespace": "ns", "labelSelector": answer{"matchLabels": answer{"topology": "a"}}}
	table := map[string]struct {
		reason string
		act    func(b *bench)
		woken  bool
	}{
		"added":       {"an added object that matches", func(b *bench) { b.create(pods, pod("ns", "new", "a")) }, true},
		"changed":     {"a changed one", func(b *bench) { b.touch(pods, "p") }, true},
		"deleted":     {"a deleted one", func(b *bench) { b.delete(pods, "p", deleteNow) }, true},
		"matched":     {"one that matched before", func(b *bench) { b.edit(pods, "p", func(o *unstructured.Unstructured) { o.SetLabels(nil) }) }, true},
		"other label": {"not one that never did", func(b *bench) { b.create(pods, pod("ns", "new", "b")) }, false},
		"other place": {"nor one elsewhere", func(b *bench) { b.create(pods, pod("other", "new", "a")) }, false},
		"resync": {"nor a resync", func(b *bench) {
			o := b.memory.Cache(pods.Resource).Get("ns", "p")
			b.controller.Handle(b.t.Context(), Event{pods.Resource, o, o})
		}, false},
		"another kind": {"nor another kind of that name", func(b *bench) { b.create(namespaces, inNamespace(object("v1", "Namespace", "p"), "")) }, false},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := relating(t, rule)
			b.create(pods, pod("ns", "p", "a"))
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

func TestRelatedEventAsksCustomizeOfEveryParent(t *testing.T) {
	b := relating(t, answer{"apiVersion": "v1", "resource": "pods", "names": []string{"p"}})
	b.basket("a")
	b.settle()
	b.basket("b")
	b.catchUp(baskets)
	b.log = nil
	b.create(pods, pod("ns", "p", "a"))
	b.catchUp(pods)
	b.want("inline, while the event is handled, a parent that was never synced is asked about", "hook customize")
	if diff := cmp.Diff(2, len(b.controller.Queue().Ready())); diff != "" {
		t.Errorf("parents woken (-want +got):\n%s", diff)
	}
}

// unsynced is a Store whose cache of pods has no list yet.
type unsynced struct{ Store }

type emptyCache struct{ Cache }

func (emptyCache) Synced() bool { return false }

func (u unsynced) Cache(r Resource) Cache {
	if r.Kind == "Pod" {
		return emptyCache{u.Store.Cache(r)}
	}
	return u.Store.Cache(r)
}

func TestRelatedCacheStillFilling(t *testing.T) {
	b := relating(t, answer{"apiVersion": "v1", "resource": "pods"})
	b.controller.store = unsynced{b.tap}
	b.basket("a")
	b.catchUp()
	b.step()
	b.wantEvents("it is waited for without an event")
	if got := b.waits(); got != firstBackoff {
		t.Errorf("waits %s, want the first backoff, %s", got, firstBackoff)
	}
}

func TestNullRuleEndsTheProcess(t *testing.T) {
	b := relating(t, nil)
	var crash *Crash
	b.controller.opts.Crash = func(c *Crash) { crash = c }
	b.basket("a")
	b.catchUp()
	b.step()
	if crash == nil {
		t.Error("a null rule was passed over")
	}
}

// TestManyParents: of many parents the same are woken as of few, though not all of
// them are asked about.
func TestManyParents(t *testing.T) {
	b := newBench(t)
	b.answer = func(hook HookKind, body hookBody) any {
		if hook != Customize {
			return answer{}
		}
		wants := body.Parent.GetName()
		if size, _, _ := unstructured.NestedInt64(body.Parent.Object, "spec", "size"); size == 4 {
			wants = "another"
		}
		return answer{"relatedResources": []any{
			answer{"apiVersion": "v1", "resource": "pods", "namespace": "ns", "labelSelector": answer{"matchLabels": answer{"topology": wants}}},
			answer{"apiVersion": "v1", "resource": "pods", "names": []string{"everybody's"}},
		}}
	}
	for i := range small + 10 {
		b.basket(fmt.Sprintf("b%d", i))
	}
	settle := func() {
		for b.catchUp(); b.ready(); b.catchUp() {
			b.step()
		}
	}
	settle()
	woken := func(reason, namespace, name, topology string, want ...string) {
		t.Helper()
		b.create(pods, pod(namespace, name, topology))
		b.catchUp()
		got := b.controller.Queue().Ready()
		if name == "everybody's" {
			want = b.controller.Queue().Ready()
			if len(got) != small+10 {
				t.Errorf("%s: %d parents are woken", reason, len(got))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
		settle()
	}
	woken("the first event asks about all of them", "ns", "p1", "b7", "ns/b7")
	woken("the next finds the same way", "ns", "p2", "b8", "ns/b8")
	woken("in another namespace it wakes no parent", "other", "p3", "b8", []string{}...)
	woken("but for its name, wherever it is", "other", "everybody's", "")
	b.basket("late")
	settle()
	woken("a parent that came later is found", "ns", "p4", "late", "ns/late")
	b.edit(baskets, "b9", func(o *unstructured.Unstructured) { o.Object["spec"] = answer{"size": int64(4)} })
	settle()
	woken("so is one whose rules have changed", "ns", "p5", "another", "ns/b9")
	b.clock = b.clock.Add(customizeLife + 1)
	settle()
	woken("and one whose answer has ended", "ns", "p6", "b3", "ns/b3")
}
