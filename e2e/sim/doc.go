// Package sim proves the product's own pure code in every order of events.
//
// It joins pkg/topology, storm.Next and Metacontroller's loop (e2e/standin, over
// a store in memory with unordered, lagging watches) to a model of the Job
// controller, the kubelet and the garbage collector (kube.go, pod.go) and to a
// model of Storm with its traps (storm.go). A seed chooses which of them moves
// next, what is late, lost or repeated, who crashes, and what people do. After
// every move the musts of pkg/topology are checked (musts.go); after a fair
// ending the state is what the spec says, and two more syncs write nothing.
//
// In: choices. Out: a violation with a timeline that a person can read. Tests
// only; nothing that ships imports it.
package sim
