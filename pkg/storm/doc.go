// Package storm has the rules of Apache Storm as pure values and functions: names,
// settings and their types, what Storm says of itself and of a topology, whether a
// topology was submitted by Stormhooks and for which object, and the order in which
// one revision hands over to the next.
//
// In: what a person wrote, and what Nimbus answered. Out: values. Called by
// pkg/topology, pkg/cluster, pkg/nimbus and pkg/inpod. It never touches the network, a
// clock or a file. Facts cite the sources of Storm at tag v2.8.1.
package storm
