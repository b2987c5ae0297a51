package metacontroller

import (
	"cmp"
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
	// Parent: the parent object, which has no Kind here.
	Parent bool
	// Related: one of the related objects; otherwise a child.
	Related bool
	// Kind as Metacontroller keys it.
	Kind string
	// Raw is the object. It is overwritten once it has been used.
	Raw json.RawMessage
}

// Stream decodes the body of a call as it arrives, for a hook whose children or related
// objects may be many. Each object is given to use, and forgotten: so the memory does not
// grow with the body. Metacontroller writes the parent first
// (pkg/controller/composite/api/v2/hooks.go, v4.17); another program may not. It returns
// whether the parent is being deleted. The error wraps ErrBadRequest or ErrLargePart, and
// those of the reader and of use.
func Stream(body io.Reader, use func(Part) error) (finalizing bool, err error) {
	s := stream{parts: parts{from: body, left: largestPart}, use: use, missing: errNoParent}
	err = jsonv2.UnmarshalRead(&s.parts, &s, asKubernetes)
	if err = cmp.Or(s.err, err, s.missing); err != nil {
		return false, fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	return s.finalizing, nil
}

// stream reads a body in the library's own decoder, whose buffer is used again by later calls.
type stream struct {
	parts      parts
	use        func(Part) error
	finalizing bool
	missing    error // until the parent is read
	err        error // without the words that the library adds
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (s *stream) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	s.err = members(from, func(key string) error {
		switch s.parts.left = largestPart; key {
		case "parent":
			if from.PeekKind() == jsontext.KindBeginObject {
				s.missing = nil
				return s.part(from, Part{Parent: true})
			}
		case "finalizing":
			return jsonv2.UnmarshalDecode(from, &s.finalizing)
		case "children", "related":
			return s.objects(from, key == "related")
		}
		return skip(from, &s.parts)
	})
	return s.err
}

func (s *stream) objects(from *jsontext.Decoder, related bool) error {
	return members(from, func(kind string) error {
		return members(from, func(string) error {
			s.parts.left = largestPart
			return s.part(from, Part{Related: related, Kind: kind})
		})
	})
}

func (s *stream) part(from *jsontext.Decoder, part Part) error {
	raw, err := from.ReadValue()
	if err != nil {
		return err
	}
	part.Raw = json.RawMessage(raw)
	return s.use(part)
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
