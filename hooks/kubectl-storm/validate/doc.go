// Package validate says what is wrong with StormTopologies and StormClusters as
// files have them, and where: file, line, column.
//
// In: documents. Out: problems, sorted by place. It asks, in this order, YAML
// itself, the CRDs (package crd), the hook's own checks (pkg/preview), and what
// several objects would do to each other. Start at validate.go.
package validate
