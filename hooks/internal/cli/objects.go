package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// The kinds of Stormhooks.
const (
	KindTopology = "StormTopology"
	KindCluster  = "StormCluster"
)

// Object is an object of Stormhooks, and where it is written.
type Object struct {
	Document
	Kind, Namespace, Name string
	// Content is the object as it is written, with its namespace.
	Content map[string]any
}

// Title is the kind and name, for a person.
func (o Object) Title() string {
	if o.Name == "" {
		return strings.ToLower(o.Kind)
	}
	return strings.ToLower(o.Kind) + "/" + preview.Line(o.Name)
}

// Key identifies the object.
func (o Object) Key() string { return o.Kind + "/" + o.Namespace + "/" + o.Name }

// sameNamespace refuses objects with another namespace than that of the flag -n, as
// kubectl does. A judge knows the line.
func sameNamespace(ctx context.Context, in input, given string, judge Judge) error {
	for _, o := range in.objects {
		if given != "" && o.Namespace != given {
			if _, err := judge.refusals(ctx, in, Known{Only: given}); err != nil {
				return err
			}
			return Exit{Code: Invalid, Err: fmt.Errorf("%s:%d: %s has namespace %q, but -n is %q. Omit -n, or use the same namespace", o.File, o.Line, o.Title(), o.Namespace, given)}
		}
	}
	return nil
}

// Objects are the objects of Stormhooks in documents, also those inside of a List. Other
// kinds are left out. An object without a namespace gets the given one.
func Objects(documents []Document, namespace string) ([]Object, error) {
	var objects []Object
	for _, document := range documents {
		content, err := Decode(document.Text)
		if err != nil {
			says := err.Error()
			if !strings.HasPrefix(says, notAnObject) { // the words of a library
				says = "this is not valid YAML. To see where and why: " + preview.Command("kubectl", "storm", "validate", "-f", document.File)
			}
			return nil, unread(fmt.Errorf("%s:%d: %s", preview.Line(document.File), document.Line, says))
		}
		for _, content := range flat(content) {
			if object, is := ObjectOf(document, content, namespace); is {
				objects = append(objects, object)
			}
		}
	}
	return objects, nil
}

// Decode decodes YAML as kubectl does; whole numbers stay whole.
func Decode(text []byte) (map[string]any, error) {
	raw, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := utiljson.Unmarshal(raw, &content); err != nil {
		var other any
		if json.Unmarshal(raw, &other) != nil {
			return nil, fmt.Errorf("not an object: %w", err)
		}
		return nil, fmt.Errorf(notAnObject+", found %s", map[bool]string{true: "a list", false: "a single value"}[isList(other)])
	}
	return content, nil
}

const notAnObject = "expected an object with apiVersion and kind"

func isList(value any) bool {
	_, is := value.([]any)
	return is
}

func flat(content map[string]any) []map[string]any {
	items, is := content["items"].([]any)
	if !is {
		return []map[string]any{content}
	}
	var all []map[string]any
	for _, item := range items {
		if object, is := item.(map[string]any); is {
			all = append(all, object)
		}
	}
	return all
}

// ObjectOf says whether content is an object of Stormhooks.
func ObjectOf(document Document, content map[string]any, namespace string) (Object, bool) {
	kind, _ := content["kind"].(string)
	version, _ := content["apiVersion"].(string)
	if kind != KindTopology && kind != KindCluster || version != v1beta1.GroupVersion.String() {
		return Object{}, false
	}
	metadata, _ := content["metadata"].(map[string]any)
	object := Object{Document: document, Kind: kind, Content: maps.Clone(content)}
	object.Name, _ = metadata["name"].(string)
	if object.Namespace, _ = metadata["namespace"].(string); object.Namespace == "" {
		object.Namespace = namespace
		metadata = maps.Clone(metadata)
		if metadata == nil {
			metadata = map[string]any{}
		}
		metadata["namespace"] = namespace
		object.Content["metadata"] = metadata
	}
	return object, true
}

// typed decodes the content of an object into its Go type.
func typed[T any](object Object) (*T, error) {
	text, err := json.Marshal(object.Content)
	if object.Name == "" {
		err = errors.New("metadata.name is missing")
	}
	if err == nil {
		out := new(T)
		if err = utiljson.Unmarshal(text, out); err == nil {
			return out, nil
		}
	}
	return nil, Exit{Code: Invalid, Err: fmt.Errorf("%s:%d: %s: %w. %s shows the line", object.File, object.Line, object.Title(), err, preview.Command("kubectl", "storm", "validate", "-f", object.File))}
}

// clusterOf is the StormCluster of a topology, if it is among the objects.
func clusterOf(topology *v1beta1.StormTopology, objects []Object) (*v1beta1.StormCluster, error) {
	for _, object := range objects {
		if object.Kind == KindCluster && object.Namespace == topology.Namespace && object.Name == topology.Spec.ClusterRef {
			return typed[v1beta1.StormCluster](object)
		}
	}
	return nil, nil
}

// cloneWith is a copy with one part set; nil removes it.
func cloneWith(content map[string]any, key string, value any) map[string]any {
	content = maps.Clone(content)
	if content[key] = value; value == nil {
		delete(content, key)
	}
	return content
}
