package validate

import (
	"fmt"
	"maps"
	"regexp"
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
		if node != nil && node.Tag == "!!null" {
			refuse("metadata", "metadata has no value. Write metadata: {name: NAME}, with a name of a-z, 0-9 and -.")
			return
		}
		refuse("metadata", fmt.Sprintf("metadata is %s; must be a map. Write metadata: {name: NAME}.", described(node)))
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
	case name == "" && (object.Content["name"] != nil || misspelt(metadata, "name", metadataFields)):
		return // the unknown field is reported
	case name == "" && nodeAt(object.node, "metadata") == nil:
		refuse("metadata", "metadata is missing. Add metadata: {name: NAME}, with a name of a-z, 0-9 and -.")
	case name == "":
		refuse("metadata.name", "metadata.name is missing. Add a name of a-z, 0-9 and -.")
	case object.Kind == cli.KindCluster && len(validation.IsDNS1123Subdomain(name)) > 0:
		refuse("metadata.name", misnamed("metadata.name", name, validation.DNS1123SubdomainMaxLength, true))
	}
	if len(validation.IsDNS1123Label(object.Namespace)) > 0 && object.Namespace != "" {
		refuse("metadata.namespace", misnamed("metadata.namespace", object.Namespace, validation.DNS1123LabelMaxLength, false))
	}
}

var (
	notInName = regexp.MustCompile(`[^a-z0-9-]+`)
	notInKey  = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	stormName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// misnamed says what is wrong with a name of Kubernetes, and which one is meant. dots says
// whether it may have dots.
func misnamed(path, name string, longest int, dots bool) string {
	small := strings.ToLower(name)
	like := strings.Trim(notInName.ReplaceAllString(small, "-"), "-")
	says := "must be a-z, 0-9 and - only, and begin and end with a letter or digit."
	if dots {
		says = strings.Replace(says, "0-9 and -", "0-9, - and .", 1)
	}
	switch {
	case len(name) > longest:
		says = fmt.Sprintf("must have at most %d characters, and has %d. Choose a shorter name.", longest, len(name))
	case like == small:
		says = fmt.Sprintf("must have no capital letters. Write %s.", like)
	case like != "":
		says += fmt.Sprintf(" Write %s.", like)
	}
	if path == "metadata.name" && !dots && stormName.MatchString(name) {
		says += fmt.Sprintf(" spec.topology.name may be %s.", name)
	}
	return fmt.Sprintf("%s is %q; %s", path, name, says)
}

// misspelt says whether an object has a field with another spelling, by the fields that it
// may have.
func misspelt(object map[string]any, field string, known []string) bool {
	for key := range object {
		if !slices.Contains(known, key) && cli.Nearest(key, known) == field {
			return true
		}
	}
	return false
}

// likeKey is the key that is meant, if it only has characters that no key has.
func likeKey(key string) string {
	like := strings.Trim(notInKey.ReplaceAllString(key, "-"), "-_.")
	if strings.Contains(key, "/") || len(validation.IsQualifiedName(like)) > 0 {
		return ""
	}
	return fmt.Sprintf(" Write %s.", like)
}

// onEntries checks labels or annotations.
func onEntries(object written, part string, value any, refuse func(path, message string)) {
	entries, is := value.(map[string]any)
	if !is && value != nil {
		refuse("metadata."+part, fmt.Sprintf("metadata.%s is %s; must be a map. Write %s: {KEY: VALUE}.", part, described(nodeAt(object.node, "metadata."+part)), part))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		path := fmt.Sprintf("metadata.%s[%q]", part, key)
		text, is := entries[key].(string)
		switch {
		case !is:
			refuse(path, mistyped(nil, path, "string", nodeAt(object.node, path)))
		case len(validation.IsQualifiedName(strings.ToLower(key))) > 0:
			refuse(path, fmt.Sprintf("%s: a key has letters, digits, -, _ and ., at most 63, and before a / the name of a domain, as in %s/team.%s", path, v1beta1.Group, likeKey(key)))
		case part == "labels" && len(validation.IsValidLabelValue(text)) > 0:
			refuse(path, fmt.Sprintf("%s is %q; must be at most 63 letters, digits, -, _ and ., and begin and end with a letter or digit. Use an annotation for other texts.", path, text))
		}
	}
}
