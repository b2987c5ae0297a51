package termination

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Limit is the longest message in bytes. Kubernetes cuts at 4096 for a
// container and 12 KiB for a pod (k8s.io/kubernetes/pkg/kubelet/container/runtime.go).
const Limit = 3072

// Message is how a container ended.
type Message struct {
	// Problem has no reason after a success.
	problem.Problem
	// Facts are what the helper found out, in a failure, too.
	Facts Facts `json:"facts,omitzero"`
}

// Facts of an extraction or a submission.
type Facts struct {
	// SHA256 (hexadecimal) and Size (bytes) of the JAR, and its Path in the image.
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"`
	Path   string `json:"path,omitempty"`
	// Dependencies is how many came with the JAR, DependenciesSize their size in bytes.
	Dependencies     int   `json:"dependencies,omitempty"`
	DependenciesSize int64 `json:"dependenciesSize,omitempty"`
	// StormID is the id of the topology that runs after the submission.
	StormID string `json:"stormId,omitempty"`
	// Remark is what main did after it had submitted, or to blobs in Storm, which is not
	// a failure: for example its exit code.
	Remark string `json:"remark,omitempty"`
	// Killed is the id of the topology that a failed submission killed and did not
	// replace. A hook server that does not know the field repeats the submission.
	Killed string `json:"killed,omitempty"`
	// JarRefused: Nimbus failed at the JAR of a failed submission. A hook server that
	// does not know the field repeats the submission within minutes.
	JarRefused bool `json:"jarRefused,omitempty"`
	// Upload is the JAR that a failed submission left on Nimbus. A hook server that does
	// not know the field has it sent again.
	Upload storm.Upload `json:"upload,omitzero"`
}

// Encode is the message as a line of at most Limit bytes. It shortens first Tail, by its
// oldest lines, then the end of Message, and then the rest.
func (m Message) Encode() string {
	m.Tail = text.CutLines(m.Tail, Limit) // no byte is shorter in JSON
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
		{&m.Facts.Killed, 0, text.Head},
		{&m.Facts.SHA256, 0, text.Head},
		{&m.Facts.Upload.Location, 0, text.Head},
		{&m.Facts.Upload.Leader.Host, 0, text.Head},
		{&m.Facts.Upload.SHA256, 0, text.Head},
		{&m.Reason, 0, text.Head},
	} {
		for over := len(m.line()) - Limit; over > 0 && len(*next.part) > next.least; over = len(m.line()) - Limit {
			// A byte can be six in JSON, so only a part is cut before the next measure.
			*next.part = next.cut(*next.part, max(len(*next.part)-over/6-1, next.least))
		}
	}
	return m.line()
}

func (m Message) line() string {
	line, _ := text.JSON(m) // it has only strings, integers and truth values, so this cannot fail
	return line
}

// Parse reads a line of Encode. ok is false for any other text. A user's code runs in the
// container and can write the file, too: what does not have the form of a fact is left
// out.
func Parse(line string) (m Message, ok bool) {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "{") {
		return Message{}, false
	}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return Message{}, false
	}
	m.Facts = m.Facts.believable()
	return m, true
}

const (
	// remarkLimit is the longest Remark that is read, in bytes: it ends a message.
	remarkLimit = 300
	// maxDependencies is the highest number of Dependencies: no helper takes as many.
	maxDependencies = 10_000
	// pathLimit is the longest Path, in bytes (PATH_MAX of Linux).
	pathLimit = 4096
)

// believable are the facts that have their form.
func (f Facts) believable() Facts {
	if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != sha256.Size {
		f.SHA256 = ""
	}
	for _, id := range []*string{&f.StormID, &f.Killed} {
		if !storm.ValidID(*id) {
			*id = ""
		}
	}
	f.Size = max(f.Size, 0)
	f.Dependencies, f.DependenciesSize = min(max(f.Dependencies, 0), maxDependencies), max(f.DependenciesSize, 0)
	f.Path = text.Cut(text.Clean(f.Path), pathLimit)
	f.Remark = text.Cut(text.Clean(f.Remark), remarkLimit)
	f.Upload = f.Upload.Believable()
	return f
}
