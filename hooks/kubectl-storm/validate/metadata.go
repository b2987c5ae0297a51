package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// onMetadata checks metadata, which the schema of the CRD hardly describes.
func onMetadata(object written, refuse func(path, message string)) {
	metadata, is := object.Content["metadata"].(map[string]any)
	if node := nodeAt(object.node, "metadata"); !is || node != nil && content(node).Tag != "!!map" {
		if node == nil || node.Tag == "!!null" {
			refuse("metadata", "metadata is missing. Add metadata: {name: NAME}, with a name of a-z, 0-9 and -.")
			return
		}
		refuse("metadata", fmt.Sprintf("metadata must be a map; it is %s. Write metadata: {name: NAME}.", described(node)))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if !slices.Contains(metadataFields, key) {
			refuse("metadata."+key, "unknown field metadata."+key+"."+didYouMean(cli.Nearest(key, metadataFields)))
		}
	}
	onName(object, metadata, refuse)
	for _, part := range []string{"labels", "annotations"} {
		onEntries(object, part, metadata[part], refuse)
	}
}

// onName checks the name and the namespace. The name of a StormTopology has a rule of its
// own.
func onName(object written, metadata map[string]any, refuse func(path, message string)) {
	for _, key := range []string{"name", "namespace", "generateName"} {
		if _, is := metadata[key].(string); metadata[key] != nil && !is {
			refuse("metadata."+key, mistyped(nil, "metadata."+key, "string", nodeAt(object.node, "metadata."+key)))
		}
	}
	name, _ := metadata["name"].(string)
	switch _, generated := metadata["generateName"]; {
	case name == "" && generated:
		refuse("metadata.generateName", "metadata.generateName is for kubectl create; kubectl apply needs metadata.name. Add a name of a-z, 0-9 and -.")
	case name == "" && misspelt(object, metadata):
		return // the unknown field is reported
	case name == "":
		refuse("metadata.name", "metadata.name is missing. Add a name of a-z, 0-9 and -.")
	case object.Kind == cli.KindCluster && len(validation.IsDNS1123Subdomain(name)) > 0:
		refuse("metadata.name", fmt.Sprintf("metadata.name is %q; must be a-z, 0-9, - and . only, begin and end with a letter or digit, and have at most 253 characters.", name))
	}
	if len(validation.IsDNS1123Label(object.Namespace)) > 0 && object.Namespace != "" {
		refuse("metadata.namespace", fmt.Sprintf("metadata.namespace is %q; must be a-z, 0-9 and - only, begin and end with a letter or digit, and have at most 63 characters.", object.Namespace))
	}
}

// misspelt says whether an object has its name at another place, or in a field with another
// spelling.
func misspelt(object written, metadata map[string]any) bool {
	for key := range metadata {
		if !slices.Contains(metadataFields, key) && cli.Nearest(key, metadataFields) == "name" {
			return true
		}
	}
	return object.Content["name"] != nil
}

// onEntries checks labels or annotations.
func onEntries(object written, part string, value any, refuse func(path, message string)) {
	entries, is := value.(map[string]any)
	if !is && value != nil {
		refuse("metadata."+part, fmt.Sprintf("metadata.%s must be a map; it is %s. Write %s: {KEY: VALUE}.", part, described(nodeAt(object.node, "metadata."+part)), part))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		path := fmt.Sprintf("metadata.%s[%q]", part, key)
		text, is := entries[key].(string)
		switch {
		case !is:
			refuse(path, mistyped(nil, path, "string", nodeAt(object.node, path)))
		case len(validation.IsQualifiedName(strings.ToLower(key))) > 0:
			refuse(path, fmt.Sprintf("%s: a key has letters, digits, -, _ and ., at most 63, and before a / the name of a domain, as in %s/team.", path, v1beta1.Group))
		case part == "labels" && len(validation.IsValidLabelValue(text)) > 0:
			refuse(path, fmt.Sprintf("%s is %q; must be at most 63 letters, digits, -, _ and ., and begin and end with a letter or digit. Use an annotation for other texts.", path, text))
		}
	}
}
