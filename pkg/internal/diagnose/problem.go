package diagnose

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Class says who has to act.
type Class string

const (
	// Waiting: it goes on by itself when the cause is mended.
	Waiting Class = "Waiting"
	// Stalled: the spec must change.
	Stalled Class = "Stalled"
)

// messageLimit is the longest message in bytes: a condition's message may have
// 32 KiB (metav1.Condition), but a person reads it in a table.
const messageLimit = 1024

// Problem is what ails a child.
type Problem struct {
	Class Class
	// Reason is one of the reasons of pkg/api/v1beta1.
	Reason string
	// Message is "what happened. what to do.", at most 1 KiB of valid UTF-8.
	Message string
	// Counts: an attempt that ended so counts against the retry limit, since a
	// container of ours ran and failed for a reason that trying again will not
	// mend. Everything else is tried again for ever.
	Counts bool
	// Stale: the pod was made before what it lacks could be given to it, and only
	// one that is made anew will have it.
	Stale bool
}

// waiting makes a Problem that goes on by itself when it is mended.
func waiting(reason, format string, args ...any) (Problem, bool) {
	return Problem{Class: Waiting, Reason: reason, Message: say(format, args...)}, true
}

// stalled makes a Problem that only a change of the spec mends, though no
// container of ours has run.
func stalled(reason, format string, args ...any) (Problem, bool) {
	return Problem{Class: Stalled, Reason: reason, Message: say(format, args...)}, true
}

// counted makes a Problem that counts as a failed attempt.
func counted(reason, format string, args ...any) (Problem, bool) {
	return Problem{Class: Stalled, Reason: reason, Message: say(format, args...), Counts: true}, true
}

// nothing is the answer of a check that has nothing to say.
func nothing() (Problem, bool) { return Problem{}, false }

func say(format string, args ...any) string {
	return text.Cut(text.Clean(fmt.Sprintf(format, args...)), messageLimit)
}
