package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// Kubectl reads a cluster through the kubectl of the PATH, with its login, its contexts
// and its proxies.
type Kubectl struct {
	Namespace, Context, Kubeconfig string
	All                            bool
}

// Flags adds flags of kubectl, with the same names.
func (k *Kubectl) Flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVarP(&k.Namespace, "namespace", "n", "", "namespace of objects without one (default: the namespace of kubectl's context)")
	flags.StringVar(&k.Context, "context", "", "context of the kubeconfig")
	flags.StringVar(&k.Kubeconfig, "kubeconfig", "", "path of the kubeconfig")
}

// Get reads objects; an object that does not exist is not an error.
func (k *Kubectl) Get(ctx context.Context, args ...string) ([]Object, error) {
	args = append(args, "--ignore-not-found", "-o", "json")
	if k.All {
		args = append(args, "--all-namespaces")
	}
	text, err := k.run(ctx, append([]string{"get"}, args...)...)
	if err != nil || Blank(text) {
		return nil, err
	}
	return Objects([]Document{{File: preview.Command("kubectl", args[0]), Line: 1, Text: []byte(text)}}, k.Namespace)
}

// InNamespace is the same kubectl for another namespace.
func (k *Kubectl) InNamespace(namespace string) *Kubectl {
	other := *k
	other.Namespace = namespace
	return &other
}

// DefaultNamespace is that of the flag, otherwise that of the context, otherwise
// "default".
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
		return "", unread(fmt.Errorf("%s: %w: %s", preview.Command(append([]string{"kubectl"}, args...)...), err, preview.Line(lastLine(said.String()))))
	}
	return out.String(), nil
}

// lastLine is the last line of kubectl's output; lines before it may be about retries.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
