package storm

import (
	"fmt"
	"strings"
)

// NameProblem says what is wrong with the name of a topology; "" if nothing is.
//
// Storm itself accepts any name without / . : \ (TOPOLOGY_NAME_REGEX in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java, v2.8.1). Stormhooks accepts
// only [A-Za-z0-9_-]+: the id NAME-COUNTER-SECONDS becomes the key of a blob, which must
// match [\w \t._-]+ (BLOB_KEY_PATTERN, same file). So Storm would accept a name with an
// umlaut, and fail later.
func NameProblem(name string) string {
	if name == "" {
		return "The name of the topology in Storm is empty. Set spec.topology.name to letters, digits, - and _."
	}
	for _, r := range name {
		if nameRune(r) {
			continue
		}
		return fmt.Sprintf("Topology name %q has %q, but Storm's ids allow only letters, digits, - and _. Set spec.topology.name, for example to %q.",
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
