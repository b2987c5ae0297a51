package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// Output is the flag -o: text for people by default, JSON for programs.
type Output string

// Flag adds -o.
func (o *Output) Flag(command *cobra.Command) {
	command.Flags().StringVarP((*string)(o), "output", "o", "", "json or yaml for programs, name for names only")
}

// Check rejects a format that no verb has.
func (o Output) Check() error {
	if o == "" || slices.Contains(formats, string(o)) {
		return nil
	}
	return unread(fmt.Errorf("-o %s is not known. Write -o json, -o yaml or -o name, or remove -o for text", o))
}

// Print writes one line for people, after an indent. Names and settings come from files and
// from a cluster, and others may have written them (Must 10).
func Print(out io.Writer, indent, format string, args ...any) {
	fmt.Fprintln(out, indent+preview.Line(fmt.Sprintf(format, args...)))
}

// formats are those that every verb has.
var formats = []string{"json", "yaml", "name"}

// Write writes a value for programs, or names, and says whether it did: without -o the
// verb writes for people.
func (o Output) Write(out io.Writer, value any, names []string) (bool, error) {
	switch o {
	case "json":
		return true, WriteJSON(out, value)
	case "yaml":
		text, err := yaml.Marshal(value)
		if err == nil {
			_, err = out.Write(text)
		}
		return true, err
	case "name":
		for _, name := range names {
			fmt.Fprintln(out, name)
		}
		return true, nil
	}
	return false, nil
}

// ResourceName is the name of an object as kubectl -o name writes it.
func ResourceName(kind, name string) string {
	return strings.ToLower(kind) + "." + v1beta1.Group + "/" + name
}

// WriteJSON writes a value as JSON.
func WriteJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
