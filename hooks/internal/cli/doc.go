// Package cli has what the programs stormhooks and kubectl-storm share: the verbs that a
// person runs outside the cluster.
//
// In: files, and objects that kubectl gets. Out: text for a terminal, or JSON for
// programs. It decides nothing: pkg/preview does. Each verb has its own file. Shared by
// the verbs: documents.go, objects.go, kubectl.go, exit.go, shell.go. judge.go lets the
// validate of kubectl-storm judge for render and plan; live.go is what plan reads of the
// cluster.
package cli
