package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// Exit codes of all verbs.
const (
	// Invalid: an object is wrong.
	Invalid = 1
	// Unread: the command line, a file or the cluster could not be read, or no object was
	// found.
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
	var wrong rejected
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		return wrong.code()
	case errors.As(err, &exit):
		return exit.Code
	case strings.HasPrefix(err.Error(), unknownCommand): // cobra has no type for this error
		return Unread
	}
	return Invalid
}

// ended is the end of a verb that failed, for programs.
type ended struct {
	Error string `json:"error"`
	// Code is the exit code.
	Code     int       `json:"code"`
	Refusals []Refusal `json:"refusals,omitempty"`
}

// End says how a program ends, and returns its exit code. command is the one that ran.
// With -o json or yaml an error is a document, too.
func End(program string, command *cobra.Command, err error, out, errOut io.Writer) int {
	code := Code(err)
	if err == nil || err.Error() == "" {
		return code
	}
	said := err.Error()
	if program == "kubectl storm" && strings.HasPrefix(said, unknownCommand) {
		said = unknownVerb(command, said)
	}
	for i, line := range strings.Split(said, "\n") {
		if i == 0 {
			line = program + ": " + line
		}
		Print(errOut, "", "%s", line)
	}
	if format := command.Flags().Lookup("output"); format != nil {
		end := ended{Error: err.Error(), Code: code}
		var wrong rejected
		if errors.As(err, &wrong) {
			end.Refusals = wrong
		}
		if _, failed := Output(format.Value.String()).Write(out, end, nil); failed != nil {
			Print(errOut, "", "%s: %v", program, failed)
		}
	}
	return code
}

// unknownCommand begins cobra's error about a verb that does not exist.
const unknownCommand = "unknown command "

// unknownVerb says what to write instead of a verb that does not exist.
func unknownVerb(command *cobra.Command, said string) string {
	_, rest, _ := strings.Cut(said, `"`)
	verb, _, _ := strings.Cut(rest, `"`)
	var verbs []string
	for _, own := range command.Root().Commands() {
		verbs = append(verbs, own.Name())
	}
	says := fmt.Sprintf("command %s does not exist. ", verb)
	switch near := Nearest(verb, verbs); {
	case near != "":
		return says + "Did you mean " + near + "?"
	case slices.Contains([]string{"apply", "create", "delete", "describe", "diff", "edit", "get", "logs", "patch"}, verb):
		return says + "Write: " + preview.Command("kubectl", verb)
	}
	return says + "kubectl storm -h lists the commands"
}

// WrongFlag gives an invalid flag its exit code, and says what to write for flags that
// kubectl has and this verb has not.
func WrongFlag(command *cobra.Command, err error) error {
	var absent *pflag.NotExistError
	if !errors.As(err, &absent) {
		return unread(err)
	}
	name := absent.GetSpecifiedName()
	flag := "--" + name
	if len(name) == 1 {
		flag = "-" + name
	}
	verb := command.Name()
	switch {
	case !command.HasParent():
		return unread(fmt.Errorf("%s stands before the command. Write flags after it, for example %s plan -n NAMESPACE -f FILE", flag, command.CommandPath()))
	case command.Flags().Lookup("context") != nil && (name == "A" || name == "all-namespaces"):
		return unread(fmt.Errorf("%s takes namespaces from the files, so %s has no effect. Remove it", verb, flag))
	case command.Flags().Lookup("context") == nil && slices.Contains([]string{"context", "kubeconfig", "cluster", "user", "server", "s", "token", "as", "A", "all-namespaces"}, name):
		return unread(fmt.Errorf("%s reads no cluster, so %s has no effect. Remove it", verb, flag))
	case name == "w" || name == "watch":
		return unread(fmt.Errorf("%s runs once and has no %s. Remove it", verb, flag))
	case slices.Contains([]string{"l", "selector", "field-selector", "dry-run", "force", "prune", "validate", "v"}, name):
		return unread(fmt.Errorf("%s has no %s. Remove it; %s -h lists the flags", verb, flag, command.CommandPath()))
	}
	var known []string
	command.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := cmp.Or(Nearest(name, known), longer(name, known)); near != "" && len(name) > 1 {
		return unread(fmt.Errorf("%s has no flag %s. Did you mean --%s?", verb, flag, near))
	}
	return unread(fmt.Errorf("%s has no flag %s. %s -h lists the flags", verb, flag, command.CommandPath()))
}

// longer is the one word that begins with a text; empty if there are none or several.
func longer(text string, words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, text) })
	if len(words) != 1 {
		return ""
	}
	return words[0]
}
