package standin

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// Garbage is one act that Kubernetes' garbage collector would do now.
type Garbage struct {
	Resource        Resource
	Namespace, Name string
	Act             string // delete, drop-owners, orphan, done
	policy          metav1.DeletionPropagation
	owners          []types.UID // to be dropped, for drop-owners
}

// Garbage lists what the collector would do now, in a fixed order; Collect does
// one of them. The caller picks which and when, or never.
func (m *Memory) Garbage() []Garbage {
	if m.collected == m.rv { // nothing has been written since there was nothing to do
		return nil
	}
	var acts []Garbage
	for _, t := range m.sorted {
		for _, object := range t.live.list("") {
			if act, ok := m.garbage(t, object); ok {
				act.Resource, act.Namespace, act.Name = t.Kind.Resource, object.GetNamespace(), object.GetName()
				acts = append(acts, act)
			}
		}
	}
	if len(acts) == 0 {
		m.collected = m.rv
	}
	return acts
}

// Collect does one act of the garbage collector.
func (m *Memory) Collect(act Garbage) error {
	switch act.Act {
	case "delete":
		return m.Delete(context.Background(), act.Resource, act.Namespace, act.Name, metav1.DeleteOptions{PropagationPolicy: &act.policy})
	case "drop-owners":
		return m.Edit(act.Resource, act.Namespace, act.Name, func(object *unstructured.Unstructured) {
			object.SetOwnerReferences(slices.DeleteFunc(object.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return slices.Contains(act.owners, ref.UID) }))
		})
	}
	return m.Edit(act.Resource, act.Namespace, act.Name, func(object *unstructured.Unstructured) {
		object.SetFinalizers(slices.DeleteFunc(object.GetFinalizers(), func(f string) bool {
			return f == metav1.FinalizerDeleteDependents || f == metav1.FinalizerOrphanDependents
		}))
	})
}

// garbage says what the collector would do about one object: about its owners
// first, then about its own deletion.
func (m *Memory) garbage(t *table, object *unstructured.Unstructured) (Garbage, bool) {
	if act, ok := m.orphaned(object); ok {
		return act, true
	}
	if object.GetDeletionTimestamp() == nil {
		return Garbage{}, false
	}
	dependents := m.dependents(object)
	switch {
	case slices.Contains(object.GetFinalizers(), metav1.FinalizerOrphanDependents):
		return Garbage{Act: "orphan"}, len(dependents) == 0
	case slices.Contains(object.GetFinalizers(), metav1.FinalizerDeleteDependents):
		return Garbage{Act: "done"}, !slices.ContainsFunc(dependents, func(d *unstructured.Unstructured) bool { return blocks(d, object.GetUID()) })
	}
	return Garbage{}, false
}

// orphaned judges an object by its owners. One owner that lives keeps it; owners
// that are gone, or that wait for their dependents' deletion, do not; an owner that
// orphans its dependents is dropped from them.
func (m *Memory) orphaned(object *unstructured.Unstructured) (Garbage, bool) {
	var solid int
	var gone, orphaning, waiting []types.UID
	for _, ref := range object.GetOwnerReferences() {
		switch owner := m.byUID(ref.UID); {
		case owner == nil:
			gone = append(gone, ref.UID)
		case owner.GetDeletionTimestamp() != nil && slices.Contains(owner.GetFinalizers(), metav1.FinalizerOrphanDependents):
			orphaning = append(orphaning, ref.UID)
		case owner.GetDeletionTimestamp() != nil && slices.Contains(owner.GetFinalizers(), metav1.FinalizerDeleteDependents):
			waiting = append(waiting, ref.UID)
		default:
			solid++
		}
	}
	switch {
	case len(orphaning) > 0:
		return Garbage{Act: "drop-owners", owners: orphaning}, true
	case solid > 0 && len(gone)+len(waiting) > 0:
		return Garbage{Act: "drop-owners", owners: append(gone, waiting...)}, true
	case solid > 0 || len(gone)+len(waiting) == 0 || object.GetDeletionTimestamp() != nil:
		return Garbage{}, false
	case len(waiting) > 0 && len(m.dependents(object)) > 0:
		return Garbage{Act: "delete", policy: metav1.DeletePropagationForeground}, true
	}
	return Garbage{Act: "delete", policy: metav1.DeletePropagationBackground}, true
}

func (m *Memory) dependents(owner *unstructured.Unstructured) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for _, t := range m.sorted {
		for _, object := range t.live.list("") {
			if slices.ContainsFunc(object.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return ref.UID == owner.GetUID() }) {
				found = append(found, object)
			}
		}
	}
	return found
}

func (m *Memory) byUID(uid types.UID) *unstructured.Unstructured {
	for _, t := range m.sorted {
		if object := t.live.uid(uid); object != nil {
			return object
		}
	}
	return nil
}

func blocks(dependent *unstructured.Unstructured, owner types.UID) bool {
	return slices.ContainsFunc(dependent.GetOwnerReferences(), func(ref metav1.OwnerReference) bool {
		return ref.UID == owner && ref.BlockOwnerDeletion != nil && *ref.BlockOwnerDeletion
	})
}
