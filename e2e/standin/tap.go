package standin

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Op is one live call of the loop to the API server.
type Op struct {
	Verb            string // get, create, update, updateStatus, delete
	Resource        Resource
	Namespace, Name string
	Object          *unstructured.Unstructured // what is written; nil for get and delete
}

// Tap is a Store that lets the caller stand between the loop and the API server:
// to count and record calls, to let the world move between two of them, to fail
// a call (Before returns an error: it is not carried out) or to lose its answer
// (After returns another error than it was given: it has been carried out).
type Tap struct {
	Store
	Before func(Op) error
	After  func(Op, error) error
}

// Get implements Store.
func (t *Tap) Get(ctx context.Context, r Resource, namespace, name string) (*unstructured.Unstructured, error) {
	return t.through(Op{"get", r, namespace, name, nil}, func() (*unstructured.Unstructured, error) {
		return t.Store.Get(ctx, r, namespace, name)
	})
}

// Create implements Store.
func (t *Tap) Create(ctx context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return t.through(Op{"create", r, object.GetNamespace(), object.GetName(), object}, func() (*unstructured.Unstructured, error) {
		return t.Store.Create(ctx, r, object)
	})
}

// Update implements Store.
func (t *Tap) Update(ctx context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return t.through(Op{"update", r, object.GetNamespace(), object.GetName(), object}, func() (*unstructured.Unstructured, error) {
		return t.Store.Update(ctx, r, object)
	})
}

// UpdateStatus implements Store.
func (t *Tap) UpdateStatus(ctx context.Context, r Resource, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return t.through(Op{"updateStatus", r, object.GetNamespace(), object.GetName(), object}, func() (*unstructured.Unstructured, error) {
		return t.Store.UpdateStatus(ctx, r, object)
	})
}

// Delete implements Store.
func (t *Tap) Delete(ctx context.Context, r Resource, namespace, name string, options metav1.DeleteOptions) error {
	_, err := t.through(Op{"delete", r, namespace, name, nil}, func() (*unstructured.Unstructured, error) {
		return nil, t.Store.Delete(ctx, r, namespace, name, options)
	})
	return err
}

func (t *Tap) through(op Op, call func() (*unstructured.Unstructured, error)) (*unstructured.Unstructured, error) {
	if t.Before != nil {
		if err := t.Before(op); err != nil {
			return nil, err
		}
	}
	object, err := call()
	if t.After != nil {
		err = t.After(op, err)
	}
	if err != nil {
		return nil, err
	}
	return object, nil
}
