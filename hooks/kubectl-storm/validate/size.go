package validate

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// located is the place of a sentence of the hook: it begins with its field, unless it is
// about the whole spec.
func located(root *yaml.Node, sentence string) (path, message string) {
	path, _, _ = strings.Cut(sentence, " ")
	if strings.HasPrefix(path, "spec") {
		return path, sentence
	}
	const limit = "224 KiB"
	if !strings.Contains(sentence, limit) {
		return "", sentence
	}
	path, size := largest(root, "")
	if all := sizeOf(nodeAt(root, "spec")); size < all/2 {
		return "spec", fmt.Sprintf("spec has %s, and may have %s. Put large parts into a file of the image, or into a volume (spec.template.volumes).", kibibytes(all), limit)
	}
	return path, fmt.Sprintf("%s has %s, and all of spec may have %s. Put it into a file of the image, or into a volume (spec.template.volumes).", path, kibibytes(size), limit)
}

// largest is the path of the longest text below a node.
func largest(at *yaml.Node, path string) (longest string, size int) {
	at = content(at)
	longest, size = path, len(at.Value)
	note := func(node *yaml.Node, below string) {
		if path, n := largest(node, below); n > size {
			longest, size = path, n
		}
	}
	if at.Kind == yaml.SequenceNode {
		for i, item := range at.Content {
			note(item, fmt.Sprintf("%s[%d]", path, i))
		}
	}
	for _, pair := range pairs(at) {
		below := strings.TrimPrefix(path+"."+pair[0].Value, ".")
		if strings.HasSuffix(path, ".config") {
			below = fmt.Sprintf("%s[%q]", path, pair[0].Value)
		}
		note(pair[1], below)
	}
	return longest, size
}

// sizeOf is the size of a value as JSON; 0 if it has none.
func sizeOf(value *yaml.Node) int {
	var decoded any
	if value == nil || value.Decode(&decoded) != nil {
		return 0
	}
	text, err := json.Marshal(decoded)
	if err != nil {
		return 0
	}
	return len(text)
}

// kibibytes is a size for a person. It is rounded up, so that what is too large does not look
// as large as the limit.
func kibibytes(size int) string {
	const kibibyte = 1 << 10
	if size < 1<<20 {
		return fmt.Sprintf("%d KiB", (size+kibibyte-1)/kibibyte)
	}
	return fmt.Sprintf("%.1f MiB", float64(size)/(1<<20))
}
