package standin

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// families is a Cache that knows who controls whom. Without it each sync of one
// parent looks at all objects of its namespace.
type families interface {
	// Family lists what the owner controls, and what has no controller.
	Family(namespace string, owner types.UID) (owned, orphans []*unstructured.Unstructured)
}

func familyOf(cache Cache, namespace string, owner types.UID) (owned, orphans []*unstructured.Unstructured) {
	if known, ok := cache.(families); ok {
		return known.Family(namespace, owner)
	}
	for _, child := range cache.List(namespace) {
		switch uid, controlled := controllerOf(child); {
		case !controlled:
			orphans = append(orphans, child)
		case uid == owner:
			owned = append(owned, child)
		}
	}
	return owned, orphans
}

// Family lists what the owner controls, and what has no controller.
func (t *table) Family(namespace string, owner types.UID) (owned, orphans []*unstructured.Unstructured) {
	family := t.cached.family(namespace)
	return family[owner], family[""]
}

// family is read only; what has no controller is under "".
func (s shelf) family(namespace string) map[types.UID][]*unstructured.Unstructured {
	if known, found := s.families[namespace]; found {
		return known
	}
	family := map[types.UID][]*unstructured.Unstructured{}
	for _, object := range s.list(namespace) {
		uid, _ := controllerOf(object)
		family[uid] = append(family[uid], object)
	}
	s.families[namespace] = family
	return family
}

// controllerOf is metav1.GetControllerOf's UID, read in place where the object is as
// JSON made it.
func controllerOf(object *unstructured.Unstructured) (types.UID, bool) {
	metadata, _ := object.Object["metadata"].(map[string]any)
	refs, plain := metadata["ownerReferences"].([]any)
	if !plain {
		if ref := metav1.GetControllerOfNoCopy(object); ref != nil {
			return ref.UID, true
		}
		return "", false
	}
	for _, ref := range refs {
		if ref, ok := ref.(map[string]any); ok && ref["controller"] == true {
			uid, _ := ref["uid"].(string)
			return types.UID(uid), true
		}
	}
	return "", false
}

// bareLabels are an object's labels, read in place.
type bareLabels map[string]any

func labelsOf(object *unstructured.Unstructured) labels.Labels {
	metadata, _ := object.Object["metadata"].(map[string]any)
	bare, _ := metadata["labels"].(map[string]any)
	return bareLabels(bare)
}

func (l bareLabels) Has(label string) bool {
	_, found := l[label]
	return found
}

func (l bareLabels) Get(label string) string {
	value, _ := l[label].(string)
	return value
}

func (l bareLabels) Lookup(label string) (string, bool) { return l.Get(label), l.Has(label) }

// labelled is a Cache that finds objects by a label. Without it each sync looks at
// all pods of its namespace.
type labelled interface {
	// Labelled lists the objects of a namespace, or of all with "", whose label is value.
	Labelled(namespace, label, value string) []*unstructured.Unstructured
}

// Labelled lists the objects of a namespace, or of all with "", whose label is value.
func (t *table) Labelled(namespace, label, value string) []*unstructured.Unstructured {
	return t.cached.by(namespace, label)[value]
}

// by is read only.
func (s shelf) by(namespace, label string) map[string][]*unstructured.Unstructured {
	if known, found := s.labelled[namespace][label]; found {
		return known
	}
	by := map[string][]*unstructured.Unstructured{}
	for _, object := range s.list(namespace) {
		if value, found := labelsOf(object).Lookup(label); found {
			by[value] = append(by[value], object)
		}
	}
	if s.labelled[namespace] == nil {
		s.labelled[namespace] = map[string]map[string][]*unstructured.Unstructured{}
	}
	s.labelled[namespace][label] = by
	return by
}
