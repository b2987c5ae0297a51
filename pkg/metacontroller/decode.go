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

// ErrBadRequest is what a body that is no hook request is answered with: 400.
var ErrBadRequest = errors.New("not a hook request of Metacontroller")

// asKubernetes reads what k8s.io/apimachinery's reader takes, too. To look out for
// names that come twice costs a third of all, and no API server writes them.
var asKubernetes = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Decode reads the body of a call. Keys that it does not know are ignored, so
// that a newer Metacontroller is understood. The request's objects are parts of
// the body, which must not change any more. The error wraps ErrBadRequest.
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

// DecodeObject reads one object of a request into a typed value, but for what is
// unread. Whole numbers in untyped parts stay whole. The error wraps ErrBadRequest.
func DecodeObject(raw json.RawMessage, into any, unread Unread) error {
	if jsonv2.Unmarshal(raw, into, asKubernetes, jsonv2.WithUnmarshalers(cmp.Or(unread.unmarshalers, NobodyReads.unmarshalers))) == nil {
		return nil
	}
	// What is wrong, and whether it is, is told as the API server tells it.
	if err := utiljson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: decoding an object: %w", ErrBadRequest, err)
	}
	return nil
}

// DecodeAll reads all objects of a kind, but for what is unread.
func DecodeAll[T any](objects Objects, kind string, unread Unread) ([]T, error) {
	raws := objects.Of(kind)
	if len(raws) == 0 {
		return nil, nil
	}
	typed := make([]T, len(raws))
	for i, raw := range raws {
		if err := DecodeObject(raw, &typed[i], unread); err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
	}
	return typed, nil
}
