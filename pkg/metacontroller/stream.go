package metacontroller

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// largestPart is the most of a streamed body that is read for its parent or for one
// object: an object in etcd has at most 1.5 MiB.
const largestPart = 4 << 20

// ErrLargePart means that the parent or one object of a streamed body has more than 4 MiB.
var ErrLargePart = errors.New("an object of the request is larger than 4 MiB")

var errNoParent = errors.New(`no object under "parent"`)

// Part is one object of a streamed body.
type Part struct {
	// Related: one of the related objects; otherwise a child.
	Related bool
	// Kind as Metacontroller keys it.
	Kind string
	// Raw is the object. It is overwritten once it has been used.
	Raw json.RawMessage
}

// Stream decodes the body of a call as it arrives, for a hook whose children or related
// objects may be many. Each is given to use, and forgotten: so the memory does not grow
// with the body. The request that is returned has the parent and Finalizing only.
// Metacontroller writes the parent first (pkg/controller/composite/api/v2/hooks.go,
// v4.17); where it comes later, use gets none. The error wraps ErrBadRequest or
// ErrLargePart, and the reader's own.
func Stream(body io.Reader, use func(parent json.RawMessage, part Part) error) (Request, error) {
	parts := &parts{from: body, left: largestPart}
	from := jsontext.NewDecoder(parts, asKubernetes)
	var request Request
	err := members(from, func(key string) error {
		switch parts.left = largestPart; key {
		case "parent":
			return jsonv2.UnmarshalDecode(from, &request.Parent)
		case "finalizing":
			return jsonv2.UnmarshalDecode(from, &request.Finalizing)
		case "children", "related":
			return streamObjects(from, parts, func(part Part) error {
				part.Related = key == "related"
				return use(request.Parent, part)
			})
		}
		return skip(from, parts)
	})
	if err == nil && (len(request.Parent) == 0 || request.Parent[0] != '{') {
		err = errNoParent
	}
	if err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	return request, nil
}

func streamObjects(from *jsontext.Decoder, parts *parts, use func(Part) error) error {
	return members(from, func(kind string) error {
		return members(from, func(string) error {
			parts.left = largestPart
			raw, err := from.ReadValue()
			if err != nil {
				return err
			}
			return use(Part{Kind: kind, Raw: json.RawMessage(raw)})
		})
	})
}

// members calls member at the value of each member of an object; null has none.
func members(from *jsontext.Decoder, member func(key string) error) error {
	start, err := from.ReadToken()
	if err != nil || start.Kind() == jsontext.KindNull {
		return err
	}
	if start.Kind() != jsontext.KindBeginObject {
		return fmt.Errorf("a value of kind %q is not an object", start.Kind())
	}
	for from.PeekKind() == jsontext.KindString {
		key, err := from.ReadToken()
		if err != nil {
			return err
		}
		if err := member(key.String()); err != nil {
			return err
		}
	}
	_, err = from.ReadToken()
	return err
}

// skip skips a value of any length.
func skip(from *jsontext.Decoder, parts *parts) error {
	for depth := from.StackDepth(); ; {
		parts.left = largestPart
		if _, err := from.ReadToken(); err != nil || from.StackDepth() <= depth {
			return err
		}
	}
}

// parts is a reader that limits each part: left is how many bytes the rest of this one may
// have. The decoder reads ahead a little of the next part.
type parts struct {
	from io.Reader
	left int
}

func (p *parts) Read(into []byte) (int, error) {
	if p.left <= 0 {
		return 0, ErrLargePart
	}
	n, err := p.from.Read(into[:min(len(into), p.left)])
	p.left -= n
	return n, err
}

// longestParent is a namespace, a slash and a name of Kubernetes. Whoever reaches the
// port can send a longer one.
const longestParent = 63 + 1 + 253

// ParentName is namespace/name of the parent of a body, which may be cut off behind it;
// empty if it is not there.
func ParentName(body []byte) string {
	var request struct {
		Parent struct {
			Metadata struct {
				Namespace string `json:"namespace"`
				Name      string `json:"name"`
			} `json:"metadata"`
		} `json:"parent"`
	}
	_ = jsonv2.Unmarshal(body, &request, asKubernetes)
	found := request.Parent.Metadata
	if found.Namespace == "" || found.Name == "" {
		return ""
	}
	name := found.Namespace + "/" + found.Name
	return name[:min(len(name), longestParent)]
}
