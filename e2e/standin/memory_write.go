package standin

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Create implements Store. A terminating namespace takes nothing new.
func (m *Memory) Create(_ context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	t, err := m.table(r)
	if err != nil {
		return nil, err
	}
	created := asStored(object)
	if m.terminating(created.GetNamespace()) {
		err := apierrors.NewForbidden(r.GroupResource(), created.GetName(), fmt.Errorf("unable to create new content in namespace %s because it is being terminated", created.GetNamespace()))
		err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause, Field: "metadata.namespace"}}
		return nil, err
	}
	if t.live.get(keyOf(created)) != nil {
		return nil, apierrors.NewAlreadyExists(r.GroupResource(), created.GetName())
	}
	if t.Status {
		delete(created.Object, "status")
	}
	m.uids++
	created.SetUID(types.UID(fmt.Sprintf("00000000-0000-4000-8000-%012d", m.uids)))
	created.SetGeneration(1)
	created.SetCreationTimestamp(metav1.NewTime(m.now()))
	if err := m.admit(r, created, nil); err != nil {
		return nil, err
	}
	m.store(t, nil, created)
	return created, nil
}

// Update implements Store: everything but status, where that is a subresource.
func (m *Memory) Update(_ context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return m.replace(r, object, func(t *table, updated, old *unstructured.Unstructured) {
		updated.Object = asStored(updated).Object
		keepSystemFields(updated, old)
		if t.Status {
			setOrDelete(updated.Object, "status", old.Object["status"])
		}
	})
}

// UpdateStatus implements Store: nothing but status. All else is shared with the
// version before.
func (m *Memory) UpdateStatus(_ context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return m.replace(r, object, func(_ *table, updated, old *unstructured.Unstructured) {
		status := updated.Object["status"]
		updated.Object = writable(old).Object
		setOrDelete(updated.Object, "status", storedValue(status))
	})
}

// Edit reads, changes and writes an object, main part and status, as a person or
// another controller does. Generation and version follow the usual rules.
func (m *Memory) Edit(r Resource, namespace, name string, change func(*unstructured.Unstructured)) error {
	object, err := m.Get(context.Background(), r, namespace, name)
	if err != nil {
		return err
	}
	object = object.DeepCopy()
	change(object)
	_, err = m.replace(r, object, func(_ *table, updated, old *unstructured.Unstructured) {
		updated.Object = asStored(updated).Object
		keepSystemFields(updated, old)
	})
	return err
}

// EditStatus reads, changes and writes the status of an object, as its controller does.
func (m *Memory) EditStatus(r Resource, namespace, name string, change func(status map[string]any)) error {
	old, err := m.Get(context.Background(), r, namespace, name)
	if err != nil {
		return err
	}
	before, _ := old.Object["status"].(map[string]any)
	status := maps.Clone(before)
	if status == nil {
		status = map[string]any{}
	}
	change(status)
	edited := writable(old)
	edited.Object["status"] = status
	_, err = m.UpdateStatus(context.Background(), r, edited)
	return err
}

func (m *Memory) replace(r Resource, object *unstructured.Unstructured, keep func(t *table, updated, old *unstructured.Unstructured)) (*unstructured.Unstructured, error) {
	t, err := m.table(r)
	if err != nil {
		return nil, err
	}
	old := t.live.get(keyOf(object))
	if old == nil {
		return nil, apierrors.NewNotFound(r.GroupResource(), object.GetName())
	}
	if object.GetUID() != old.GetUID() || object.GetResourceVersion() != old.GetResourceVersion() {
		return nil, apierrors.NewConflict(r.GroupResource(), object.GetName(), fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
	}
	updated := writable(object)
	keep(t, updated, old)
	if err := m.admit(r, updated, old); err != nil {
		return nil, err
	}
	if err := noNewFinalizers(r, updated, old); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(content(updated), content(old)) {
		updated.SetGeneration(old.GetGeneration() + 1)
	}
	if reflect.DeepEqual(updated.Object, old.Object) {
		return old, nil // no new version, no event
	}
	if updated.GetDeletionTimestamp() != nil && len(updated.GetFinalizers()) == 0 && !gracePending(t, updated) {
		m.remove(t, updated) // the last finalizer's removal is a deletion, not an update
	} else {
		m.store(t, old, updated)
	}
	return updated, nil
}

// Delete implements Store. An object with finalizers, or one whose kubelet must
// stop it first, is marked only. Propagation foreground and orphan are finalizers
// that the garbage collector removes.
func (m *Memory) Delete(_ context.Context, r Resource, namespace, name string, options metav1.DeleteOptions) error {
	t, err := m.table(r)
	if err != nil {
		return err
	}
	old := t.live.get(t.key(namespace, name))
	if old == nil {
		return apierrors.NewNotFound(r.GroupResource(), name)
	}
	if p := options.Preconditions; p != nil {
		if p.UID != nil && *p.UID != old.GetUID() || p.ResourceVersion != nil && *p.ResourceVersion != old.GetResourceVersion() {
			return apierrors.NewConflict(r.GroupResource(), name, fmt.Errorf("precondition failed: the object has uid %s", old.GetUID()))
		}
	}
	marked := writable(old)
	marked.SetFinalizers(withPropagation(old.GetFinalizers(), options.PropagationPolicy))
	grace := graceOf(t, marked, options)
	if len(marked.GetFinalizers()) == 0 && grace == 0 {
		m.remove(t, old)
		return nil
	}
	if marked.GetDeletionTimestamp() == nil {
		now := metav1.NewTime(m.now().Add(time.Duration(grace) * time.Second))
		marked.SetDeletionTimestamp(&now)
		marked.SetGeneration(old.GetGeneration() + 1) // k8s.io/apiserver: pkg/registry/rest/delete.go, 0.37
	}
	if current := marked.GetDeletionGracePeriodSeconds(); current == nil || *current > grace {
		marked.SetDeletionGracePeriodSeconds(&grace)
	}
	if !reflect.DeepEqual(marked.Object, old.Object) {
		m.store(t, old, marked)
	}
	return nil
}

// withPropagation replaces the garbage collector's finalizers by those of a policy.
func withPropagation(finalizers []string, policy *metav1.DeletionPropagation) []string {
	if policy == nil {
		return finalizers
	}
	kept := slices.DeleteFunc(slices.Clone(finalizers), func(f string) bool {
		return f == metav1.FinalizerDeleteDependents || f == metav1.FinalizerOrphanDependents
	})
	switch *policy {
	case metav1.DeletePropagationForeground:
		return append(kept, metav1.FinalizerDeleteDependents)
	case metav1.DeletePropagationOrphan:
		return append(kept, metav1.FinalizerOrphanDependents)
	}
	return kept
}

// graceOf is how many seconds the deletion of a pod waits: none for a pod that no
// node has, else the requested one, else the pod's own, else 30.
func graceOf(t *table, object *unstructured.Unstructured, options metav1.DeleteOptions) int64 {
	if node, _, _ := unstructured.NestedString(object.Object, "spec", "nodeName"); !t.Graceful || node == "" {
		return 0
	}
	if options.GracePeriodSeconds != nil {
		return *options.GracePeriodSeconds
	}
	if seconds, ok, _ := unstructured.NestedInt64(object.Object, "spec", "terminationGracePeriodSeconds"); ok {
		return seconds
	}
	return corev1.DefaultTerminationGracePeriodSeconds
}

func gracePending(t *table, object *unstructured.Unstructured) bool {
	grace := object.GetDeletionGracePeriodSeconds()
	return t.Graceful && grace != nil && *grace > 0
}

func (m *Memory) admit(r Resource, object, old *unstructured.Unstructured) error {
	if m.Admit == nil {
		return nil
	}
	return m.Admit(r, object, old)
}

// store gives an object its version, makes it live and puts the event on the watch.
func (m *Memory) store(t *table, old, object *unstructured.Unstructured) {
	m.rv++
	object.SetResourceVersion(strconv.FormatInt(m.rv, 10))
	t.live.put(object)
	t.pending = append(t.pending, Event{Resource: t.Kind.Resource, Old: old, New: object})
}

func (m *Memory) remove(t *table, object *unstructured.Unstructured) {
	m.rv++
	gone := writable(object)
	gone.SetResourceVersion(strconv.FormatInt(m.rv, 10))
	t.live.remove(object)
	t.pending = append(t.pending, Event{Resource: t.Kind.Resource, Old: gone})
}

func (m *Memory) terminating(namespace string) bool {
	t := m.tables[schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}]
	if t == nil || namespace == "" {
		return false
	}
	live := t.live.get(namespace)
	return live != nil && live.GetDeletionTimestamp() != nil
}

// noNewFinalizers: an object that is being deleted gets no finalizer any more.
func noNewFinalizers(r Resource, updated, old *unstructured.Unstructured) error {
	if old.GetDeletionTimestamp() == nil {
		return nil
	}
	for _, f := range updated.GetFinalizers() {
		if !slices.Contains(old.GetFinalizers(), f) {
			return apierrors.NewForbidden(r.GroupResource(), old.GetName(), fmt.Errorf("metadata.finalizers: no new finalizers can be added if the object is being deleted, found %q", f))
		}
	}
	return nil
}

func keepSystemFields(updated, old *unstructured.Unstructured) {
	from, _ := old.Object["metadata"].(map[string]any)
	given, _ := updated.Object["metadata"].(map[string]any)
	to := maps.Clone(given)
	for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"} {
		setOrDelete(to, field, from[field])
	}
	updated.Object["metadata"] = to
}

// content is what a new generation is counted for: neither metadata nor status.
func content(object *unstructured.Unstructured) map[string]any {
	rest := map[string]any{}
	for key, value := range object.Object {
		if key != "metadata" && key != "status" {
			rest[key] = value
		}
	}
	return rest
}

func setOrDelete(m map[string]any, key string, value any) {
	if value == nil {
		delete(m, key)
		return
	}
	m[key] = value
}
