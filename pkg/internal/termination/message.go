// Package termination is the one line of JSON by which a container of ours says
// how it ended: written by pkg/inpod to /dev/termination-log, read by
// pkg/internal/diagnose from the pod's status.
package termination

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Limit is the longest message in bytes. Kubernetes cuts at 4096 for a
// container and 12 KiB for a pod (k8s.io/kubernetes/pkg/kubelet/container/runtime.go).
const Limit = 3072

// Message is how a container ended. Reason is empty after a success.
type Message struct {
	// Reason is one of the reasons of pkg/api/v1beta1.
	Reason string `json:"reason,omitempty"`
	// Message is "what happened. what to do.", ready to be shown.
	Message string `json:"message,omitempty"`
	// Tail is what the user's program printed last; it is shortened first.
	Tail string `json:"tail,omitempty"`
	// Facts are what a success, or the way to it, found out.
	Facts Facts `json:"facts,omitzero"`
}

// Facts of an extraction or a submission.
type Facts struct {
	// SHA256 (hex) and Size (bytes) of the JAR, Path where it was in the image.
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"`
	Path   string `json:"path,omitempty"`
	// StormID is the topology that Storm showed after the submission.
	StormID string `json:"stormId,omitempty"`
	// Remark is worth knowing but no failure, such as main's exit code after
	// it had submitted.
	Remark string `json:"remark,omitempty"`
}

// Encode gives the line, at most Limit bytes. Tail is shortened first, by its
// oldest lines, then Message from its end, and only then what is left.
func (m Message) Encode() string {
	m.Tail = newest(m.Tail, max(len(m.Tail)-Limit, 0)) // a byte is never less than one in JSON
	for _, next := range []struct {
		text  *string
		least int
		cut   func(text string, over int) string
	}{
		{&m.Tail, 0, newest},
		{&m.Message, 512, oldest},
		{&m.Facts.Remark, 0, oldest},
		{&m.Facts.Path, 0, newest},
		{&m.Message, 0, oldest},
		{&m.Facts.StormID, 0, oldest},
		{&m.Facts.SHA256, 0, oldest},
		{&m.Reason, 0, oldest},
	} {
		for over := len(m.line()) - Limit; over > 0 && len(*next.text) > next.least; over = len(m.line()) - Limit {
			// A byte can be six in JSON: less than all is cut, and looked at again.
			*next.text = next.cut(*next.text, min(over/6+1, len(*next.text)-next.least))
		}
	}
	return m.line()
}

func (m Message) line() string {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // a person reads it in the pod's status
	_ = encoder.Encode(m)        // strings and integers only: cannot fail
	return strings.TrimSuffix(line.String(), "\n")
}

// newest cuts at least over bytes from the beginning, whole lines where it can.
func newest(text string, over int) string {
	if over == 0 {
		return text
	}
	text = text[over:]
	if _, rest, found := strings.Cut(text, "\n"); found {
		return rest
	}
	return strings.ToValidUTF8(text, "")
}

// oldest cuts at least over bytes from the end.
func oldest(text string, over int) string {
	return strings.ToValidUTF8(text[:len(text)-over], "")
}

// Parse reads a line of Encode. ok is false for anything else, which is then
// shown raw.
func Parse(text string) (m Message, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		return Message{}, false
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return Message{}, false
	}
	return m, true
}
