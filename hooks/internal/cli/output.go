package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// Output is the flag -o: text for people by default, JSON for programs.
type Output string

// Flag adds -o.
func (o *Output) Flag(command *cobra.Command, formats string) {
	command.Flags().StringVarP((*string)(o), "output", "o", "", "output: "+formats)
}

// Check rejects a format that the verb does not have.
func (o Output) Check(known ...string) error {
	for _, format := range known {
		if string(o) == format {
			return nil
		}
	}
	if o == "" {
		return nil
	}
	return Exit{Code: Unread, Err: fmt.Errorf("unknown output format %q; supported: %s", o, strings.Join(known, ", "))}
}

// JSON says whether the output is for programs.
func (o Output) JSON() bool { return o == "json" }

// Print writes one line for people, after an indent. Names and settings come from files and
// from a cluster, and others may have written them (Must 10).
func Print(out io.Writer, indent, format string, args ...any) {
	fmt.Fprintln(out, indent+preview.Line(fmt.Sprintf(format, args...)))
}

// WriteJSON writes a value as JSON.
func WriteJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
