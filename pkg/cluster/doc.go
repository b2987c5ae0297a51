// Package cluster decides what a StormCluster's status says, and when it may be
// deleted: the same walk as pkg/topology, shorter, since a StormCluster has no
// children and changes nothing in Storm.
//
// In: a hook request, and what Storm says of itself. Out: an answer. Called by
// hooks. Start at sync.go.
package cluster
