// Package termination is the one line of JSON by which a container of ours says
// how it ended: written by pkg/inpod to /dev/termination-log, read by
// pkg/internal/diagnose from the pod's status.
package termination

import (
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

// Encode gives the line, at most Limit bytes; Tail is shortened first, from
// its beginning, then Message, from its end.
func (m Message) Encode() string {
	for {
		line, err := json.Marshal(m)
		if err != nil { // strings and integers only: cannot fail
			return ""
		}
		over := len(line) - Limit
		switch {
		case over <= 0:
			return string(line)
		case m.Tail != "":
			m.Tail = strings.ToValidUTF8(m.Tail[min(len(m.Tail), max(over/2, 64)):], "")
		case len(m.Message) > 128:
			m.Message = strings.ToValidUTF8(m.Message[:max(128, len(m.Message)-max(over/2, 64))], "")
		default:
			m.Facts = Facts{}
			m.Message, m.Reason = "", strings.ToValidUTF8(m.Reason[:min(len(m.Reason), 128)], "")
		}
	}
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
