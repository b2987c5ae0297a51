package validate

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says whether an object would be accepted.
type Severity string

const (
	// Error: the API server or the hook rejects the object.
	Error Severity = "error"
	// Warning: it is accepted, and most likely a mistake.
	Warning Severity = "warning"
)

// Problem is one thing that is wrong, and where.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Severity Severity `json:"severity"`
	// Object is kind/name; empty if the document is not an object of Stormhooks.
	Object string `json:"object,omitempty"`
	Field  string `json:"field,omitempty"`
	// Message says what is wrong, and what to do.
	Message string `json:"message"`
	key     string
	// name is that of the object, as kubectl -o name writes it.
	name string
	// unread: the document is not YAML.
	unread bool
	// together: it is about another object of the files, too.
	together bool
	// twice: the files have the object more than once.
	twice bool
	// accepted: an apply accepts the file.
	accepted bool
}

// String has the format of compilers, which editors understand.
func (p Problem) String() string {
	text := fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Severity, p.Message)
	if p.Object != "" {
		text += " [" + p.Object + "]"
	}
	return text
}

func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(problems)
}
