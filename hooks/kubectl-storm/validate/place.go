package validate

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is a position in a file, from 1.
type place struct{ line, column int }

// find is where the field of a path is written: its key, or the nearest field above it
// that is written. Paths are those of the API server (spec.topology.args[0]) and of the
// hook (spec.topology.config["topology.workers"]). Keys may contain dots, so the keys of
// the file decide.
func find(root *yaml.Node, path string) place {
	key, _, _ := follow(root, path)
	return place{key.Line, key.Column}
}

// nodeAt is the value of a path; nil if the file does not have it.
func nodeAt(root *yaml.Node, path string) *yaml.Node {
	if _, value, whole := follow(root, path); whole {
		return value
	}
	return nil
}

// follow goes along a path as far as the file has it: the last key, its value, and whether
// that is the end of the path.
func follow(root *yaml.Node, path string) (key, value *yaml.Node, whole bool) {
	key, value = content(root), content(root)
	for path = strings.TrimPrefix(path, "."); path != ""; {
		name, next, rest := step(value, path)
		if next == nil {
			return key, value, false
		}
		key, value, path = name, content(next), strings.TrimPrefix(rest, ".")
	}
	return key, value, true
}

// step splits one key or index off a path: its node, that of its value, the rest.
func step(at *yaml.Node, path string) (key, value *yaml.Node, rest string) {
	if quoted, after, is := strings.Cut(strings.TrimPrefix(path, "["), "]"); is && path[0] == '[' {
		if text, err := strconv.Unquote(quoted); err == nil {
			quoted = text
		}
		if index, err := strconv.Atoi(quoted); err == nil && at.Kind == yaml.SequenceNode && index >= 0 && index < len(at.Content) {
			return at.Content[index], at.Content[index], after
		}
		key, value = entry(at, quoted)
		return key, value, after
	}
	longest := -1
	for _, pair := range pairs(at) {
		name := pair[0].Value
		if after, is := strings.CutPrefix(path, name); is && len(name) > longest && (after == "" || after[0] == '.' || after[0] == '[') {
			key, value, rest, longest = pair[0], pair[1], after, len(name)
		}
	}
	return key, value, rest
}

func entry(at *yaml.Node, name string) (key, value *yaml.Node) {
	for _, pair := range pairs(at) {
		if pair[0].Value == name {
			return pair[0], pair[1]
		}
	}
	return nil, nil
}

// pairs are the keys and values of a map; those that << merges in are last.
func pairs(at *yaml.Node) (all [][2]*yaml.Node) {
	if at.Kind != yaml.MappingNode {
		return nil
	}
	var merged [][2]*yaml.Node
	for i := 0; i+1 < len(at.Content); i += 2 {
		key, value := at.Content[i], content(at.Content[i+1])
		if key.Tag == "!!merge" {
			merged = append(merged, pairs(value)...)
			continue
		}
		all = append(all, [2]*yaml.Node{key, value})
	}
	return append(all, merged...)
}

// content is a node without the document or alias around it.
func content(node *yaml.Node) *yaml.Node {
	for {
		switch {
		case node.Kind == yaml.DocumentNode && len(node.Content) > 0:
			node = node.Content[0]
		case node.Kind == yaml.AliasNode && node.Alias != nil:
			node = node.Alias
		default:
			return node
		}
	}
}

// twice reports the keys that a map has more than once, anywhere below a node. YAML
// forbids it, and kubectl rejects it.
func twice(at *yaml.Node, path string, found func(path string, again, value, first *yaml.Node)) {
	if at.Kind == yaml.DocumentNode || at.Kind == yaml.SequenceNode {
		for _, below := range at.Content {
			twice(below, path, found)
		}
		return
	}
	if at.Kind != yaml.MappingNode {
		return
	}
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(at.Content); i += 2 {
		key := at.Content[i]
		below := strings.TrimPrefix(path+"."+key.Value, ".")
		if first := seen[key.Value]; first != nil {
			found(below, key, content(at.Content[i+1]), first)
		}
		seen[key.Value] = key
		twice(at.Content[i+1], below, found)
	}
}
