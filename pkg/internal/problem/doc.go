// Package problem is what goes wrong with a topology's JAR, main or child, as one
// value from where it is found to where a person reads it.
//
// In: a reason of pkg/api/v1beta1, a message, and what a program printed. Out: a
// Problem. Called by pkg/inpod, pkg/internal/jar and pkg/nimbus, which find it in
// a pod; by pkg/internal/termination, which carries it out of the pod; and by
// pkg/internal/diagnose and pkg/topology, which show it. It judges one thing only:
// whether a retry can help (counts.go).
package problem
