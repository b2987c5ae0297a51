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

// object judges one object: first what the API server would say, and where that
// is nothing, the hook.
func (v *Validator) object(ctx context.Context, object written) []Problem {
	var problems []Problem
	report := func(severity Severity, path, message string) {
		at := find(object.node, path)
		problems = append(problems, Problem{File: object.File, Line: at.line, Column: at.column, Severity: severity,
			Object: object.Title(), Field: path, Message: message})
	}
	twice(object.node, "", func(path string, again, first *yaml.Node) {
		problems = append(problems, Problem{File: object.File, Line: again.Line, Column: again.Column, Severity: Error, Object: object.Title(),
			Field: path, Message: fmt.Sprintf("%s is written twice, in line %d, too. Take one of them away.", path, first.Line)})
	})
	onMetadata(object.Content, func(path, message string) { report(Error, path, message) })
	kind := v.kinds[object.Kind]
	judged := cloned(object.Content)
	delete(judged, "status") // it is the hook's to write
	for _, path := range kind.Prune(judged) {
		report(Error, path, path+" is no field."+meant(kind.Schema, path))
	}
	kind.Default(judged)
	for _, err := range kind.Validate(ctx, judged, nil) {
		path := pathOf(err)
		report(Error, path, worded(path, err))
	}
	for _, remark := range cli.Remarks(object.Object) {
		report(Warning, remark.Field, remark.Message)
	}
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Error }) {
		for _, sentence := range hooked(object.Kind, judged) {
			path, _, _ := strings.Cut(sentence, " ")
			report(Error, path, sentence)
		}
	}
	return problems
}

// hooked is what the hook would say to an object that the API server takes.
func hooked(kind string, judged map[string]any) []string {
	text, err := json.Marshal(judged)
	if err != nil {
		return []string{"spec cannot be written as JSON: " + err.Error()}
	}
	if kind == cli.KindCluster {
		var cluster v1beta1.StormCluster
		if err := utiljson.Unmarshal(text, &cluster); err != nil {
			return []string{"spec cannot be read: " + err.Error()}
		}
		return preview.ClusterProblems(&cluster)
	}
	var topology v1beta1.StormTopology
	if err := utiljson.Unmarshal(text, &topology); err != nil {
		return []string{"spec cannot be read: " + err.Error()}
	}
	return preview.Problems(&topology)
}

// metadataFields are the fields of metadata, by the names that JSON has.
var metadataFields = func() (names []string) {
	for _, part := range reflect.VisibleFields(reflect.TypeFor[metav1.ObjectMeta]()) {
		name, _, _ := strings.Cut(part.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}()

// onMetadata judges metadata, of which the CRD's schema says next to nothing.
func onMetadata(object map[string]any, report func(path, message string)) {
	metadata, _ := object["metadata"].(map[string]any)
	if name, _ := metadata["name"].(string); name == "" {
		report("metadata.name", "metadata.name is missing. Write a name of a-z, 0-9 and -.")
	}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if !slices.Contains(metadataFields, key) {
			report("metadata."+key, "metadata."+key+" is no field."+didYouMean(cli.Nearest(key, metadataFields)))
		}
	}
	for _, part := range []string{"labels", "annotations"} {
		entries, _ := metadata[part].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if _, is := entries[key].(string); !is {
				path := fmt.Sprintf("metadata.%s[%q]", part, key)
				report(path, fmt.Sprintf("%s is no string. Write \"%v\" in quotes.", path, entries[key]))
			}
		}
	}
}

// pathOf is the field that an error is about; a rule of the whole object names
// it in its message.
func pathOf(err *field.Error) string {
	if err.Field != "" && err.Field != "<nil>" {
		return err.Field
	}
	first, _, _ := strings.Cut(err.Detail, " ")
	return first
}

// typeWanted is how the API server says that a type is wrong.
var typeWanted = regexp.MustCompile(`must be of type ([a-z,]+): "([a-z]+)"`)

// worded says an error of the API server to a person.
func worded(path string, err *field.Error) string {
	switch err.Type {
	case field.ErrorTypeRequired:
		return path + " is required. Set it."
	case field.ErrorTypeNotSupported:
		value := fmt.Sprint(err.BadValue)
		return fmt.Sprintf("%s is %q. It is %s.%s", path, value, strings.TrimPrefix(err.Detail, "supported values: "), didYouMean(cli.Nearest(value, quoted(err.Detail))))
	case field.ErrorTypeTypeInvalid:
		if part := typeWanted.FindStringSubmatch(err.Detail); part != nil {
			return fmt.Sprintf("%s is of type %s. It must be of type %s.", path, part[2], part[1])
		}
	case field.ErrorTypeInvalid:
		if strings.Contains(err.Detail, "[KMGTPE]i") { // the pattern of Kubernetes' quantities
			return fmt.Sprintf("%s is %q, which is no quantity. Write one such as 256Mi or 500m.", path, fmt.Sprint(err.BadValue))
		}
		if strings.HasPrefix(err.Detail, "spec.") || strings.HasPrefix(err.Detail, "metadata.") { // a rule of ours
			return ended(err.Detail)
		}
	}
	return path + ": " + ended(strings.TrimPrefix(err.ErrorBody(), "Invalid value: "))
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
