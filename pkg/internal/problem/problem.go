package problem

import (
	"fmt"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Problem is what went wrong, for a person. Its JSON is part of the termination
// message.
type Problem struct {
	// Reason is one of the reasons of pkg/api/v1beta1.
	Reason string `json:"reason,omitempty"`
	// Message is "What happened. What to do."
	Message string `json:"message,omitempty"`
	// Tail is the last output of main or of the user's command, or the answer of
	// Storm. It stays as it is here: Text cleans and shortens it.
	Tail string `json:"tail,omitempty"`
	// Counts: a retry cannot help, so an attempt that failed for this counts
	// against the limit of attempts.
	Counts bool `json:"-"`
}

// New is a Problem that counts if its reason does.
func New(reason, format string, args ...any) *Problem {
	return &Problem{Reason: reason, Message: fmt.Sprintf(format, args...), Counts: Counts(reason)}
}

func (p *Problem) Error() string { return p.Message }

// textLimit is the longest text in bytes: a condition's message may have 32 KiB
// (metav1.Condition), but a person reads it in a table.
const textLimit = 1024

// Text is the message and the last lines of the tail, in one line.
func (p Problem) Text() string {
	label := " Last output: "
	if p.Reason == v1beta1.SubmissionRejected {
		label = " Storm answered: "
	}
	message := text.Cut(text.Clean(p.Message), textLimit)
	tail := text.LastLines(p.Tail, textLimit-len(message)-len(label))
	if tail == "" || strings.Contains(message, tail) {
		return message
	}
	return message + label + tail
}
