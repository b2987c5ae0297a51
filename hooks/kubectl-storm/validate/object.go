package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// object checks one object: first what the API server would reject and, if that is
// nothing, what the hook would report. version is that of its Storm; empty is the newest.
func (v *Validator) object(ctx context.Context, object written, version string) []Problem {
	var problems []Problem
	report := func(severity Severity, path, message string) {
		at := find(object.node, path)
		problems = append(problems, Problem{File: object.File, Line: at.line, Column: at.column, Severity: severity,
			Object: object.Title(), Field: path, Message: message})
	}
	twice(object.node, "", func(path string, again, first *yaml.Node) {
		problems = append(problems, Problem{File: object.File, Line: again.Line, Column: again.Column, Severity: Error, Object: object.Title(),
			Field: path, Message: fmt.Sprintf("duplicate key %s (first on line %d). Remove one.", path, first.Line)})
	})
	onMetadata(object, func(path, message string) { report(Error, path, message) })
	kind := v.kinds[object.Kind]
	judged := cloned(object.Content)
	delete(judged, "status") // the hook writes it
	for _, path := range kind.Prune(judged) {
		report(Error, path, "unknown field "+path+"."+meant(kind.Schema, path))
	}
	kind.Default(judged)
	for _, err := range kind.Validate(ctx, judged, nil) {
		path := pathOf(err)
		report(Error, path, explain(object.node, path, err))
	}
	for _, remark := range cli.Remarks(object.Object, version) {
		report(Warning, remark.Field, remark.Message)
	}
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Error }) {
		for _, sentence := range hookProblems(object.Kind, judged, version) {
			path, _, _ := strings.Cut(sentence, " ")
			report(Error, path, sentence)
		}
	}
	return problems
}

// hookProblems are what the hook would report for an object that the API server accepts.
func hookProblems(kind string, judged map[string]any, version string) []string {
	text, err := json.Marshal(judged)
	if err != nil {
		return []string{"spec cannot be encoded as JSON: " + err.Error()}
	}
	if kind == cli.KindCluster {
		var cluster v1beta1.StormCluster
		if err := utiljson.Unmarshal(text, &cluster); err != nil {
			return []string{"spec cannot be decoded: " + err.Error()}
		}
		cluster.Status.Version = version
		return preview.ClusterProblems(&cluster)
	}
	var topology v1beta1.StormTopology
	if err := utiljson.Unmarshal(text, &topology); err != nil {
		return []string{"spec cannot be decoded: " + err.Error()}
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

// onMetadata checks metadata, which the schema of the CRD hardly describes.
func onMetadata(object written, report func(path, message string)) {
	metadata, _ := object.Content["metadata"].(map[string]any)
	if name, _ := metadata["name"].(string); name == "" {
		report("metadata.name", "metadata.name is missing. Add a name of a-z, 0-9 and -.")
	}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if !slices.Contains(metadataFields, key) {
			report("metadata."+key, "unknown field metadata."+key+"."+didYouMean(cli.Nearest(key, metadataFields)))
		}
	}
	for _, part := range []string{"labels", "annotations"} {
		entries, _ := metadata[part].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if _, is := entries[key].(string); !is {
				path := fmt.Sprintf("metadata.%s[%q]", part, key)
				report(path, mistyped(path, "string", nodeAt(object.node, path)))
			}
		}
	}
}

// pathOf is the field of an error; a rule of the whole object has it in its message.
func pathOf(err *field.Error) string {
	if part := formatError.FindStringSubmatch(err.Detail); part != nil {
		return part[2]
	}
	if err.Field != "" && err.Field != "<nil>" {
		return err.Field
	}
	first, _, _ := strings.Cut(err.Detail, " ")
	return first
}

// How the API server says that a type is wrong, that a number does not have its format, and
// that a value is outside its range.
var (
	typeError   = regexp.MustCompile(`must be of type ([a-z0-9,]+): "[a-z0-9]+"`)
	formatError = regexp.MustCompile(`Checked value must be of type [a-z]+ with format ([a-z0-9]+) in (\S+)`)
	rangeError  = regexp.MustCompile(`in body should be (less|greater) than or equal to (\S+)$`)
	emptyError  = regexp.MustCompile(`in body should be at least 1 chars long$`)
)

// explain words an error of the API server for a person.
func explain(root *yaml.Node, path string, err *field.Error) string {
	if part := formatError.FindStringSubmatch(err.Detail); part != nil {
		return mistyped(path, part[1], nodeAt(root, path))
	}
	switch err.Type {
	case field.ErrorTypeRequired:
		return path + " is missing (required)."
	case field.ErrorTypeNotSupported:
		value, allowed := fmt.Sprint(err.BadValue), quoted(err.Detail)
		return fmt.Sprintf("%s is %q; must be %s.%s", path, value, oneOf(allowed), didYouMean(cli.Nearest(value, allowed)))
	case field.ErrorTypeTypeInvalid:
		if part := typeError.FindStringSubmatch(err.Detail); part != nil {
			return mistyped(path, part[1], nodeAt(root, path))
		}
	case field.ErrorTypeInvalid:
		if strings.Contains(err.Detail, "[KMGTPE]i") { // the pattern of Kubernetes' quantities
			return fmt.Sprintf("%s is %q, which is not a Kubernetes quantity (memory: 256Mi, CPU: 500m).", path, fmt.Sprint(err.BadValue))
		}
		if part := rangeError.FindStringSubmatch(err.Detail); part != nil {
			bound := map[string]string{"less": "at most", "greater": "at least"}[part[1]]
			return fmt.Sprintf("%s is %v; must be %s %s.", path, err.BadValue, bound, part[2])
		}
		if emptyError.MatchString(err.Detail) {
			return path + " is empty; must have a value."
		}
		if strings.HasPrefix(err.Detail, "spec.") || strings.HasPrefix(err.Detail, "metadata.") { // a rule of the CRD
			return ended(err.Detail)
		}
	}
	return path + ": " + ended(strings.TrimPrefix(err.ErrorBody(), "Invalid value: "))
}

// oneOf is "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
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
