package metacontroller

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// ErrBadRequest is what a body that is no hook request is answered with: 400.
var ErrBadRequest = errors.New("not a hook request of Metacontroller")

// Decode reads the body of a call. Keys that it does not know are ignored, so
// that a newer Metacontroller is understood. The error wraps ErrBadRequest.
func Decode(body []byte) (Request, error) {
	var request Request
	if err := json.Unmarshal(body, &request); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	if trimmed := bytes.TrimSpace(request.Parent); len(trimmed) == 0 || trimmed[0] != '{' {
		return Request{}, fmt.Errorf("%w: no object under \"parent\"", ErrBadRequest)
	}
	return request, nil
}

// DecodeObject reads one object of a request into a typed value. Whole numbers
// in untyped parts stay whole. The error wraps ErrBadRequest.
func DecodeObject(raw json.RawMessage, into any) error {
	if err := utiljson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: decoding an object: %w", ErrBadRequest, err)
	}
	return nil
}

// DecodeAll reads all objects of a kind.
func DecodeAll[T any](objects Objects, kind string) ([]T, error) {
	raws := objects.Of(kind)
	if len(raws) == 0 {
		return nil, nil
	}
	typed := make([]T, len(raws))
	for i, raw := range raws {
		if err := DecodeObject(raw, &typed[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
	}
	return typed, nil
}
