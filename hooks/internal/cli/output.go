package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Output is the flag -o: text for people by default, JSON for programs.
type Output string

// Flag adds -o.
func (o *Output) Flag(command *cobra.Command, formats string) {
	command.Flags().StringVarP((*string)(o), "output", "o", "", "output: "+formats)
}

// Check refuses a format that the verb does not have.
func (o Output) Check(known ...string) error {
	for _, format := range known {
		if string(o) == format {
			return nil
		}
	}
	if o == "" {
		return nil
	}
	return Exit{Code: Unread, Err: fmt.Errorf("-o %s is not known here. Take one of %v, or none", o, known)}
}

// JSON says whether programs read it.
func (o Output) JSON() bool { return o == "json" }

// WriteJSON writes a value for programs.
func WriteJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
