// Package packages tests the folder manifests with the programs that people use:
// Helm, kustomize, Argo CD's Lua, kstatus (for Flux and similar tools), promtool.
//
// In: the files that are shipped, and the statuses that pkg/topology's stories
// recorded. Out: the output of those programs. It is its own module, so that their
// libraries stay out of the product. Start at chart_test.go.
package packages
