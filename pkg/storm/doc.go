// Package storm holds Apache Storm's rules as pure values and functions: names,
// settings and their types, what Storm says of itself and of a topology, how a
// topology of ours is told from a stranger's, and in which order one revision
// hands over to the next.
//
// In: what a person wrote, and what Nimbus answered. Out: values. Called by
// pkg/topology, pkg/cluster, pkg/nimbus and pkg/inpod. It never touches the
// network, a clock or a file. Facts cite Storm's sources at tag v2.8.1.
package storm
