package topology

import (
	"fmt"
	"strings"
)

// sentence ends a text with a full stop, unless it ends with a command: the stop
// would be copied with it.
func sentence(text string) string {
	if strings.Contains(text[strings.LastIndex(text, ". ")+1:], ": kubectl ") {
		return text
	}
	return followed(text)
}

// followed ends a text so that another sentence can follow.
func followed(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// How the aim stands while another revision keeps running.
const (
	notSubmitted = "is not submitted yet"
	hasFailed    = "failed"
)

// context begins the message of a step towards the aim: with what keeps running until
// the aim is reached and how the aim stands, or with why the topology is rolled back.
func (seen Observed) context(stands string) string {
	if failed := seen.Aim.Because; failed != nil {
		return seen.whyRolledBack() + fmt.Sprintf("Rolling back to revision %s. ", seen.Aim.Fingerprint.Revision)
	}
	if seen.Storm.Running() != nil {
		return fmt.Sprintf("Revision %s keeps running; revision %s %s. ", seen.Storm.Revision, seen.Aim.Fingerprint.Revision, stands)
	}
	return ""
}

// failed begins a message with the revision that is rolled back.
func (seen Observed) whyRolledBack() string {
	return fmt.Sprintf("Revision %s failed: %s ", seen.Aim.Because.Revision, followed(seen.Aim.Because.Message))
}
