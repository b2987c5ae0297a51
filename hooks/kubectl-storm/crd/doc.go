// Package crd validates objects as the API server does with a CustomResourceDefinition:
// unknown fields, defaults, the schema, CEL rules.
//
// In: a CRD, and an object as JSON represents it. Out: errors with the paths of fields.
// Called by package validate. It uses the code of the API server, which is why this module
// is separate from the program that is copied into pods.
package crd
