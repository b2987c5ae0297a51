package metacontroller

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// ErrBadRequest means that a body is not a hook request: 400.
var ErrBadRequest = errors.New("not a hook request of Metacontroller")

// asKubernetes accepts what k8s.io/apimachinery's decoder accepts. A check for
// duplicate names would take a third of the time, and no API server writes them.
var asKubernetes = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Decode decodes the body of a call. Unknown keys are ignored, so that a newer
// Metacontroller is understood. The objects of the request are parts of the body,
// which must not change afterwards. The error wraps ErrBadRequest.
func Decode(body []byte) (Request, error) {
	var request Request
	parts := jsonv2.UnmarshalFromFunc(func(from *jsontext.Decoder, part *json.RawMessage) error {
		text, err := from.ReadValue()
		end := from.InputOffset()
		*part = body[end-int64(len(text)) : end : end]
		return err
	})
	if err := jsonv2.Unmarshal(body, &request, asKubernetes, jsonv2.WithUnmarshalers(parts)); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	if len(request.Parent) == 0 || request.Parent[0] != '{' {
		return Request{}, fmt.Errorf("%w: no object under \"parent\"", ErrBadRequest)
	}
	return request, nil
}

// DecodeObject decodes one object of a request into a typed value, without the
// skipped types. Whole numbers in untyped parts stay whole. The error wraps
// ErrBadRequest.
func DecodeObject(raw json.RawMessage, into any, skipped Skipped) error {
	if jsonv2.Unmarshal(raw, into, asKubernetes, jsonv2.WithUnmarshalers(cmp.Or(skipped.unmarshalers, AlwaysSkipped.unmarshalers))) == nil {
		return nil
	}
	// apimachinery's decoder decides whether it is wrong, and words the error.
	if err := utiljson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: decoding an object: %w", ErrBadRequest, err)
	}
	return nil
}

// DecodeAll decodes all objects of a kind, without the skipped types.
func DecodeAll[T any](objects Objects, kind string, skipped Skipped) ([]T, error) {
	raws := objects.Of(kind)
	if len(raws) == 0 {
		return nil, nil
	}
	typed := make([]T, len(raws))
	for i, raw := range raws {
		if err := DecodeObject(raw, &typed[i], skipped); err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
	}
	return typed, nil
}
