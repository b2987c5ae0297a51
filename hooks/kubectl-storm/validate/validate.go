package validate

import (
	"context"
	"slices"
	"sync"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/crd"
	"github.com/stormhooks/stormhooks/manifests/crds"
)

// Validator checks documents with the CRDs that it was built with.
type Validator struct {
	kinds map[string]*crd.Kind
	// Namespace of objects without one.
	Namespace string
	// Only, unless empty, is the namespace that every object must have.
	Only string
	// StormVersion is the version whose settings are known; empty for the newest.
	StormVersion string
}

// kinds are those of the CRDs, which never change while a program runs.
var kinds = sync.OnceValues(func() (map[string]*crd.Kind, error) {
	all := map[string]*crd.Kind{}
	for kind, text := range map[string][]byte{cli.KindTopology: crds.Topologies, cli.KindCluster: crds.Clusters} {
		loaded, err := crd.Load(text)
		if err != nil {
			return nil, err
		}
		all[kind] = loaded
	}
	return all, nil
})

// New has the CRDs.
func New() (*Validator, error) {
	all, err := kinds()
	if err != nil {
		return nil, err
	}
	return &Validator{kinds: all, Namespace: "default"}, nil
}

// Result is what a validation found.
type Result struct {
	// Objects is how many were checked. Others is how many objects of other kinds were
	// skipped.
	Objects  int       `json:"objects"`
	Others   int       `json:"others"`
	Problems []Problem `json:"problems"`
}

// Count is how many problems have a severity.
func (r Result) Count(severity Severity) (n int) {
	for _, problem := range r.Problems {
		if problem.Severity == severity {
			n++
		}
	}
	return n
}

// Documents checks documents, and conflicts between their objects.
func (v *Validator) Documents(ctx context.Context, documents []cli.Document) Result {
	result := Result{Problems: []Problem{}}
	var all []written
	for _, document := range documents {
		objects, problems, others := v.read(document)
		result.Others += others
		result.Problems = append(result.Problems, problems...)
		for _, object := range objects {
			result.Objects++
			for _, problem := range v.object(ctx, object, v.StormVersion) {
				problem.name = cli.ResourceName(object.Kind, object.Name)
				result.Problems = append(result.Problems, problem)
			}
		}
		all = append(all, objects...)
	}
	result.Problems = sorted(append(result.Problems, together(all)...))
	return result
}

// Wrong are the names of the objects with errors, as kubectl -o name writes them.
func (r Result) Wrong() (names []string) {
	for _, p := range r.Problems {
		if p.Severity == Error && p.name != "" && !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// Unread says whether a document could not be read at all.
func (r Result) Unread() bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.unread })
}

// Refusals are the errors in documents. An object is checked as it is known; places are
// those of the document.
func (v *Validator) Refusals(ctx context.Context, documents []cli.Document, known cli.Known) []cli.Refusal {
	var problems []Problem
	var all []written
	for _, document := range documents {
		objects, wrong, _ := v.read(document)
		problems = append(problems, wrong...)
		all = append(all, objects...)
		for _, object := range objects {
			if content, is := known.Merged[object.Key()]; is {
				object.Content = content
			}
			for _, problem := range v.object(ctx, object, known.Versions[object.Key()]) {
				problem.key = object.Key()
				problems = append(problems, problem)
			}
		}
	}
	problems = append(problems, together(all)...)
	var refusals []cli.Refusal
	for _, p := range sorted(problems) {
		if p.Severity == Error || p.twice {
			refusals = append(refusals, cli.Refusal{File: p.File, Line: p.Line, Column: p.Column, Field: p.Field, Message: p.Message, Key: p.key, Unread: p.unread, Together: p.together, Twice: p.twice, Accepted: p.accepted})
		}
	}
	return refusals
}
