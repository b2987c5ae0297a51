package termination

import (
	"encoding/json"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Limit is the longest message in bytes. Kubernetes cuts at 4096 for a
// container and 12 KiB for a pod (k8s.io/kubernetes/pkg/kubelet/container/runtime.go).
const Limit = 3072

// Message is how a container ended.
type Message struct {
	// Problem has no reason after a success.
	problem.Problem
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
	m.Tail = text.CutLines(m.Tail, Limit) // a byte is never less than one in JSON
	for _, next := range []struct {
		part  *string
		least int
		cut   func(part string, limit int) string
	}{
		{&m.Tail, 0, text.CutLines},
		{&m.Message, 512, text.Head},
		{&m.Facts.Remark, 0, text.Head},
		{&m.Facts.Path, 0, text.CutLines},
		{&m.Message, 0, text.Head},
		{&m.Facts.StormID, 0, text.Head},
		{&m.Facts.SHA256, 0, text.Head},
		{&m.Reason, 0, text.Head},
	} {
		for over := len(m.line()) - Limit; over > 0 && len(*next.part) > next.least; over = len(m.line()) - Limit {
			// A byte can be six in JSON: less than all is cut, and measured again.
			*next.part = next.cut(*next.part, max(len(*next.part)-over/6-1, next.least))
		}
	}
	return m.line()
}

func (m Message) line() string {
	line, _ := text.JSON(m) // strings and integers only: cannot fail
	return line
}

// Parse reads a line of Encode. ok is false for anything else, which is then
// shown raw.
func Parse(line string) (m Message, ok bool) {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "{") {
		return Message{}, false
	}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return Message{}, false
	}
	return m, true
}
