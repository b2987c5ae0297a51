// Package node is a one-node Kubernetes in a network namespace of its own: it
// lays the network, writes the configurations, starts the programs, and removes
// all of it again, after a killed run too.
//
// In: the programs that package parts built. Out: a cluster that a kubeconfig
// at a fixed path leads to, from the machine itself as well.
//
// What is odd in the configurations was learnt on real machines:
//   - the namespace is entered by nsenter: `ip netns exec` hides the cgroups
//     from the kubelet;
//   - the node's address is one end of a veth pair, and there is a default
//     route, or the node itself reaches no Service;
//   - the machine has routes to pods and Services, so that kubectl and tests run
//     outside of the namespace.
package node
