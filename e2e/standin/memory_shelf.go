package standin

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// shelf holds objects by namespace/name, and lists them in the order of their keys.
type shelf struct {
	byKey map[string]*unstructured.Unstructured
	byUID map[types.UID]*unstructured.Unstructured
	// lists by namespace, and of all under "". A list is built on its
	// first use.
	lists map[string][]*unstructured.Unstructured
	// families by namespace, and the labelled by namespace and label, are made as
	// lists are, and gone with the next change.
	families map[string]map[types.UID][]*unstructured.Unstructured
	labelled map[string]map[string]map[string][]*unstructured.Unstructured
	in       map[string]map[string]*unstructured.Unstructured // by namespace, then by key
}

func newShelf() shelf {
	return shelf{
		byKey: map[string]*unstructured.Unstructured{}, byUID: map[types.UID]*unstructured.Unstructured{},
		lists: map[string][]*unstructured.Unstructured{}, families: map[string]map[types.UID][]*unstructured.Unstructured{},
		labelled: map[string]map[string]map[string][]*unstructured.Unstructured{}, in: map[string]map[string]*unstructured.Unstructured{},
	}
}

func (s shelf) get(key string) *unstructured.Unstructured { return s.byKey[key] }

func (s shelf) uid(uid types.UID) *unstructured.Unstructured { return s.byUID[uid] }

func (s shelf) put(object *unstructured.Unstructured) {
	key, namespace := keyOf(object), object.GetNamespace()
	if before := s.byKey[key]; before != nil {
		delete(s.byUID, before.GetUID())
	}
	s.byKey[key], s.byUID[object.GetUID()] = object, object
	if s.in[namespace] == nil {
		s.in[namespace] = map[string]*unstructured.Unstructured{}
	}
	s.in[namespace][key] = object
	s.relist(namespace, func(list []*unstructured.Unstructured) []*unstructured.Unstructured {
		at, there := position(list, key)
		if !there {
			return slices.Insert(slices.Clone(list), at, object)
		}
		list = slices.Clone(list)
		list[at] = object
		return list
	})
}

func (s shelf) remove(object *unstructured.Unstructured) {
	key, namespace := keyOf(object), object.GetNamespace()
	if before := s.byKey[key]; before != nil {
		delete(s.byUID, before.GetUID())
	}
	delete(s.byKey, key)
	delete(s.in[namespace], key)
	s.relist(namespace, func(list []*unstructured.Unstructured) []*unstructured.Unstructured {
		if at, there := position(list, key); there {
			return slices.Delete(slices.Clone(list), at, at+1)
		}
		return list
	})
}

// relist changes the lists that exist. Those handed out stay.
func (s shelf) relist(namespace string, change func([]*unstructured.Unstructured) []*unstructured.Unstructured) {
	for _, of := range []string{namespace, ""} {
		delete(s.families, of)
		delete(s.labelled, of)
		if list, known := s.lists[of]; known {
			s.lists[of] = change(list)
		}
		if namespace == "" {
			return
		}
	}
}

func position(list []*unstructured.Unstructured, key string) (int, bool) {
	return slices.BinarySearchFunc(list, key, func(object *unstructured.Unstructured, key string) int {
		return strings.Compare(keyOf(object), key)
	})
}

// list is read only.
func (s shelf) list(namespace string) []*unstructured.Unstructured {
	if list, known := s.lists[namespace]; known {
		return list
	}
	from := s.byKey
	if namespace != "" {
		from = s.in[namespace]
	}
	list := make([]*unstructured.Unstructured, 0, len(from))
	for _, object := range from {
		list = append(list, object)
	}
	slices.SortFunc(list, func(a, b *unstructured.Unstructured) int { return strings.Compare(keyOf(a), keyOf(b)) })
	s.lists[namespace] = list
	return list
}
