package crd

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// Kind is a kind of object, as its CRD describes it.
type Kind struct {
	CRD    *apiextensions.CustomResourceDefinition
	Schema *schema.Structural
	checks validation.SchemaValidator
	rules  *cel.Validator
}

// Load decodes a CRD with one version.
func Load(text []byte) (*Kind, error) {
	var outer apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &outer); err != nil {
		return nil, fmt.Errorf("reading the CustomResourceDefinition: %w", err)
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	scheme.Default(&outer)
	// The API server sets the storage version before it validates.
	outer.Status.StoredVersions = []string{outer.Spec.Versions[0].Name}
	inner := &apiextensions.CustomResourceDefinition{}
	if err := scheme.Convert(&outer, inner, nil); err != nil {
		return nil, fmt.Errorf("converting CustomResourceDefinition %s: %w", outer.Name, err)
	}
	served, err := apiextensions.GetSchemaForVersion(inner, inner.Spec.Versions[0].Name)
	if err != nil {
		return nil, fmt.Errorf("CustomResourceDefinition %s: %w", outer.Name, err)
	}
	structural, err := schema.NewStructural(served.OpenAPIV3Schema)
	if err != nil {
		return nil, fmt.Errorf("the schema of %s is not structural: %w", outer.Name, err)
	}
	checks, _, err := validation.NewSchemaValidator(served.OpenAPIV3Schema)
	if err != nil {
		return nil, fmt.Errorf("CustomResourceDefinition %s: %w", outer.Name, err)
	}
	return &Kind{CRD: inner, Schema: structural, checks: checks, rules: cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

// Prune removes fields that the schema does not know from an object, and returns their
// paths: kubectl apply rejects them.
func (k *Kind) Prune(object map[string]any) []string {
	return pruning.PruneWithOptions(object, k.Schema, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
}

// Default sets the defaults of the schema.
func (k *Kind) Default(object map[string]any) {
	defaulting.PruneNonNullableNullsWithoutDefaults(object, k.Schema)
	defaulting.Default(object, k.Schema)
}

// Validate returns the errors of the API server for an object that has its defaults; old
// is the object that it replaces, nil for a new one. Rules run only if the schema check
// passes, since they rely on it.
func (k *Kind) Validate(ctx context.Context, object, old map[string]any) field.ErrorList {
	var errs field.ErrorList
	var before any // a nil map in an interface is not nil: CEL would see an old object
	if old == nil {
		errs = validation.ValidateCustomResource(nil, object, k.checks)
	} else {
		before = old
		errs = validation.ValidateCustomResourceUpdate(nil, object, old, k.checks)
	}
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, k.Schema, object)...)
	if len(errs) > 0 {
		return errs
	}
	return k.rulesOf(ctx, object, before)
}

// Rules returns what the rules of the CRD say of an object, whether or not it has the
// types that they rely on.
func (k *Kind) Rules(ctx context.Context, object map[string]any) field.ErrorList {
	return k.rulesOf(ctx, object, nil)
}

func (k *Kind) rulesOf(ctx context.Context, object map[string]any, before any) field.ErrorList {
	failures, _ := k.rules.Validate(ctx, nil, k.Schema, object, before, celconfig.RuntimeCELCostBudget)
	return failures
}
