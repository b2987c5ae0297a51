package revision

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"reflect"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

const (
	// plainLimit is the largest part of a spec in bytes of JSON that a status has as it is.
	// A larger one is compressed there.
	plainLimit = 64 << 10
	// unpackedLimit is the largest part of a spec in bytes that is read from a status. A
	// spec that fits into a Job has less than 224 KiB (pkg/internal/children, size.go).
	unpackedLimit = 1 << 20
)

// packedSpec is what Compressed has: spec.topology, as older builds wrote it and read it,
// and what it needs of the template.
type packedSpec struct {
	*v1beta1.Topology
	Template *v1beta1.PodTemplate `json:"stormhooks.template,omitempty"`
}

// Compact is last as a status remembers it. before is what the status remembers now: it
// stays where it says the same.
func Compact(last v1beta1.LastSpec, before *v1beta1.LastSpec) *v1beta1.LastSpec {
	if reflect.DeepEqual(before, &last) {
		return before
	}
	text, err := json.Marshal(packedSpec{last.Topology, last.Template})
	if err == nil && len(text) <= plainLimit {
		return &last
	}
	last.Topology, last.Template = nil, nil
	if err != nil {
		return &last // decoded JSON can be encoded
	}
	if before != nil && bytes.Equal(unpacked(before), text) {
		last.Compressed = before.Compressed // another build may compress in another way
		return &last
	}
	last.Compressed = packed(text)
	return &last
}

// SpecOf is the spec.topology that a status remembers; nil where it remembers none. A
// compressed one is decoded as a request is, so that its whole numbers are the same.
func SpecOf(last *v1beta1.LastSpec) *v1beta1.Topology {
	switch {
	case last == nil:
		return nil
	case last.Topology != nil:
		return last.Topology
	}
	return unpack[v1beta1.Topology](last)
}

// TemplateOf is the part of the template that a status remembers; nil where it remembers
// none, as one of an older build.
func TemplateOf(last *v1beta1.LastSpec) *v1beta1.PodTemplate {
	switch {
	case last == nil:
		return nil
	case last.Template != nil || last.Topology != nil:
		return last.Template
	}
	only := unpack[struct {
		Template *v1beta1.PodTemplate `json:"stormhooks.template"`
	}](last)
	if only == nil {
		return nil
	}
	return only.Template
}

// unpack decodes what is compressed; nil where that cannot be read.
func unpack[T any](last *v1beta1.LastSpec) *T {
	var value T
	if text := unpacked(last); text == nil || metacontroller.DecodeObject(text, &value, metacontroller.AlwaysSkipped) != nil {
		return nil
	}
	return &value
}

func packed(text []byte) []byte {
	var out bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is known
	_, _ = writer.Write(text)                                    // a Buffer takes all
	_ = writer.Close()
	return out.Bytes()
}

// unpacked is nil where nothing is compressed, or it cannot be read.
func unpacked(last *v1beta1.LastSpec) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(last.Compressed))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(reader, unpackedLimit))
	if err != nil {
		return nil
	}
	return text
}
