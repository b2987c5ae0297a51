package cli

import (
	"context"
	"fmt"
	"strings"
)

// Refusal is one thing for which the API server, or the hook, would not take an
// object, and where it is written.
type Refusal struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	// Key is that of the object; empty where the document is none of ours.
	Key string `json:"-"`
}

// String is the line that editors and people know from compilers.
func (r Refusal) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", r.File, r.Line, r.Column, r.Message)
}

// Judge says what of some documents would be refused. In place of an object whose
// Key is in merged, what is there is judged: what kubectl apply would make of it.
// It needs the API server's libraries, so that not every program has one: nil is
// a judge who takes everything.
type Judge func(ctx context.Context, documents []Document, namespace string, merged map[string]map[string]any) ([]Refusal, error)

// refusals are those by object. Those of no object end the verb.
func (judge Judge) refusals(ctx context.Context, in input, merged map[string]map[string]any) (map[string][]Refusal, error) {
	if judge == nil {
		return nil, nil
	}
	all, err := judge(ctx, in.documents, in.namespace, merged)
	if err != nil {
		return nil, err
	}
	byObject := map[string][]Refusal{}
	for _, refusal := range all {
		byObject[refusal.Key] = append(byObject[refusal.Key], refusal)
	}
	return byObject, refused(byObject[""])
}

// refused is an error that says all of them.
func refused(refusals []Refusal) error {
	if len(refusals) == 0 {
		return nil
	}
	lines := []string{"this is not taken:"}
	for _, refusal := range refusals {
		lines = append(lines, refusal.String())
	}
	return Exit{Code: Invalid, Err: fmt.Errorf("%s", strings.Join(lines, "\n"))}
}
