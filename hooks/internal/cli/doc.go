// Package cli is what the commands stormhooks and kubectl-storm share: the verbs
// that a person runs away from the cluster.
//
// In: files, and objects that kubectl gets. Out: text for a terminal, or JSON for
// programs. It decides nothing: pkg/preview does. A verb is a file of its own;
// what the verbs share is in documents.go, objects.go, kubectl.go and exit.go;
// judge.go is the door by which kubectl-storm's validate judges for them, lives.go
// what plan sees of the cluster.
package cli
