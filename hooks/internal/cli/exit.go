package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes of all verbs.
const (
	// Invalid: an object is wrong or does not exist.
	Invalid = 1
	// Unread: the command line, a file or the cluster could not be read.
	Unread = 2
	// Differs: plan --exit-code found that something would change.
	Differs = 3
)

// Exit is an error with an exit code. If Err is nil, everything is printed already.
type Exit struct {
	Code int
	Err  error
}

func (e Exit) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

func (e Exit) Unwrap() error { return e.Err }

// unread wraps an error from reading.
func unread(err error) error {
	if err == nil {
		return nil
	}
	return Exit{Code: Unread, Err: err}
}

// Code is the exit code of a program.
func Code(err error) int {
	var exit Exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code
	case strings.HasPrefix(err.Error(), "unknown command "): // cobra has no type for this error
		return Unread
	}
	return Invalid
}

// WrongFlag gives an invalid flag its exit code.
func WrongFlag(_ *cobra.Command, err error) error { return unread(err) }
