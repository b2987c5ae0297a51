// Package diagnose says what is wrong with a child of a StormTopology, so that a
// person need not search the pods.
//
// In: a Job with its pods and its claim, a Pod, a claim, or the absence of a child that
// was requested. Out: a Problem, which says what happened, what to do, and whether a
// retry can help. pkg/topology calls it and decides what follows. Nothing here knows
// attempts or Storm.
//
// It is pure: now is a parameter, and the order of pods, containers and conditions
// changes nothing. A message contains nothing that changes while the problem stays
// (times, counts, back-offs, generated names, ports), since an unchanged status must
// be the same bytes. What Kubernetes reports for each problem was seen on a real
// Kubernetes 1.37. Code that takes a text of the kubelet or the scheduler apart cites
// its source.
package diagnose
