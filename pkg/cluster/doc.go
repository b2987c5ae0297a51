// Package cluster decides the status of a StormCluster, and when it may be deleted. It
// has the steps of pkg/topology and is shorter, since a StormCluster has no children
// and changes nothing in Storm.
//
// In: a hook request, and what Storm says of itself. Out: an answer. Called by
// hooks. Start at sync.go.
package cluster
