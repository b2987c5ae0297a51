// Package diagnose says what ails a child of a StormTopology, in a person's
// words, so that nobody has to hunt through pods.
//
// In come a Job with its pods and its claim, a Pod, a claim, or the absence of
// a child that was asked for. Out goes a Problem: what happened, what to do,
// and whether it goes on by itself. pkg/topology calls it, and decides what
// follows; nothing here knows of attempts or of Storm.
//
// It is pure: now is handed in, and the order of pods, containers and
// conditions changes nothing. A message never holds what moves (times, counts,
// back-offs, generated names, ports), since an unchanged status must be the
// same bytes. What Kubernetes shows for each trouble was seen on a real
// Kubernetes 1.37; texts of the kubelet and the scheduler are cited where they
// are taken apart.
package diagnose
