package manifests

import (
	"context"
	"fmt"
	"os"

	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/crd"
)

// Kind is a kind of object as the API server would serve it by its CRD.
type Kind struct{ *crd.Kind }

// Load reads a CRD as the API server would when it is applied.
func Load(path string) (*Kind, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	kind, err := crd.Load(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Kind{kind}, nil
}

// Check is what the API server says to the CRD itself: whether its schema is
// structural, its defaults valid, its rules compile and cost little enough.
func (k *Kind) Check(ctx context.Context) field.ErrorList {
	return crdvalidation.ValidateCustomResourceDefinition(ctx, k.CRD)
}

// Create is what kubectl apply says to a new object: unknown fields are errors,
// as they are by kubectl's default. The object gets its defaults.
func (k *Kind) Create(ctx context.Context, object map[string]any) field.ErrorList {
	return k.Update(ctx, object, nil)
}

// Update is the same for an object that replaces another.
func (k *Kind) Update(ctx context.Context, object, old map[string]any) field.ErrorList {
	var errs field.ErrorList
	for _, path := range k.Prune(object) {
		errs = append(errs, field.Forbidden(field.NewPath(path), "unknown field"))
	}
	k.Default(object)
	return append(errs, k.Validate(ctx, object, old)...)
}
