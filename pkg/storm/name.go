package storm

import (
	"fmt"
	"strings"
)

// NameProblem says what is wrong with the name of a topology; "" if nothing is.
//
// Storm itself accepts any name without / . : \ (TOPOLOGY_NAME_REGEX in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java, v2.8.1), and the id
// NAME-COUNTER-SECONDS becomes the key of a blob, which must match [\w \t._-]+
// (BLOB_KEY_PATTERN, same file), where \w are the letters and digits of all scripts
// (UNICODE_CHARACTER_CLASS). Stormhooks accepts only [A-Za-z0-9_-]+: such an id is one plain
// word for a shell, a terminal and a log.
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

// longestID limits an id. spec.topology.name has at most 200 bytes, and each number at
// most 19 digits.
const longestID = 240

// ValidID says whether a text can be the id of a topology that Stormhooks manages:
// NAME-COUNTER-SECONDS (Nimbus.java submitTopologyWithOpts, v2.8.1), with a NAME in which
// NameProblem finds nothing wrong. Such an id is one plain word for a shell, a terminal
// and a log. Every id that Nimbus or a pod says must pass before it is kept, shown or
// printed.
func ValidID(id string) bool {
	if len(id) > longestID {
		return false
	}
	name, seconds, found := cutLast(id)
	if !found || !digits(seconds) {
		return false
	}
	name, counter, found := cutLast(name)
	return found && digits(counter) && NameProblem(name) == ""
}

// cutLast cuts a text at its last dash.
func cutLast(text string) (before, after string, found bool) {
	at := strings.LastIndexByte(text, '-')
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}

// digits says whether a text is a number of at most 19 digits, as long as a long of Java.
func digits(text string) bool {
	return text != "" && len(text) <= 19 && strings.Trim(text, "0123456789") == ""
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
