package standin

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestFirstSyncGoesInOrder(t *testing.T) {
	b := newBench(t)
	b.always(answer{"status": answer{"phase": "New"}, "children": []any{job("j"), object("v1", "ConfigMap", "m")}, "resyncAfterSeconds": 30})
	b.basket("a")
	b.catchUp()
	b.step()
	b.want("finalizer, customize, sync, children by kind, status",
		"get baskets a", "update baskets a",
		"hook customize", "hook sync",
		"create configmaps m", "create jobs j",
		"get baskets a", "updateStatus baskets a")
	if got := b.bodies[Sync].Parent.GetFinalizers(); cmp.Diff([]string{ourFinalizer}, got) != "" {
		t.Errorf("after adding the finalizer the hook is given the live parent; finalizers %v", got)
	}
	if got := b.waits(); got != 30*time.Second {
		t.Errorf("resyncAfterSeconds: 30 set a timer of %s", got)
	}
}

func TestRequestBody(t *testing.T) {
	b := running(t, answer{"children": []any{job("j")}})
	b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetAnnotations(map[string]string{"x": "y"}) })
	b.answer = func(hook HookKind, _ hookBody) any { return answer{"children": []any{job("j")}} }
	b.catchUp()
	b.step()
	body := b.bodies[Sync]
	if body.Finalizing {
		t.Error("sync was told finalizing: true")
	}
	if diff := cmp.Diff(map[string]any{"name": "basket"}, body.Controller["metadata"]); diff != "" {
		t.Errorf("the whole CompositeController is sent (-want +got):\n%s", diff)
	}
	if _, ok := body.Controller["status"].(map[string]any); !ok {
		t.Error("the CompositeController is sent with an empty status")
	}
	strategy, _, _ := unstructured.NestedSlice(body.Controller, "spec", "childResources")
	want := map[string]any{"method": "OnDelete", "statusChecks": map[string]any{}}
	if diff := cmp.Diff(want, strategy[0].(map[string]any)["updateStrategy"]); diff != "" {
		t.Errorf("a strategy is sent with empty statusChecks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ns/j"}, keys(body.Children["Job.batch/v1"])); diff != "" {
		t.Errorf("children are keyed by namespace/name under Kind.group/version (-want +got):\n%s", diff)
	}
	if got, ok := body.Children["ConfigMap.v1"]; !ok || len(got) != 0 {
		t.Errorf("a declared kind without objects has an empty entry; got %v, %v", got, ok)
	}
	if body.Related == nil || len(body.Related) != 0 {
		t.Errorf("related without rules is {}; got %v", body.Related)
	}
}

func TestFinalizerThatFailsEndsTheSync(t *testing.T) {
	b := newBench(t)
	b.basket("a")
	b.catchUp()
	b.tap.After = func(op Op, err error) error {
		if op.Verb == "update" {
			return errors.New("refused")
		}
		return err
	}
	b.step()
	b.want("no hook is called without the finalizer", "get baskets a", "update baskets a")
	b.wantEvents("and the failure is told", "SyncError on Basket ns/a: Sync error: can't sync finalizer")
	if got := b.waits(); got != firstBackoff {
		t.Errorf("the first retry comes after %s, want %s", got, firstBackoff)
	}
}

func TestParentGoneFromCacheIsNoError(t *testing.T) {
	b := running(t, answer{})
	b.controller.Queue().Add("ns/missing")
	b.step()
	b.want("nothing is called for a parent that the cache lacks")
	if got := b.waits(); got != -1 {
		t.Errorf("a timer of %s was set", got)
	}
}

func TestLabelsOfDesiredChildren(t *testing.T) {
	table := map[string]struct {
		reason string
		labels map[string]string
		events []string
		made   bool
	}{
		"none":             {reason: "the generated label is given", made: true},
		"others":           {reason: "the generated label is added to them", labels: map[string]string{"app": "x"}, made: true},
		"another uid":      {reason: "a child that would be orphaned at once fails the whole sync", labels: map[string]string{selectorLabel: "other"}, events: []string{"don't match parent selector"}},
		"our uid, spelled": {reason: "the key is left as it is when it is there", labels: map[string]string{selectorLabel: "00000000-0000-4000-8000-000000000001"}, made: true},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			child := job("j")
			child.SetLabels(row.labels)
			b.always(answer{"children": []any{child}, "status": answer{"phase": "X"}, "resyncAfterSeconds": 9})
			uid := b.basket("a").GetUID()
			b.catchUp()
			b.step()
			made := b.get(jobs, "j")
			if (made != nil) != row.made {
				t.Fatalf("%s: made %v, want %v", row.reason, made != nil, row.made)
			}
			b.wantEvents(row.reason, row.events...)
			if got := b.waits(); got == -1 || got > 9*time.Second {
				t.Errorf("the resync timer is set before the labels are looked at; waits %s", got)
			}
			if !row.made {
				if b.get(baskets, "a").Object["status"] != nil {
					t.Error("a status was written after the labels were refused")
				}
				return
			}
			if got := made.GetLabels()[selectorLabel]; got != string(uid) {
				t.Errorf("%s: label %s=%s, want %s", row.reason, selectorLabel, got, uid)
			}
		})
	}
}

func TestChildErrorIsLostBehindAStatusConflict(t *testing.T) {
	refuse := errors.New("quota exceeded")
	table := map[string]struct {
		reason   string
		conflict bool
		events   []string
		waits    time.Duration
	}{
		"status written": {"the child's error comes out after the status", false, []string{"quota exceeded"}, firstBackoff},
		"conflict":       {"four conflicts count as success, and the child's error is gone", true, nil, -1},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{"status": answer{"n": 1}})
			b.always(answer{"status": answer{"n": 2}, "children": []any{job("j")}})
			b.tap.After = func(op Op, err error) error {
				switch {
				case op.Verb == "create":
					return refuse
				case op.Verb == "get" && row.conflict: // another client writes between the GET and the PUT
					b.edit(baskets, "a", func(o *unstructured.Unstructured) {
						o.SetAnnotations(map[string]string{"at": o.GetResourceVersion()})
					})
				}
				return err
			}
			b.controller.Queue().Add("ns/a")
			b.step()
			b.wantEvents(row.reason, row.events...)
			if got := b.waits(); got != row.waits {
				t.Errorf("%s: waits %s, want %s", row.reason, got, row.waits)
			}
			tries := 0
			for _, line := range b.log {
				if line == "updateStatus baskets a" {
					tries++
				}
			}
			if row.conflict && tries != writeTries {
				t.Errorf("a conflicting status was tried %d times, want %d", tries, writeTries)
			}
		})
	}
}

func TestLostAnswerOfACreateIsNoSecondChild(t *testing.T) {
	b := newBench(t)
	b.always(answer{"children": []any{job("j")}})
	b.basket("a")
	b.catchUp()
	lost := false
	b.tap.After = func(op Op, err error) error {
		if op.Verb == "create" && !lost {
			lost = true
			return errors.New("connection reset")
		}
		return err
	}
	b.step()
	b.wantEvents("a lost answer is an error", "connection reset")
	uid := b.get(jobs, "j").GetUID()
	b.clock = b.clock.Add(time.Minute)
	b.log = nil
	b.step() // the Job is not in the cache yet
	b.want("the retry looks for the finalizer, since the cached parent lacks it, and posts again, since the cache lacks the name",
		"get baskets a", "hook sync", "create jobs j", "get baskets a")
	b.wantEvents("AlreadyExists is swallowed")
	if got := b.get(jobs, "j").GetUID(); got != uid {
		t.Errorf("the Job was made twice: %s, then %s", uid, got)
	}
}

func TestCollectorsDeletionsLeaveChildrenToIt(t *testing.T) {
	for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan} {
		t.Run(string(policy), func(t *testing.T) {
			b := running(t, answer{"children": []any{job("j")}})
			b.delete(baskets, "a", metav1.DeleteOptions{PropagationPolicy: &policy})
			b.always(answer{"children": []any{job("new")}})
			b.catchUp()
			b.step()
			b.want("finalize is called, but no child is deleted or made: the collector deletes or orphans them",
				"hook customize", "hook finalize", "get baskets a", "updateStatus baskets a")
		})
	}
}
