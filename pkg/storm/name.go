package storm

import (
	"fmt"
	"strings"
)

// NameProblem says what is wrong with a topology's name, or nothing ("").
//
// Storm itself takes any name without / . : \ (TOPOLOGY_NAME_REGEX in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java, v2.8.1). Ours is
// narrower, [A-Za-z0-9_-]+: an id, NAME-COUNTER-SECONDS, becomes the key of a
// blob, and of those Storm takes [\w \t._-]+ only (BLOB_KEY_PATTERN, same file),
// so Storm would take a name with an umlaut and fail on it later.
func NameProblem(name string) string {
	if name == "" {
		return "The topology's name in Storm is empty. Set spec.topology.name to letters, digits, - and _."
	}
	for _, r := range name {
		if nameRune(r) {
			continue
		}
		return fmt.Sprintf("Topology name %q holds %q, and Storm's ids allow letters, digits, - and _ only. Set spec.topology.name to such a name, for example %q.",
			name, string(r), strings.Map(toName, name))
	}
	return ""
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

func toName(r rune) rune {
	if nameRune(r) {
		return r
	}
	return '-'
}
