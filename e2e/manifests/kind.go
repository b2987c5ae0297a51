package manifests

import (
	"context"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
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

// Kind is a kind of object as the API server would serve it by its CRD.
type Kind struct {
	CRD        *apiextensions.CustomResourceDefinition
	Structural *schema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// Load reads a CRD as the API server would when it is applied.
func Load(path string) (*Kind, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var outer apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &outer); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	scheme.Default(&outer)
	// The API server notes the storage version before it validates.
	outer.Status.StoredVersions = []string{outer.Spec.Versions[0].Name}
	crd := &apiextensions.CustomResourceDefinition{}
	if err := scheme.Convert(&outer, crd, nil); err != nil {
		return nil, fmt.Errorf("converting %s: %w", path, err)
	}
	return kindOf(crd)
}

func kindOf(crd *apiextensions.CustomResourceDefinition) (*Kind, error) {
	served, err := apiextensions.GetSchemaForVersion(crd, crd.Spec.Versions[0].Name)
	if err != nil {
		return nil, err
	}
	structural, err := schema.NewStructural(served.OpenAPIV3Schema)
	if err != nil {
		return nil, fmt.Errorf("the schema is not structural: %w", err)
	}
	checks, _, err := validation.NewSchemaValidator(served.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	return &Kind{CRD: crd, Structural: structural, schema: checks, rules: rules}, nil
}

// Check is what the API server says to the CRD itself: whether its schema is
// structural, its defaults valid, its rules compile and cost little enough.
func (k *Kind) Check(ctx context.Context) field.ErrorList {
	return crdvalidation.ValidateCustomResourceDefinition(ctx, k.CRD)
}

// Create is what kubectl apply says to a new object: unknown fields are errors,
// as they are by kubectl's default. The object gets its defaults.
func (k *Kind) Create(ctx context.Context, object map[string]any) field.ErrorList {
	errs := k.admit(object)
	errs = append(errs, validation.ValidateCustomResource(nil, object, k.schema)...)
	return append(errs, k.validate(ctx, object, nil)...)
}

// Update is the same for an object that replaces another.
func (k *Kind) Update(ctx context.Context, object, old map[string]any) field.ErrorList {
	errs := k.admit(object)
	errs = append(errs, validation.ValidateCustomResourceUpdate(nil, object, old, k.schema)...)
	return append(errs, k.validate(ctx, object, old)...)
}

// admit drops what the schema does not know, names it, and fills in defaults.
func (k *Kind) admit(object map[string]any) field.ErrorList {
	var errs field.ErrorList
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	for _, path := range pruning.PruneWithOptions(object, k.Structural, true, options) {
		errs = append(errs, field.Forbidden(field.NewPath(path), "unknown field"))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, k.Structural)
	defaulting.Default(object, k.Structural)
	return errs
}

func (k *Kind) validate(ctx context.Context, object, old map[string]any) field.ErrorList {
	errs := listtype.ValidateListSetsAndMaps(nil, k.Structural, object)
	// A nil map in an interface is not nil: CEL would see an old object.
	var before any
	if old != nil {
		before = old
	}
	failures, _ := k.rules.Validate(ctx, nil, k.Structural, object, before, celconfig.RuntimeCELCostBudget)
	return append(errs, failures...)
}
