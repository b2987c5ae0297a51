package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// object checks one object: what the API server would reject, and what the hook would
// report. Where a part is wrong already, the rest is checked without it. version is that of
// its Storm; empty is the newest.
func (v *Validator) object(ctx context.Context, object written, version string) []Problem {
	var problems []Problem
	report := func(severity Severity, path, message string) {
		at := find(object.node, path)
		problems = append(problems, Problem{File: object.File, Line: at.line, Column: at.column, Severity: severity,
			Object: object.Title(), Field: path, Message: message})
	}
	var wrong wrongParts
	twice(object.node, "", func(path string, again, value, first *yaml.Node) {
		message := fmt.Sprintf("duplicate key %s (first on line %d). Merge both into one.", path, first.Line)
		if value.Kind == yaml.ScalarNode {
			message = fmt.Sprintf("duplicate key %s (first on line %d). Keep the one you mean, and remove the other.", path, first.Line)
		}
		switch {
		case wrong.below("apiVersion"):
			return // all of it is another object
		case path == "apiVersion":
			message = fmt.Sprintf("a second object begins here (the first on line %d). Separate objects by a line of ---.", first.Line)
		}
		problems = append(problems, Problem{File: object.File, Line: again.Line, Column: again.Column, Severity: Error, Object: object.Title(), Field: path, Message: message, accepted: true})
		wrong = append(wrong, path)
	})
	refuse := func(path, message string) {
		if !wrong.below(path) {
			report(Error, path, message)
			wrong = append(wrong, path)
		}
	}
	eachText(object.node, "", func(path string, text *yaml.Node) {
		if says := unintended(path, text); says != "" {
			refuse(path, path+": "+says)
		} else if name := unreplaced.FindString(text.Value); name != "" && !passedOn.MatchString(path) {
			refuse(path, fmt.Sprintf("%s is %q: %s was not replaced. Write the value there, or replace it before the file is applied.", path, preview.Line(short(text.Value)), preview.Line(short(name))))
		}
	})
	onMetadata(object, refuse)
	kind := v.kinds[object.Kind]
	judged := cloned(object.Content)
	delete(judged, "status") // the hook writes it
	whole := cloned(judged)
	unknown := kind.Prune(judged)
	kind.Default(judged)
	failures := kind.Validate(ctx, judged, nil)
	for _, err := range failures {
		if path := pathOf(err); isShape(err) {
			refuse(path, explain(kind.Schema, object.node, path, err))
		}
	}
	named := map[string]bool{}
	for _, path := range unknown {
		says := meant(kind.Schema, object.node, path)
		target := proposed(path, says)
		named[target] = true
		if target != "" && nodeAt(object.node, target) != nil {
			says = instead(says, path, target, find(object.node, target).line)
		}
		refuse(path, "unknown field "+preview.Line(path)+"."+says)
	}
	for _, err := range failures {
		path := ruled(object.node, pathOf(err), err.Detail)
		if isShape(err) || err.Type == field.ErrorTypeRequired && named[path] || strings.Contains(err.Detail, "evaluating rule") && len(wrong) > 0 {
			continue // it is said already
		}
		if !eachItem(ctx, kind, object.node, judged, err, refuse) {
			refuse(path, explain(kind.Schema, object.node, path, err))
		}
	}
	if len(wrong) > 0 {
		v.rest(ctx, object, version, whole, wrong, refuse)
	} else {
		for _, sentence := range hookProblems(object.Kind, judged, version) {
			path, message := located(object.node, sentence)
			refuse(path, corrected(path, message, nodeAt(object.node, path)))
		}
	}
	for _, remark := range cli.Remarks(object.Object, version) {
		if !wrong.below(remark.Field) {
			report(Warning, remark.Field, remark.Message)
		}
	}
	return problems
}

// rest checks what is left of an object without its wrong parts.
func (v *Validator) rest(ctx context.Context, object written, version string, whole map[string]any, wrong wrongParts, refuse func(path, message string)) {
	kind := v.kinds[object.Kind]
	for _, path := range wrong {
		without(whole, path)
	}
	kind.Prune(whole)
	kind.Default(whole)
	for _, err := range kind.Rules(ctx, whole) {
		path := ruled(object.node, pathOf(err), err.Detail)
		if !strings.Contains(err.Detail, "evaluating rule") && !(wrong.within(err.Field) && wrong.named(err.Detail)) && !eachItem(ctx, kind, object.node, whole, err, refuse) {
			refuse(path, explain(kind.Schema, object.node, path, err))
		}
	}
	for _, sentence := range hookProblems(object.Kind, whole, version) {
		if path, message := located(object.node, sentence); path != "" && !wrong.named(path) && nodeAt(object.node, path) != nil {
			refuse(path, corrected(path, message, nodeAt(object.node, path)))
		}
	}
}

// wrongParts are the paths of what is wrong already.
type wrongParts []string

// below says whether a path is wrong, or lies in what is.
func (w wrongParts) below(path string) bool {
	return slices.ContainsFunc(w, func(wrong string) bool {
		rest, is := strings.CutPrefix(path, wrong)
		return is && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// within says whether a part of what the rule of a field sees is wrong.
func (w wrongParts) within(field string) bool {
	whole := field == "" || field == "<nil>"
	return slices.ContainsFunc(w, func(wrong string) bool { return whole || wrongParts{field}.below(wrong) })
}

// named says whether a message is about one of the paths.
func (w wrongParts) named(message string) bool {
	return slices.ContainsFunc(w, func(wrong string) bool { return strings.Contains(message, wrong) })
}

// eachText visits the texts of an object.
func eachText(at *yaml.Node, path string, visit func(path string, text *yaml.Node)) {
	at = content(at)
	if at.Kind == yaml.ScalarNode {
		visit(path, at)
	}
	if at.Kind == yaml.SequenceNode {
		for i, item := range at.Content {
			eachText(item, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
	for _, pair := range pairs(at) {
		below := strings.TrimPrefix(path+"."+pair[0].Value, ".")
		if strings.ContainsAny(pair[0].Value, "./") {
			below = fmt.Sprintf("%s[%q]", path, pair[0].Value)
		}
		eachText(pair[1], below, visit)
	}
}

// Signs of a template, and the fields whose text is for another program, which may have
// {{ }} of its own.
var (
	passedOn = regexp.MustCompile(`\b(args|command|config|env|annotations)\b`)
	// unreplaced is a variable of envsubst, of Flux, or of a shell.
	unreplaced = regexp.MustCompile(`\$\{[A-Za-z_]\w*(:?[-=][^}]*)?\}`)
	ofHelm     = regexp.MustCompile(`\{\{-?\s*(\.Values|\.Release|\.Chart|include |template |tpl |\$)`)
)

// unintended says what a text has that no one means to apply.
func unintended(path string, text *yaml.Node) string {
	switch {
	case strings.HasPrefix(text.Tag, "!") && !strings.HasPrefix(text.Tag, "!!"):
		return fmt.Sprintf("a value that begins with ! is a type in YAML. Put it in quotes: %q.", text.Tag)
	case ofHelm.MatchString(text.Value), !passedOn.MatchString(path) && strings.Contains(text.Value, "{{") && strings.Contains(text.Value, "}}"):
		return helm
	}
	return ""
}

// without removes a path from an object.
func without(object map[string]any, path string) {
	var at any = object
	remove := func() {}
	for path = strings.TrimPrefix(path, "."); path != ""; path = strings.TrimPrefix(path, ".") {
		key, rest := cut(at, path)
		switch of := at.(type) {
		case map[string]any:
			value, has := of[key]
			if !has {
				return
			}
			remove, at = func() { delete(of, key) }, value
		case []any:
			index, err := strconv.Atoi(key)
			if err != nil || index < 0 || index >= len(of) {
				return
			}
			if _, isMap := of[index].(map[string]any); !isMap && rest == "" {
				of[index] = "" // the others keep their places
				return
			}
			remove, at = func() {}, of[index]
		default:
			return
		}
		path = rest
	}
	remove()
}

// cut splits the first key or index off a path. Keys may contain dots, so the map decides.
func cut(at any, path string) (key, rest string) {
	if quoted, after, is := strings.Cut(strings.TrimPrefix(path, "["), "]"); is && path[0] == '[' {
		if text, err := strconv.Unquote(quoted); err == nil {
			quoted = text
		}
		return quoted, after
	}
	of, _ := at.(map[string]any)
	for name := range of {
		if after, is := strings.CutPrefix(path, name); is && len(name) > len(key) && (after == "" || after[0] == '.' || after[0] == '[') {
			key, rest = name, after
		}
	}
	if key == "" {
		return path, ""
	}
	return key, rest
}

// hookProblems are what the hook would report for an object that the API server accepts.
func hookProblems(kind string, judged map[string]any, version string) []string {
	text, err := json.Marshal(judged)
	if err != nil {
		return []string{"spec has a value that JSON cannot express. Remove it."}
	}
	if kind == cli.KindCluster {
		var cluster v1beta1.StormCluster
		if err := utiljson.Unmarshal(text, &cluster); err != nil {
			return nil // a part of it is wrong already
		}
		cluster.Status.Version = version
		return preview.ClusterProblems(&cluster)
	}
	var topology v1beta1.StormTopology
	if err := utiljson.Unmarshal(text, &topology); err != nil {
		return nil // a part of it is wrong already
	}
	return preview.Problems(&topology, version)
}

// metadataFields are the fields of metadata, with their names in JSON.
var metadataFields = func() (names []string) {
	for _, part := range reflect.VisibleFields(reflect.TypeFor[metav1.ObjectMeta]()) {
		name, _, _ := strings.Cut(part.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}()

// oneOf is "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// allOf is "a, b and c".
func allOf(words []string) string {
	return strings.ReplaceAll(oneOf(words), " or ", " and ")
}

// quoted are the words in quotes in a text.
func quoted(text string) (words []string) {
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		}
	}
	return words
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return " Did you mean " + word + "?"
}

func ended(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// cloned is a copy of an object all the way down.
func cloned(value map[string]any) map[string]any {
	out := make(map[string]any, len(value))
	for key, item := range value {
		out[key] = clonedAny(item)
	}
	return out
}

func clonedAny(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return cloned(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = clonedAny(item)
		}
		return out
	}
	return value
}
