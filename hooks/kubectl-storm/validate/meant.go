package validate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"github.com/stormhooks/stormhooks/hooks/internal/cli"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// meant says which field an unknown one was most likely meant to be: a field next to it
// with a similar name, or a field of the same name at another place, if the indentation is
// wrong.
func meant(root *schema.Structural, file *yaml.Node, path string) string {
	parent, name := "", path
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		parent, name = path[:dot], path[dot+1:]
	}
	var here []string
	at := below(root, parent)
	if at != nil {
		here = slices.Sorted(maps.Keys(at.Properties))
	}
	if clean := strings.Map(visible, name); clean != name {
		says := " The line has an invisible character. Delete it."
		if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' }) {
			says = " The line has a no-break space. Replace it with a plain space."
		}
		return didYouMean(elsewhere(root, "", strings.TrimSpace(clean))) + says
	}
	if name == "status" {
		return " Remove it: Stormhooks writes it."
	}
	if parent == "" && slices.Contains(metadataFields, name) {
		return " Write metadata." + name + "."
	}
	if i := slices.IndexFunc(here, func(word string) bool { return strings.EqualFold(word, name) }); i >= 0 {
		return didYouMean(here[i])
	}
	if near := containing(name, here); near != "" && strings.Contains(parent, "]") { // in a list of Kubernetes' own objects
		return didYouMean(near)
	}
	other := otherName(path)
	if below(root, "spec.topology") == nil && strings.Contains(other, "spec.topology") {
		other = "" // a StormCluster does not have it
	}
	if place := elsewhere(root, "", name); place != "" && strings.Contains(place, ".") && other == "" {
		if parent == "" {
			return " Did you mean " + place + "? Everything but apiVersion, kind and metadata stands below spec."
		}
		if cli.Nearest(name, here) == "" {
			return " Did you mean " + place + "? Check the indentation."
		}
	}
	for _, says := range []string{detailed(root, other), didYouMean(cli.Nearest(name, here)), didYouMean(containing(name, here)), didYouMean(alike(at, file, parent, name))} {
		if says != "" {
			return says
		}
	}
	return fields(parent, at)
}

var namedField = regexp.MustCompile(`\bspec(?:\.\w+)+`)

// detailed adds the fields of what a sentence names, if it does not say which one to write.
func detailed(root *schema.Structural, says string) string {
	named := namedField.FindAllString(says, -1)
	if len(named) == 0 || strings.HasPrefix(says, " Write ") || strings.HasPrefix(says, " Remove ") {
		return says
	}
	const most = 8
	last := named[len(named)-1]
	if at := below(root, last); at != nil && len(at.Properties) > 0 && len(at.Properties) <= most {
		return says + fields(last, at)
	}
	return says
}

// visible drops characters that look like a space, or like nothing.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' ' {
		return -1
	}
	return r
}

// proposed is the path of the field that a sentence of meant proposes.
func proposed(path, says string) string {
	if part := writeField.FindStringSubmatch(says); part != nil {
		return part[1]
	}
	parent := path[:strings.LastIndexByte(path, '.')+1]
	if part := writeName.FindStringSubmatch(says); part != nil {
		return parent + part[1]
	}
	_, rest, is := strings.Cut(says, "Did you mean ")
	name, _, _ := strings.Cut(rest, "?")
	switch {
	case !is:
		return ""
	case strings.Contains(name, "."):
		return name
	}
	return parent + name
}

// How a sentence says what to write: a whole path, or a name at the same place.
var (
	writeField = regexp.MustCompile(`Write ((?:spec|metadata)(?:\.\w+)+)[.,:;](?:\s|$)`)
	writeName  = regexp.MustCompile(`^ Write (\w+)[.,:](?:\s|$)`)
)

// instead is a sentence of meant about a field that the file has already.
func instead(says, path, has string, line int) string {
	for _, verb := range []string{"Write ", "Did you mean "} {
		says, _, _ = strings.Cut(says, verb)
	}
	return fmt.Sprintf("%s The file has %s already (line %d). Keep what you mean there, and remove %s.", strings.TrimRight(says, " "), has, line, preview.Line(path))
}

// containing is the one word that contains the name, or is contained in it, whatever their
// case.
func containing(name string, words []string) string {
	const shortest = 4
	found := ""
	for _, word := range words {
		a, b := strings.ToLower(name), strings.ToLower(word)
		if len(a) >= shortest && len(b) >= shortest && (strings.Contains(a, b) || strings.Contains(b, a)) {
			if found != "" {
				return ""
			}
			found = word
		}
	}
	return found
}

// alike is the one map that the file does not have, and that may have all fields of an
// unknown one; empty if there is none.
func alike(at *schema.Structural, file *yaml.Node, parent, unknown string) string {
	value := nodeAt(file, parent+"."+unknown)
	if at == nil || value == nil || len(pairs(value)) == 0 {
		return ""
	}
	found := ""
	for name, property := range at.Properties {
		other := slices.ContainsFunc(pairs(value), func(pair [2]*yaml.Node) bool {
			_, known := property.Properties[pair[0].Value]
			return !known
		})
		switch {
		case other, nodeAt(file, parent+"."+name) != nil:
		case found != "":
			return ""
		default:
			found = name
		}
	}
	return found
}

// fields are those that an object has at a path.
func fields(path string, at *schema.Structural) string {
	const most = 40
	switch {
	case path == "":
		return " Remove it: an object has apiVersion, kind, metadata and spec."
	case at == nil || len(at.Properties) == 0 || len(at.Properties) > most:
		return " Remove it."
	}
	return fmt.Sprintf(" %s has %s.", path, strings.Join(slices.Sorted(maps.Keys(at.Properties)), ", "))
}

// below is the schema of a path such as spec.template.volumes[0].
func below(at *schema.Structural, path string) *schema.Structural {
	if at == nil {
		return nil
	}
	for _, name := range strings.Split(path, ".") {
		name, _, indexed := strings.Cut(name, "[")
		if name == "" {
			continue
		}
		next, known := at.Properties[name]
		if more := at.AdditionalProperties; !known && more != nil && more.Structural != nil {
			next, known = *more.Structural, true
		}
		if !known {
			return nil
		}
		if at = &next; indexed && at.Items != nil {
			at = at.Items
		}
	}
	return at
}

// elsewhere is the path of the field of that name which is nearest to the top, without the
// fields deep in the types of Kubernetes.
func elsewhere(at *schema.Structural, path, name string) string {
	const deepest = 5
	best := ""
	for _, key := range slices.Sorted(maps.Keys(at.Properties)) {
		found := strings.TrimPrefix(path+"."+key, ".")
		if found == "status" || found == "metadata" || strings.Count(found, ".") >= deepest {
			continue
		}
		if property := at.Properties[key]; key != name {
			found = elsewhere(&property, found, name)
		}
		if found != "" && (best == "" || strings.Count(found, ".") < strings.Count(best, ".")) {
			best = found
		}
	}
	return best
}
