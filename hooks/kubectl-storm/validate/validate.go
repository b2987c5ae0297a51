package validate

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/crd"
	"github.com/stormhooks/stormhooks/manifests/crds"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
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

// New loads the CRDs.
func New() (*Validator, error) {
	v := &Validator{kinds: map[string]*crd.Kind{}, Namespace: "default"}
	for kind, text := range map[string][]byte{cli.KindTopology: crds.Topologies, cli.KindCluster: crds.Clusters} {
		loaded, err := crd.Load(text)
		if err != nil {
			return nil, err
		}
		v.kinds[kind] = loaded
	}
	return v, nil
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

// written is an object in a document, with its YAML nodes.
type written struct {
	cli.Object
	node *yaml.Node
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
			result.Problems = append(result.Problems, v.object(ctx, object, v.StormVersion)...)
		}
		all = append(all, objects...)
	}
	result.Problems = sorted(append(result.Problems, together(all)...))
	return result
}

// Refusals are the errors in documents, for each object alone. An object is checked as it
// is known; places are those of the document.
func (v *Validator) Refusals(ctx context.Context, documents []cli.Document, known cli.Known) []cli.Refusal {
	var problems []Problem
	for _, document := range documents {
		objects, wrong, _ := v.read(document)
		problems = append(problems, wrong...)
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
	var refusals []cli.Refusal
	for _, p := range sorted(problems) {
		if p.Severity == Error {
			refusals = append(refusals, cli.Refusal{File: p.File, Line: p.Line, Column: p.Column, Field: p.Field, Message: p.Message, Key: p.key})
		}
	}
	return refusals
}

// read splits a document into objects; others is how many are of other kinds.
func (v *Validator) read(document cli.Document) (objects []written, problems []Problem, others int) {
	var root yaml.Node
	if err := yaml.Unmarshal(document.Text, &root); err != nil {
		return nil, []Problem{unreadable(document, err)}, 0
	}
	shift(&root, document.Line-1)
	objects, problems, others = v.objects(document, &root)
	for _, object := range objects {
		if v.Only != "" && object.Namespace != v.Only {
			at := find(object.node, "metadata.namespace")
			problems = append(problems, Problem{File: document.File, Line: at.line, Column: at.column, Severity: Error, Object: object.Title(), Field: "metadata.namespace",
				Message: fmt.Sprintf("metadata.namespace is %q, but -n is %q. Omit -n, or use the same namespace.", object.Namespace, v.Only)})
		}
	}
	return objects, problems, others
}

// objects are the StormTopologies and StormClusters in a document.
func (v *Validator) objects(document cli.Document, root *yaml.Node) ([]written, []Problem, int) {
	decoded, err := cli.Decode(document.Text)
	top := place{content(root).Line, content(root).Column}
	problem := func(at place, format string, args ...any) []Problem {
		return []Problem{{File: document.File, Line: at.line, Column: at.column, Severity: Error, Message: fmt.Sprintf(format, args...)}}
	}
	switch kind, _ := decoded["kind"].(string); {
	case err != nil:
		return nil, problem(top, "%v.", err), 0
	case len(decoded) == 0: // null, or {}
		return nil, nil, 0
	case kind == "List":
		return v.list(document, root, decoded)
	case v.kinds[kind] == nil:
		if near := cli.Nearest(kind, []string{cli.KindTopology, cli.KindCluster}); near != "" && strings.Contains(fmt.Sprint(decoded["apiVersion"]), "storm") {
			return nil, problem(find(root, "kind"), "unknown kind %q. Did you mean %s?", kind, near), 0
		}
		return nil, nil, 1
	case decoded["apiVersion"] == nil:
		return nil, problem(find(root, "kind"), "apiVersion is missing. Add apiVersion: %s.", v1beta1.GroupVersion), 0
	case decoded["apiVersion"] != v1beta1.GroupVersion.String():
		return nil, problem(find(root, "apiVersion"), "%s has apiVersion %s, not %v.", kind, v1beta1.GroupVersion, decoded["apiVersion"]), 0
	}
	object, _ := cli.ObjectOf(document, decoded, v.Namespace)
	return []written{{object, root}}, nil, 0
}

// list splits a List into its items.
func (v *Validator) list(document cli.Document, root *yaml.Node, decoded map[string]any) (objects []written, problems []Problem, others int) {
	items, _ := decoded["items"].([]any)
	_, nodes := entry(content(root), "items")
	if nodes != nil {
		nodes = content(nodes)
	}
	for i, item := range items {
		if item, is := item.(map[string]any); is && nodes != nil && i < len(nodes.Content) {
			if object, is := cli.ObjectOf(document, item, v.Namespace); is {
				objects = append(objects, written{object, nodes.Content[i]})
			} else {
				others++
			}
		}
	}
	return objects, nil, others
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// unreadable is a document that is not valid YAML.
func unreadable(document cli.Document, err error) Problem {
	problem := Problem{File: document.File, Line: document.Line, Column: 1, Severity: Error, Message: err.Error()}
	var many *yaml.TypeError
	if errors.As(err, &many) && len(many.Errors) > 0 {
		problem.Message = "yaml: " + many.Errors[0]
	}
	if part := yamlLine.FindStringSubmatch(problem.Message); part != nil {
		line, _ := strconv.Atoi(part[1]) // it has digits only
		problem.Line += line - 1
		problem.Message = "invalid YAML near this line: " + part[2] + ". Check indentation and quotes."
	}
	return problem
}

// shift moves the nodes of a document to their lines in the file.
func shift(node *yaml.Node, lines int) {
	node.Line += lines
	for _, below := range node.Content {
		shift(below, lines)
	}
}
