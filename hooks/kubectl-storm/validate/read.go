package validate

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// written is an object in a document, with its YAML nodes.
type written struct {
	cli.Object
	node *yaml.Node
}

// read splits a document into objects; others is how many are of other kinds.
func (v *Validator) read(document cli.Document) (objects []written, problems []Problem, others int) {
	var root yaml.Node
	if err := yaml.Unmarshal(document.Text, &root); err != nil {
		return nil, []Problem{unreadable(document, err)}, 0
	}
	shift(&root, document.Line-1)
	objects, problems, others = v.objects(document, &root)
	if line := unseen(document); line > 0 {
		problems = append(problems, Problem{File: document.File, Line: line, Column: 1, Severity: Error, unread: true,
			Message: "kubectl reads nothing below the line \"...\". Replace it with ---."})
	}
	for _, object := range objects {
		if v.Only != "" && object.Namespace != v.Only {
			at := find(object.node, "metadata.namespace")
			problems = append(problems, Problem{File: document.File, Line: at.line, Column: at.column, Severity: Error, Object: object.Title(), Field: "metadata.namespace",
				Message: fmt.Sprintf("metadata.namespace is %q, but -n is %q. Omit -n, or use the same namespace.", object.Namespace, v.Only)})
		}
	}
	return objects, problems, others
}

// unseen is the line of the mark ... that has anything below it; 0 if there is none.
func unseen(document cli.Document) int {
	lines := strings.Split(string(document.Text), "\n")
	for i, line := range lines {
		if strings.TrimRight(line, " \r") == "..." && !cli.Blank(strings.Join(lines[i+1:], "\n")) {
			return document.Line + i
		}
	}
	return 0
}

// objects are the StormTopologies and StormClusters in a document.
func (v *Validator) objects(document cli.Document, root *yaml.Node) ([]written, []Problem, int) {
	decoded, err := cli.Decode(document.Text)
	top := place{content(root).Line, content(root).Column}
	problem := func(at place, message string) []Problem {
		return []Problem{{File: document.File, Line: at.line, Column: at.column, Severity: Error, Message: message}}
	}
	switch {
	case err != nil && content(root).Kind == yaml.MappingNode:
		problem := unreadable(document, err)
		if at := notJSON(root); at != nil && ofJSON.MatchString(err.Error()) && strings.HasPrefix(problem.Message, "invalid YAML: ") { // a Helm template has a place already
			problem.Line, problem.Column = at.Line, at.Column
		}
		return nil, []Problem{problem}, 0
	case err != nil:
		return nil, problem(top, fmt.Sprintf("%v. %s", err, withoutObject(content(root)))), 0
	case len(decoded) == 0: // null, or {}
		return nil, nil, 0
	case kustomization(document.File):
		return nil, nil, 1
	}
	if kind, _ := decoded["kind"].(string); strings.HasSuffix(kind, "List") {
		if _, is := decoded["items"].([]any); is {
			return v.list(document, root, decoded)
		}
	}
	var objects []written
	var problems []Problem
	at, message, others := v.foreign(decoded, root)
	if others {
		return nil, nil, 1
	}
	if message != "" {
		problems = problem(at, message)
	}
	if object, is := cli.ObjectOf(document, v.intended(decoded), v.Namespace); is {
		objects = []written{{object, root}}
	}
	return objects, problems, 0
}

// intended is an object with the kind and the apiVersion that it must have, so that the
// rest of it is checked although these are wrong.
func (v *Validator) intended(decoded map[string]any) map[string]any {
	kind, _ := decoded["kind"].(string)
	if _, own := v.kinds[kind]; !own {
		kind = cli.Nearest(kind, []string{cli.KindTopology, cli.KindCluster})
	}
	if kind == "" {
		return decoded
	}
	decoded = maps.Clone(decoded)
	decoded["kind"], decoded["apiVersion"] = kind, v1beta1.GroupVersion.String()
	return decoded
}

// withoutObject is what to do about a document that is not an object.
func withoutObject(at *yaml.Node) string {
	if at.Kind == yaml.SequenceNode && at.Style&yaml.FlowStyle != 0 {
		return "Remove the [ and ] around the objects and the commas between them, or write a List: {apiVersion: v1, kind: List, items: […]}."
	}
	if at.Kind == yaml.SequenceNode {
		return withoutList(at.Content)
	}
	return "Pass the file of a StormTopology or a StormCluster."
}

// withoutList is what to do about a list of what are objects most likely.
func withoutList(items []*yaml.Node) string {
	switch {
	case len(items) > 0 && entryText(items[0], "op") != "" && entryText(items[0], "path") != "":
		return "It looks like a JSON patch. Pass the patched object: kubectl kustomize FOLDER | kubectl storm validate -f -"
	case len(items) == 1:
		return "Remove the -, and move each of its lines two spaces to the left."
	}
	return "Separate objects by a line of ---. Remove the - before each, and move its lines two spaces to the left."
}

// kustomization says whether a file is for kustomize alone, which may leave out its kind.
func kustomization(file string) bool {
	return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, filepath.Base(file))
}

// foreign says why a document is not an object of Stormhooks: with a message if it should
// be one, or if that cannot be known, otherwise it is one of the others.
func (v *Validator) foreign(decoded map[string]any, root *yaml.Node) (at place, message string, others bool) {
	version, kind := v1beta1.GroupVersion.String(), ""
	group := ""
	switch text := decoded["kind"].(type) {
	case nil:
	case string:
		kind = text
	default:
		return find(root, "kind"), fmt.Sprintf("kind is %s; must be text. Write kind: %s.", described(nodeAt(root, "kind")), cli.KindTopology), false
	}
	switch text := decoded["apiVersion"].(type) {
	case nil:
	case string:
		group = text
	default:
		return find(root, "apiVersion"), fmt.Sprintf("apiVersion is %s; must be text. Write apiVersion: %s.", described(nodeAt(root, "apiVersion")), version), false
	}
	_, own := v.kinds[kind]
	ours, ofStorm := group == version, strings.HasPrefix(group, v1beta1.Group+"/")
	near := cli.Nearest(kind, []string{cli.KindTopology, cli.KindCluster})
	top := place{content(root).Line, content(root).Column}
	switch {
	case own && ours:
		return place{}, "", false
	case kind == "" && group == "":
		const says = "this document has no apiVersion and no kind, so it is not an object of Kubernetes. "
		fields := fmt.Sprintf("apiVersion: %s and kind: %s.", version, cli.KindTopology)
		if decoded["spec"] != nil || decoded["metadata"] != nil {
			return top, says + "Add " + fields, false
		}
		return top, says + "If it is another file (Helm values, for example), do not pass it with -f. If it is a StormTopology, add " + fields, false
	case kind == "" && near == "":
		return find(root, "apiVersion"), fmt.Sprintf("kind is missing. Add kind: %s or kind: %s.", cli.KindTopology, cli.KindCluster), false
	case group == "" && own && misspelt(decoded, "apiVersion", []string{"apiVersion"}):
		return place{}, "", false // the unknown field is reported
	case group == "" && nodeAt(root, "apiVersion") != nil && (own || near != ""):
		return find(root, "apiVersion"), fmt.Sprintf("apiVersion has no value. Write apiVersion: %s.", version), false
	case group == "":
		if own || near != "" {
			return find(root, "kind"), fmt.Sprintf("apiVersion is missing. Add apiVersion: %s.", version), false
		}
		return find(root, "kind"), fmt.Sprintf("apiVersion is missing. Add it, as %s shows it.", preview.Command("kubectl", "explain", kind)), false
	case own:
		return find(root, "apiVersion"), fmt.Sprintf("apiVersion is %q; must be %s for a %s.", group, version, kind), false
	case ours || ofStorm || near != "" && strings.Contains(group, "storm"):
		says := fmt.Sprintf("unknown kind %q in %s. There are %s and %s.", kind, v1beta1.Group, cli.KindTopology, cli.KindCluster)
		if near = cmp.Or(near, containing(kind, []string{cli.KindTopology, cli.KindCluster})); near == "" {
			return find(root, "kind"), fmt.Sprintf("%s Correct kind. If the object is of another group, correct apiVersion, as %s shows it.", says, preview.Command("kubectl", "explain", kind)), false
		}
		return find(root, "kind"), says + didYouMean(near), false
	}
	return place{}, "", true
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
			at, message, other := v.foreign(item, nodes.Content[i])
			if other {
				others++
				continue
			}
			if message != "" {
				problems = append(problems, Problem{File: document.File, Line: at.line, Column: at.column, Severity: Error, Message: message})
			}
			if object, is := cli.ObjectOf(document, v.intended(item), v.Namespace); is {
				objects = append(objects, written{object, nodes.Content[i]})
			}
		} else if nodes != nil && i < len(nodes.Content) {
			at := nodes.Content[i]
			problems = append(problems, Problem{File: document.File, Line: at.Line, Column: at.Column, Severity: Error, Message: "an item of a List must be an object with apiVersion and kind. Correct it, or remove it."})
		}
	}
	return objects, problems, others
}

// shift moves the nodes of a document to their lines in the file.
func shift(node *yaml.Node, lines int) {
	node.Line += lines
	for _, below := range node.Content {
		shift(below, lines)
	}
}
