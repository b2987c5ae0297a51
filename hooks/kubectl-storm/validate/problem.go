package validate

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says whether an object would be taken.
type Severity string

const (
	// Error: the API server or the hook refuses the object.
	Error Severity = "error"
	// Warning: it is taken, and most likely not meant.
	Warning Severity = "warning"
)

// Problem is one thing that is wrong, and where.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Severity Severity `json:"severity"`
	// Object is kind/name, empty where the document is none of ours.
	Object string `json:"object,omitempty"`
	Field  string `json:"field,omitempty"`
	// Message says what happened, and what to do.
	Message string `json:"message"`
	key     string
}

// String is the line that editors and people know from compilers.
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
