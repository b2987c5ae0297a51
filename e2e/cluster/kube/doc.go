// Package kube runs kubectl and applies manifests of the checkout with the
// images of this run.
//
// In: a kubectl, a kubeconfig, paths of manifests. Out: what kubectl says. It
// knows nothing of where the cluster comes from: our own, or the one of a
// person's current context.
package kube
