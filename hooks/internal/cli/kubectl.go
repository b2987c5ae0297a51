package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
)

// Kubectl asks a cluster through the kubectl of the PATH: its login, its
// contexts and its proxies are then ours, too.
type Kubectl struct {
	Namespace, Context, Kubeconfig string
	All                            bool
}

// Flags adds kubectl's own flags, by their own names.
func (k *Kubectl) Flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVarP(&k.Namespace, "namespace", "n", "", "namespace of objects that name none (default: that of kubectl's context)")
	flags.StringVar(&k.Context, "context", "", "context of the kubeconfig")
	flags.StringVar(&k.Kubeconfig, "kubeconfig", "", "path of the kubeconfig")
}

// Get reads objects; those that are not there are no error.
func (k *Kubectl) Get(ctx context.Context, args ...string) ([]Object, error) {
	args = append(args, "--ignore-not-found", "-o", "json")
	if k.All {
		args = append(args, "--all-namespaces")
	}
	text, err := k.run(ctx, append([]string{"get"}, args...)...)
	if err != nil || blank(text) {
		return nil, err
	}
	return Ours([]Document{{File: "kubectl " + args[0], Line: 1, Text: []byte(text)}}, k.Namespace)
}

// InNamespace is the same kubectl for another namespace.
func (k *Kubectl) InNamespace(namespace string) *Kubectl {
	other := *k
	other.Namespace = namespace
	return &other
}

// DefaultNamespace is the one of the flag, else the context's, else "default".
func (k *Kubectl) DefaultNamespace(ctx context.Context) string {
	if k.Namespace != "" {
		return k.Namespace
	}
	if name, err := k.run(ctx, "config", "view", "--minify", "-o", "jsonpath={..namespace}"); err == nil && name != "" {
		return name
	}
	return "default"
}

func (k *Kubectl) run(ctx context.Context, args ...string) (string, error) {
	for _, flag := range []struct{ name, value string }{{"namespace", k.Namespace}, {"context", k.Context}, {"kubeconfig", k.Kubeconfig}} {
		if flag.value != "" && !(k.All && flag.name == "namespace") {
			args = append(args, "--"+flag.name+"="+flag.value)
		}
	}
	var out, said bytes.Buffer
	command := exec.CommandContext(ctx, "kubectl", args...)
	command.Stdout, command.Stderr = &out, &said
	err := command.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", unread(errors.New("kubectl is not on the PATH. Install it, or pass recorded objects (kubectl get stormtopologies -o json): plan --live FILE, adopt -f FILE, export -f FILE"))
	case err != nil:
		return "", unread(fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, lastLine(said.String())))
	}
	return out.String(), nil
}

// lastLine is what kubectl says in the end; before it may stand its retries.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
