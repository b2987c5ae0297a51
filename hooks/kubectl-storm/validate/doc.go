// Package validate says what is wrong with StormTopologies and StormClusters in files, and
// where: file, line, column.
//
// In: documents. Out: problems, sorted by place. It checks, in this order: the YAML, the
// CRDs (package crd), what the hook checks (pkg/preview), and conflicts between objects.
// Start at validate.go.
package validate
