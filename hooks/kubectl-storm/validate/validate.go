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

// Validator judges documents by the CRDs that it was built with.
type Validator struct {
	kinds map[string]*crd.Kind
	// Namespace of objects that name none.
	Namespace string
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
	// Objects of ours that were judged; Others were passed over.
	Objects  int       `json:"objects"`
	Others   int       `json:"others"`
	Problems []Problem `json:"problems"`
}

// Count is how many problems are of a severity.
func (r Result) Count(severity Severity) (n int) {
	for _, problem := range r.Problems {
		if problem.Severity == severity {
			n++
		}
	}
	return n
}

// written is an object of ours in a document, with the nodes that it is made of.
type written struct {
	cli.Object
	node *yaml.Node
}

// Documents judges documents, and what their objects would do to each other.
func (v *Validator) Documents(ctx context.Context, documents []cli.Document) Result {
	result := Result{Problems: []Problem{}}
	var all []written
	for _, document := range documents {
		var root yaml.Node
		if err := yaml.Unmarshal(document.Text, &root); err != nil {
			result.Problems = append(result.Problems, torn(document, err))
			continue
		}
		shift(&root, document.Line-1)
		objects, problems := v.objects(document, &root)
		result.Problems = append(result.Problems, problems...)
		if len(objects) == 0 && len(problems) == 0 {
			result.Others++
		}
		for _, object := range objects {
			result.Objects++
			result.Problems = append(result.Problems, v.object(ctx, object)...)
		}
		all = append(all, objects...)
	}
	result.Problems = sorted(append(result.Problems, together(all)...))
	return result
}

// objects are those of ours in a document.
func (v *Validator) objects(document cli.Document, root *yaml.Node) ([]written, []Problem) {
	decoded, err := cli.Decode(document.Text)
	top := place{content(root).Line, content(root).Column}
	problem := func(at place, format string, args ...any) []Problem {
		return []Problem{{File: document.File, Line: at.line, Column: at.column, Severity: Error, Message: fmt.Sprintf(format, args...)}}
	}
	switch kind, _ := decoded["kind"].(string); {
	case err != nil:
		return nil, problem(top, "%v. Write it as kubectl get -o yaml prints objects.", err)
	case kind == "List":
		return v.list(document, root, decoded)
	case v.kinds[kind] == nil:
		if near := cli.Nearest(kind, []string{cli.KindTopology, cli.KindCluster}); near != "" && strings.Contains(fmt.Sprint(decoded["apiVersion"]), "storm") {
			return nil, problem(find(root, "kind"), "kind %q is none of Stormhooks'. Did you mean %s?", kind, near)
		}
		return nil, nil
	case decoded["apiVersion"] != v1beta1.GroupVersion.String():
		return nil, problem(find(root, "apiVersion"), "apiVersion %v is not that of a %s. Write %s.", decoded["apiVersion"], kind, v1beta1.GroupVersion)
	}
	object, _ := cli.ObjectOf(document, decoded, v.Namespace)
	return []written{{object, root}}, nil
}

// list takes the items of a List apart.
func (v *Validator) list(document cli.Document, root *yaml.Node, decoded map[string]any) ([]written, []Problem) {
	var objects []written
	items, _ := decoded["items"].([]any)
	_, nodes := entry(content(root), "items")
	if nodes != nil {
		nodes = content(nodes)
	}
	for i, item := range items {
		if item, is := item.(map[string]any); is && nodes != nil && i < len(nodes.Content) {
			if object, ours := cli.ObjectOf(document, item, v.Namespace); ours {
				objects = append(objects, written{object, nodes.Content[i]})
			}
		}
	}
	return objects, nil
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// torn is a document that is no YAML.
func torn(document cli.Document, err error) Problem {
	problem := Problem{File: document.File, Line: document.Line, Column: 1, Severity: Error, Message: err.Error()}
	var many *yaml.TypeError
	if errors.As(err, &many) && len(many.Errors) > 0 {
		problem.Message = "yaml: " + many.Errors[0]
	}
	if part := yamlLine.FindStringSubmatch(problem.Message); part != nil {
		line, _ := strconv.Atoi(part[1]) // it has digits only
		problem.Line += line - 1
		problem.Message = "this is no YAML: " + part[2] + ". Look at the indentation and the quotes around here."
	}
	return problem
}

// shift moves the nodes of a document to its place in the file.
func shift(node *yaml.Node, lines int) {
	node.Line += lines
	for _, below := range node.Content {
		shift(below, lines)
	}
}
