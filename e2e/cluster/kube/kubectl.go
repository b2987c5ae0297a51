package kube

import (
	"context"
	"os"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Kubectl is a kubectl and the cluster that it speaks to.
type Kubectl struct {
	Program    string
	Kubeconfig string // empty: the person's own
}

// Current is the kubectl on the PATH, with its current context.
func Current() Kubectl { return Kubectl{Program: "kubectl"} }

// Run runs kubectl and returns what it printed.
func (k Kubectl) Run(ctx context.Context, args ...string) (string, error) {
	return k.With(ctx, "", args...)
}

// With runs kubectl with input.
func (k Kubectl) With(ctx context.Context, input string, args ...string) (string, error) {
	return k.Command(input, args...).Output(ctx)
}

// Command is kubectl, to be run.
func (k Kubectl) Command(input string, args ...string) run.Command {
	env := os.Environ()
	if k.Kubeconfig != "" {
		env = append(env, "KUBECONFIG="+k.Kubeconfig)
	}
	return run.Command{Env: env, Input: input, Argv: append([]string{k.Program}, args...)}
}
