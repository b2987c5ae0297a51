package validate

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is a position in a file, from 1.
type place struct{ line, column int }

// find is where the field of a path is written: its key, or the nearest field
// above it that is written at all. Paths are those of the API server
// (spec.topology.args[0]) and of the hook (spec.topology.config["topology.workers"]);
// since keys may have dots in them, the keys that are there decide.
func find(root *yaml.Node, path string) place {
	at, key := content(root), content(root)
	for path = strings.TrimPrefix(path, "."); path != ""; {
		name, value, rest := step(at, path)
		if value == nil {
			break
		}
		key, at, path = name, content(value), strings.TrimPrefix(rest, ".")
	}
	return place{key.Line, key.Column}
}

// step takes one key or index off a path: its node, that of its value, the rest.
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

// pairs are the keys and values of a map, those merged in by << last.
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

// content is what a node stands for.
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

// twice are the keys that a map has more than once, anywhere below a node: YAML
// forbids it, and kubectl refuses it.
func twice(at *yaml.Node, path string, found func(path string, again, first *yaml.Node)) {
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
			found(below, key, first)
		}
		seen[key.Value] = key
		twice(at.Content[i+1], below, found)
	}
}
