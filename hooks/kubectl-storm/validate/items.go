package validate

import (
	"context"
	"fmt"
	"net/url"
	pathpkg "path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/stormhooks/stormhooks/hooks/kubectl-storm/crd"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// eachItem refuses each item that breaks a rule of its list by itself. It says whether
// there is one: a rule may also be about the list as a whole.
func eachItem(ctx context.Context, kind *crd.Kind, root *yaml.Node, object map[string]any, err *field.Error, refuse func(path, message string)) (found bool) {
	alone := cloned(object)
	parent, name := parentOf(alone, err.Field)
	items, _ := parent[name].([]any)
	for i, item := range items {
		if parent[name] = []any{item}; !violates(ctx, kind, alone, err) {
			continue
		}
		found = true
		path := fmt.Sprintf("%s[%d]", err.Field, i)
		refuse(path, onItem(path, err, nodeAt(root, path)))
	}
	return found
}

// violates says whether an object has an error.
func violates(ctx context.Context, kind *crd.Kind, object map[string]any, err *field.Error) bool {
	for _, other := range kind.Rules(ctx, object) {
		if other.Field == err.Field && other.Detail == err.Detail {
			return true
		}
	}
	return false
}

// parentOf is the map that has the last field of a path, and the name of that field.
func parentOf(object map[string]any, path string) (parent map[string]any, name string) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		object, _ = object[name].(map[string]any)
	}
	return object, names[len(names)-1]
}

// onItem is the sentence of a rule about one item of a list.
func onItem(path string, err *field.Error, value *yaml.Node) string {
	if value == nil {
		return path + ": " + ended(err.Detail)
	}
	text := preview.Line(short(value.Value))
	if err.Field == "spec.nimbus.seeds" {
		return onSeed(path, value.Value)
	}
	switch {
	case !pathItem.MatchString(path) || !strings.Contains(err.Detail, "absolute path"):
	case !strings.HasPrefix(value.Value, "/"):
		return fmt.Sprintf("%s is %q; must be an absolute path or glob. Begin it with /.", path, text)
	case pathpkg.Clean(value.Value) == "/": // all files are not what anyone means
		return fmt.Sprintf("%s is %q; must have no .. in it. Write the path without it.", path, text)
	default:
		return fmt.Sprintf("%s is %q; must have no .. in it. Write %s.", path, text, preview.Line(short(pathpkg.Clean(value.Value))))
	}
	if must, is := strings.CutPrefix(err.Detail, "each item of "+err.Field+" "); is {
		return fmt.Sprintf("%s is %q; %s", path, text, ended(must))
	}
	return fmt.Sprintf("%s is %q: %s", path, text, ended(err.Detail))
}

var withPort = regexp.MustCompile(`^([A-Za-z0-9._-]+):(\d+)$`)

// onSeed says how a host of Nimbus is written.
func onSeed(path, seed string) string {
	says := fmt.Sprintf("%s is %q; must be a host name or an address, without a port.", path, preview.Line(short(seed)))
	if part := withPort.FindStringSubmatch(seed); part != nil {
		return fmt.Sprintf("%s Write %s, and spec.nimbus.port: %s.", says, part[1], part[2])
	}
	if at, err := url.Parse(seed); err == nil && at.Hostname() != "" {
		host := preview.Line(short(at.Hostname()))
		switch {
		case at.Port() != "" && strings.HasPrefix(at.Scheme, "http"):
			return fmt.Sprintf("%s Write %s. spec.nimbus.port is the port of Thrift (6627), not that of the UI.", says, host)
		case at.Port() != "":
			return fmt.Sprintf("%s Write %s, and spec.nimbus.port: %s.", says, host, at.Port())
		}
		return fmt.Sprintf("%s Write %s.", says, host)
	}
	if names := strings.FieldsFunc(seed, func(r rune) bool { return r == ',' || r == ' ' }); len(names) > 1 {
		return fmt.Sprintf("%s Write an item for each host: [%s].", says, preview.Line(short(strings.Join(names, ", "))))
	}
	return says + " Correct it."
}
