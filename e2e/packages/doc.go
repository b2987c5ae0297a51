// Package packages holds what is shipped in the folder manifests against the
// programs that people bring: Helm, kustomize, Argo CD's Lua, kstatus (Flux,
// kubectl wait's kin), promtool.
//
// In: the files that are shipped, and the statuses that pkg/topology's stories
// recorded. Out: what those programs make of them. It is a module of its own,
// so that their libraries stay out of the product. Start at chart_test.go.
package packages
