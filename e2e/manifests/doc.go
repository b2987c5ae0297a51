// Package manifests holds what is shipped in the folder manifests against the
// API server's own code: what it would say to the CRDs, to objects that people
// apply, and to the install.
//
// In: the files that are shipped, and objects as YAML. Out: the errors that
// kubectl would show. It is a module of its own, so that the API server's
// libraries stay out of the product. Start at kind.go; the rules that people
// meet are the table in topology_test.go.
package manifests
