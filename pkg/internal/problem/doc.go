// Package problem has one type for what goes wrong with the JAR, the main or a child of a
// topology, from where it is found to where a person reads it.
//
// In: a reason of pkg/api/v1beta1, a message, and the output of a program. Out: a
// Problem. Called by pkg/inpod, pkg/internal/jar and pkg/nimbus, which find it in a pod;
// by pkg/internal/termination, which brings it out of the pod; and by
// pkg/internal/diagnose and pkg/topology, which show it. It decides one thing only:
// what a retry can do about it (counts.go).
package problem
