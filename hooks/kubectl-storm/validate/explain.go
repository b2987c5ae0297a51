package validate

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// pathOf is the field of an error; a rule of the whole object has it in its message.
func pathOf(err *field.Error) string {
	if part := formatError.FindStringSubmatch(err.Detail); part != nil {
		return part[2]
	}
	if err.Field != "" && err.Field != "<nil>" {
		return ofComponent.ReplaceAllString(err.Field, `spec.topology.components["$1"]`)
	}
	first, _, _ := strings.Cut(err.Detail, " ")
	return first
}

// How the API server says that a type is wrong, that a number does not have its format,
// that a value is outside its range, and that something has too few or too many parts.
var (
	typeError    = regexp.MustCompile(`must be of type ([a-z0-9,]+): "[a-z0-9]+"`)
	formatError  = regexp.MustCompile(`Checked value must be of type [a-z]+ with format ([a-z0-9]+) in (\S+)`)
	rangeError   = regexp.MustCompile(`in body should be (less|greater) than or equal to (\S+)$`)
	shortError   = regexp.MustCompile(`in body should be at least (\d+) chars long$`)
	fewError     = regexp.MustCompile(`in body should have at least (\d+) (items|properties)$`)
	patternError = regexp.MustCompile(`in body should match '(.*)'$`)
	limitError   = regexp.MustCompile(`(?:may not be (?:more|longer) than|must have at most|in body should be at most) (\d+)`)
)

// How the API server names a component, and how a rule about one begins.
var ofComponent = regexp.MustCompile(`^spec\.topology\.components\[([^"\]]+)\]`)

const aComponent = "a component in spec.topology.components has "

// isShape says whether an error is about the type of a value, which explains others.
func isShape(err *field.Error) bool {
	return err.Type == field.ErrorTypeTypeInvalid || formatError.MatchString(err.Detail) || typeError.MatchString(err.Detail)
}

// explain words an error of the API server for a person.
func explain(kind *schema.Structural, root *yaml.Node, path string, err *field.Error) string {
	value := nodeAt(root, path)
	if part := formatError.FindStringSubmatch(err.Detail); part != nil {
		return mistyped(kind, path, part[1], value)
	}
	switch err.Type {
	case field.ErrorTypeRequired:
		return missing(kind, path, value)
	case field.ErrorTypeNotSupported:
		value, allowed := fmt.Sprint(err.BadValue), quoted(err.Detail)
		return fmt.Sprintf("%s is %q; must be %s.%s", path, value, oneOf(allowed), cmp.Or(didYouMean(cli.Nearest(value, allowed)), choices[path]))
	case field.ErrorTypeTypeInvalid:
		if part := typeError.FindStringSubmatch(err.Detail); part != nil {
			return mistyped(kind, path, part[1], value)
		}
	case field.ErrorTypeTooLong, field.ErrorTypeTooMany:
		if part := limitError.FindStringSubmatch(err.Detail); part != nil {
			return fmt.Sprintf("%s has %s; the limit is %s.", path, amount(value), part[1])
		}
	case field.ErrorTypeDuplicate:
		return fmt.Sprintf("%s is %q, which is in the list already. Remove one.", path, preview.Line(fmt.Sprint(err.BadValue)))
	case field.ErrorTypeInvalid:
		if says := exclusive(root, err.Detail); says != "" {
			return says
		}
		if says := invalid(kind, path, value, err); says != "" {
			return says
		}
	}
	return path + " is not valid: " + ended(strings.TrimPrefix(err.ErrorBody(), "Invalid value: "))
}

// choices say what the values of a field do.
var choices = map[string]string{
	"spec.deletionPolicy": " Orphan keeps the topology running when you delete the object. Kill kills it.",
	"spec.update.policy":  " Auto uses the cheapest change that works: none, a rebalance or a restart. Restart always restarts the topology.",
}

// invalid words an error about a value that has the right type.
func invalid(kind *schema.Structural, path string, value *yaml.Node, err *field.Error) string {
	if has, is := strings.CutPrefix(err.Detail, aComponent); is && strings.HasPrefix(path, `spec.topology.components[`) {
		return path + " has " + ended(has)
	}
	if strings.Contains(err.Detail, "[KMGTPE]i") { // the pattern of Kubernetes' quantities
		return notQuantity(path, fmt.Sprint(err.BadValue))
	}
	if part := rangeError.FindStringSubmatch(err.Detail); part != nil {
		bound := map[string]string{"less": "or less", "greater": "or more"}[part[1]]
		return fmt.Sprintf("%s is %v; must be %s %s.", path, err.BadValue, part[2], bound)
	}
	if part := shortError.FindStringSubmatch(err.Detail); part != nil {
		return tooShort(kind, path, fmt.Sprint(err.BadValue), part[1], value)
	}
	if part := fewError.FindStringSubmatch(err.Detail); part != nil {
		return fmt.Sprintf("%s needs at least %s.", path, atLeast(path, part[1]))
	}
	if part := patternError.FindStringSubmatch(err.Detail); part != nil {
		return fmt.Sprintf("%s is %q; must match the pattern %s.", path, preview.Line(fmt.Sprint(err.BadValue)), part[1])
	}
	if part := limitError.FindStringSubmatch(err.Detail); part != nil {
		return fmt.Sprintf("%s has %s; the limit is %s.", path, amount(value), part[1])
	}
	switch {
	case value == nil:
	case strings.HasSuffix(err.Detail, "must be a quantity such as 1Gi"):
		return notQuantity(path, value.Value)
	case strings.HasSuffix(err.Detail, ".image must not contain white space"):
		return fmt.Sprintf("%s is %q, which has a space. Write %s.", path, preview.Line(short(value.Value)), preview.Line(short(strings.Join(strings.Fields(value.Value), ""))))
	case strings.HasPrefix(err.Detail, "metadata.name must be 1 to 42 characters"):
		return misnamed(path, value.Value, 42, false)
	case strings.HasPrefix(err.Detail, "spec.topology.jar.container.args needs "):
		return ended(err.Detail) + " Arguments of main go to spec.topology.args."
	case strings.HasPrefix(err.Detail, path+" has no certificate in PEM format") && strings.HasPrefix(value.Value, "/"):
		return fmt.Sprintf("%s Write the text of %s, not its path.", ended(err.Detail), preview.Line(short(value.Value)))
	}
	if strings.HasPrefix(err.Detail, "spec.") || strings.HasPrefix(err.Detail, "metadata.") { // a rule of the CRD
		return ended(withValue(path, value, err.Detail))
	}
	if strings.HasPrefix(err.Detail, "template.") || strings.HasPrefix(err.Detail, "a volume of template.") {
		return path + ": " + ended(err.Detail)
	}
	return ""
}

// exclusive words a rule about fields that exclude each other, with those that the file has.
func exclusive(root *yaml.Node, detail string) string {
	const container, storage = "spec.topology.jar.container", "spec.topology.jar.storage"
	has := func(parent string, names ...string) (written []string, are, them string) {
		for _, name := range names {
			if nodeAt(root, parent+"."+name) != nil {
				written = append(written, name)
			}
		}
		if len(written) == 1 {
			return written, "is", "it"
		}
		return written, "are", "them"
	}
	if strings.HasPrefix(detail, container+".command, env, resources and securityContext are ") {
		written, are, them := has(container, "command", "env", "resources", "securityContext")
		return fmt.Sprintf("%s.%s %s for a container, and extractionMode image-volume does not run one. Remove %s, or use another mode.", container, allOf(written), are, them)
	}
	if strings.HasPrefix(detail, storage+".claimName is for an existing claim; ") {
		written, are, _ := has(storage, "size", "storageClassName", "accessModes")
		return fmt.Sprintf("%s.claimName is for an existing claim, and %s %s for one that Stormhooks creates. Remove claimName, or remove %[2]s.", storage, allOf(written), are)
	}
	return ""
}

// ruled is the field that a rule is about: the rule may stand above it, and names it first.
func ruled(root *yaml.Node, path, detail string) string {
	first, _, _ := strings.Cut(detail, " ")
	first = strings.TrimSuffix(first, ",")
	if strings.HasPrefix(first, path+".") && nodeAt(root, first) != nil {
		return first
	}
	return path
}

// ofFile is a path as a URL.
var ofFile = regexp.MustCompile(`^(?:file|local):(?://)?(/[^/].*)$`)

// withValue is the sentence of a rule with the value that breaks it.
func withValue(path string, value *yaml.Node, detail string) string {
	must, is := strings.CutPrefix(detail, path+" must ")
	if !is || value == nil || value.Kind != yaml.ScalarNode || value.Value == "" {
		return detail
	}
	if file := ofFile.FindStringSubmatch(value.Value); file != nil && strings.HasPrefix(must, "be an absolute path") {
		must = "be an absolute path. Write " + preview.Line(short(file[1]))
	} else if is := strings.HasPrefix(must, "be an absolute path"); is && strings.Contains(value.Value, "://") {
		must = "be an absolute path. Put the JAR into the image, and write its path there"
	} else if namespace, name, is := strings.Cut(value.Value, "/"); is && path == "spec.clusterRef" && namespace != "" && name != "" {
		must = fmt.Sprintf("%s. Write %s: the StormCluster is always in the namespace of this object", must, preview.Line(short(name)))
	}
	shown := preview.Line(short(value.Value))
	if value.Tag == "!!str" {
		shown = fmt.Sprintf("%q", shown)
	}
	detail = fmt.Sprintf("%s is %s; must %s", path, shown, must)
	if strings.ContainsAny(value.Value, "\u201c\u201d\u201e\u2018\u2019") {
		detail = ended(detail) + " The quotes \u201c \u201d are part of the text for YAML. Write \" instead"
	}
	return detail
}

// tooShort says that a text has fewer characters than it must have.
func tooShort(kind *schema.Structural, path, text, least string, value *yaml.Node) string {
	switch {
	case text == "" && examples[path] != "":
		return missing(kind, path, value)
	case text == "":
		return path + " has no value. Write one, or remove the field."
	case pathItem.MatchString(path) && text[0] != '/':
		return fmt.Sprintf("%s is %q; must be an absolute path or glob. Begin it with /.", path, preview.Line(short(text)))
	}
	return fmt.Sprintf("%s is %q; must have at least %s characters.", path, preview.Line(short(text)), least)
}

// pathItem is an item of a list of paths.
var pathItem = regexp.MustCompile(`^spec\.topology\.jar\.container\.(files|dependencies)\[`)

var inBytes = regexp.MustCompile(`^(\d+) ?([KMGTkmgt])i?[Bb]$`)

// notQuantity says how a quantity of Kubernetes is written.
func notQuantity(path, text string) string {
	fix := "Write it like 256Mi (memory) or 500m (CPU)."
	if part := inBytes.FindStringSubmatch(text); part != nil {
		unit := strings.ToUpper(part[2])
		fix = fmt.Sprintf("Write %s%si (or %s%s).", part[1], unit, part[1], strings.ReplaceAll(unit, "K", "k"))
	}
	return fmt.Sprintf("%s is %q, which is not a Kubernetes quantity. %s", path, preview.Line(short(text)), fix)
}

// atLeast is the least that a list or map has, for a person.
func atLeast(path, n string) string {
	if path == "spec.nimbus.seeds" && n == "1" {
		return "one host name: seeds: [nimbus]"
	}
	if n == "1" {
		return "one entry"
	}
	return n + " entries"
}

// amount is how much a value has.
func amount(value *yaml.Node) string {
	switch {
	case value == nil:
		return "too much"
	case value.Kind == yaml.SequenceNode:
		return fmt.Sprintf("%d entries", len(value.Content))
	case value.Kind == yaml.MappingNode && strings.HasPrefix(value.Tag, "!!"):
		return fmt.Sprintf("%d entries", len(value.Content)/2)
	}
	return fmt.Sprintf("%d characters", len([]rune(value.Value)))
}

// examples show how fields that an object must have are written.
var examples = map[string]string{
	"spec.clusterRef":                   ": the name of a StormCluster (kubectl get stormclusters).",
	"spec.topology.mainClass":           ", for example mainClass: com.mycompany.MyTopology.",
	"spec.topology.jar.container.image": ": the image that has the JAR.",
	"spec.topology.jar.container.path":  ": the path of the JAR in the image, for example path: /app/topology.jar.",
	"spec.image":                        ": the image of your Storm, for example image: apache/storm:2.8.1.",
	"spec.nimbus.seeds":                 ": the host names of Nimbus, for example seeds: [nimbus].",
	"spec.nimbus":                       ", for example nimbus: {seeds: [nimbus]}.",
	"spec.topology.jar":                 ", for example jar: {container: {image: IMAGE, path: /app/topology.jar}}.",
	"spec.topology.jar.container":       ", for example container: {image: IMAGE, path: /app/topology.jar}.",
}

// missing words a field that is required.
func missing(kind *schema.Structural, path string, value *yaml.Node) string {
	says := path + " is missing."
	if value != nil {
		says = path + " has no value."
	}
	if example := examples[path]; example != "" {
		return says + " Add it" + example
	}
	at := below(kind, path)
	if at != nil && at.ValueValidation != nil && len(at.ValueValidation.Required) > 0 {
		return fmt.Sprintf("%s Add it, with %s.", says, allOf(at.ValueValidation.Required))
	}
	if shape := shapeOf(at, ""); shape != "" {
		return fmt.Sprintf("%s Add it: %s: %s.", says, path[strings.LastIndexByte(path, '.')+1:], shape)
	}
	return says + " Add it."
}
