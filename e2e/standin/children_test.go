package standin

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

var deleteNow = metav1.DeleteOptions{}

func TestCreatedChild(t *testing.T) {
	b := newBench(t)
	b.always(answer{"children": []any{map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": "j"}, "spec": map[string]any{"x": 1}}}})
	parent := b.basket("a")
	b.settle()
	made := b.get(jobs, "j")
	yes := true
	wantRefs := []metav1.OwnerReference{{APIVersion: "example.test/v1", Kind: "Basket", Name: "a", UID: parent.GetUID(), Controller: &yes, BlockOwnerDeletion: &yes}}
	if diff := cmp.Diff(wantRefs, made.GetOwnerReferences()); diff != "" {
		t.Errorf("owner (-want +got):\n%s", diff)
	}
	var last map[string]any
	if err := json.Unmarshal([]byte(made.GetAnnotations()[lastApplied]), &last); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "spec": map[string]any{"x": 1.0},
		"metadata": map[string]any{"name": "j", "namespace": "ns", "labels": map[string]any{selectorLabel: string(parent.GetUID())}},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("the annotation is what was desired, with namespace and label, without owner (-want +got):\n%s", diff)
	}
}

func TestChildren(t *testing.T) {
	extra := func(o *unstructured.Unstructured) { o.Object["spec"] = map[string]any{"changed": true} }
	table := map[string]struct {
		reason string
		before func(b *bench) // the basket has made Job j
		answer any
		fail   string // calls that the server refuses, by verb
		calls  []string
		events []string
	}{
		"named, there":   {"a child that is there is left alone", nil, answer{"children": []any{job("j")}}, "", nil, nil},
		"named, differs": {"OnDelete: whatever differs", func(b *bench) { b.edit(jobs, "j", extra) }, answer{"children": []any{job("j")}}, "", nil, nil},
		"not named":      {"a child that is not named is deleted", nil, answer{"children": []any{}}, "", []string{"delete jobs j"}, nil},
		"going":          {"a child that goes already is not deleted again", func(b *bench) { b.hold("j"); b.delete(jobs, "j", deleteNow) }, answer{}, "", nil, nil},
		"named, going":   {"nor made beside it", func(b *bench) { b.hold("j"); b.delete(jobs, "j", deleteNow) }, answer{"children": []any{job("j")}}, "", nil, nil},
		"other version":  {"another apiVersion is another child", nil, answer{"children": []any{object("batch/v2", "Job", "j")}}, "", []string{"delete jobs j"}, []string{"discovery knows no kind Job in batch/v2"}},
		"twice":          {"of two with one name the last wins, silently", nil, answer{"children": []any{job("j"), job("k"), job("k")}}, "", []string{"create jobs k"}, nil},
		"one fails":      {"a failed delete stops no create", nil, answer{"children": []any{job("k")}}, "delete", []string{"delete jobs j", "create jobs k"}, []string{"can't delete Job ns/j"}},
		"undeclared":     {"a kind that is not declared is created, unseen", nil, answer{"children": []any{job("j"), object("v1", "Pod", "p")}}, "", []string{"create pods p"}, nil},
		"elsewhere":      {"so is one in another namespace", nil, answer{"children": []any{job("j"), inNamespace(job("j"), "other")}}, "", []string{"create jobs j"}, nil},
		"broken note": {"a broken last-applied annotation fails the child's merge", func(b *bench) {
			b.edit(jobs, "j", func(o *unstructured.Unstructured) { o.SetAnnotations(map[string]string{lastApplied: "{"}) })
		}, answer{"children": []any{job("j")}}, "", nil, []string{"can't decode annotation"}},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{"children": []any{job("j")}})
			if row.before != nil {
				row.before(b)
			}
			b.always(row.answer)
			b.controller.Queue().Add("ns/a")
			b.catchUp()
			b.tap.After = func(op Op, err error) error {
				if op.Verb == row.fail {
					return errors.New("refused")
				}
				return err
			}
			b.step()
			b.want(row.reason, append(append([]string{"hook sync"}, row.calls...), "get baskets a")...)
			b.wantEvents(row.reason, row.events...)
		})
	}
}

func (b *bench) hold(name string) {
	b.edit(jobs, name, func(o *unstructured.Unstructured) { o.SetFinalizers([]string{"others/hold"}) })
}

func inNamespace(o *unstructured.Unstructured, namespace string) *unstructured.Unstructured {
	o.SetNamespace(namespace)
	return o
}

func TestForeignChildIsNeitherSeenNorTouched(t *testing.T) {
	b := newBench(t)
	b.create(jobs, job("j"))
	b.always(answer{"children": []any{job("j")}})
	b.basket("a")
	b.settle()
	b.log = nil
	b.controller.Queue().Add("ns/a")
	b.step()
	b.want("its AlreadyExists is swallowed at each sync", "hook sync", "create jobs j", "get baskets a")
	b.wantEvents("without an event")
	if got := len(b.bodies[Sync].Children["Job.batch/v1"]); got != 0 {
		t.Errorf("the hook is shown %d Jobs, want none", got)
	}
	b.delete(jobs, "j", deleteNow)
	b.catchUp()
	if b.ready() {
		t.Error("the foreign Job's deletion woke the parent")
	}
}

func TestPostOnlyWhenTheCacheLacksTheName(t *testing.T) {
	b := running(t, answer{"children": []any{job("j")}})
	b.delete(jobs, "j", deleteNow) // the cache still has it
	b.controller.Queue().Add("ns/a")
	b.step()
	b.want("a child that is gone but in the cache is not posted", "hook sync", "get baskets a")
	b.catchUp()
	b.step()
	b.want("its event brings the sync that posts", "hook sync", "create jobs j", "get baskets a")
}

func TestDeleteIsForTheObservedUIDOnly(t *testing.T) {
	b := running(t, answer{"children": []any{job("j")}})
	b.delete(jobs, "j", deleteNow)
	b.create(jobs, job("j")) // a namesake that the cache does not know
	b.always(answer{})
	b.controller.Queue().Add("ns/a")
	b.step()
	b.wantEvents("the precondition fails, and that is an error", "can't delete Job ns/j")
	if b.get(jobs, "j") == nil {
		t.Error("the namesake was deleted")
	}
}
