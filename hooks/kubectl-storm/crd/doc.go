// Package crd judges objects as the API server does by a CustomResourceDefinition:
// unknown fields, defaults, the schema, CEL rules.
//
// In: a CRD, and an object as JSON has it. Out: errors with the paths of fields.
// Called by package validate. It is the API server's own code, which is why this
// module stands apart from the product that is copied into pods.
package crd
