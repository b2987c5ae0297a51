package topology

import (
	"fmt"
	"strings"
)

// sentence ends a text with a full stop.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

func times(n int32) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// context begins the message of a step towards the aim: with what keeps running
// meanwhile, or with why the topology is rolled back.
func (seen Observed) context() string {
	if failed := seen.Aim.Because; failed != nil {
		return seen.failed() + fmt.Sprintf("Rolling back to revision %s: ", seen.Aim.Fingerprint.Revision)
	}
	if seen.Storm.Running() != nil {
		return fmt.Sprintf("Revision %s runs on. Revision %s: ", seen.Storm.Revision, seen.Aim.Fingerprint.Revision)
	}
	return ""
}

// failed begins a message with the revision that is rolled back.
func (seen Observed) failed() string {
	return fmt.Sprintf("Revision %s failed: %s ", seen.Aim.Because.Revision, sentence(seen.Aim.Because.Message))
}
