package cli

import (
	"context"
	"fmt"
	"strings"
)

// Refusal is one reason why the API server, or the hook, would reject an object, and where
// it is written.
type Refusal struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	// Key is that of the object; empty if the document is not an object of Stormhooks.
	Key string `json:"-"`
	// Unread: the document could not be read at all.
	Unread bool `json:"-"`
	// Together: it is about another object of the files, and not about this one alone.
	Together bool `json:"-"`
	// Twice: the files have the object more than once. An apply accepts that.
	Twice bool `json:"-"`
	// Accepted: an apply accepts what the file says, which is most likely not what it means.
	Accepted bool `json:"-"`
}

// String has the format of compilers, which editors understand.
func (r Refusal) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", r.File, r.Line, r.Column, r.Message)
}

// Judge returns what of some documents would be rejected. A Judge needs the libraries of the
// API server, so not every program has one: nil accepts everything.
type Judge func(ctx context.Context, documents []Document, namespace string, known Known) ([]Refusal, error)

// Known is what is known of objects besides their documents, by their Key.
type Known struct {
	// Merged is the result of kubectl apply, which is judged instead of the document.
	Merged map[string]map[string]any
	// Versions are those of their Storms.
	Versions map[string]string
	// Only, unless empty, is the namespace that every object must have.
	Only string
}

// refusals are those by object. Refusals without an object are an error.
func (judge Judge) refusals(ctx context.Context, in input, known Known) (map[string][]Refusal, error) {
	if judge == nil {
		return nil, nil
	}
	all, err := judge(ctx, in.documents, in.namespace, known)
	if err != nil {
		return nil, err
	}
	byObject := map[string][]Refusal{}
	for _, refusal := range all {
		byObject[refusal.Key] = append(byObject[refusal.Key], refusal)
	}
	return byObject, refused(byObject[""])
}

// refused is an error with all of them.
func refused(refusals []Refusal) error {
	if len(refusals) == 0 {
		return nil
	}
	return rejected(refusals)
}

// rejected is the error of an input that has refusals.
type rejected []Refusal

func (r rejected) Error() string {
	lines := []string{"rejected:"}
	for _, refusal := range r {
		lines = append(lines, refusal.String())
	}
	return strings.Join(lines, "\n")
}

// code is the exit code.
func (r rejected) code() int {
	for _, refusal := range r {
		if refusal.Unread {
			return Unread
		}
	}
	return Invalid
}
