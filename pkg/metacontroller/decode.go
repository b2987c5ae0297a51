package metacontroller

import (
	"encoding/json"
	"errors"
	"fmt"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// ErrBadRequest is what a body that is no hook request is answered with: 400.
var ErrBadRequest = errors.New("not a hook request of Metacontroller")

// Decode reads the body of a call. Keys that it does not know are ignored, so
// that a newer Metacontroller is understood. The request's objects are parts of
// the body, which must not change any more. The error wraps ErrBadRequest.
func Decode(body []byte) (Request, error) {
	var request Request
	s := scanner{text: body}
	err := s.object(0, func(key []byte) error { return request.member(&s, string(key)) })
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	if len(request.Parent) == 0 || request.Parent[0] != '{' {
		return Request{}, fmt.Errorf("%w: no object under \"parent\"", ErrBadRequest)
	}
	return request, nil
}

// member reads one member of the request.
func (r *Request) member(s *scanner, key string) (err error) {
	switch key {
	case "parent":
		r.Parent, err = s.value(1)
	case "children":
		r.Children, err = objects(s)
	case "related":
		r.Related, err = objects(s)
	case "finalizing":
		var raw json.RawMessage
		if raw, err = s.value(1); err == nil {
			err = json.Unmarshal(raw, &r.Finalizing)
		}
	default:
		err = s.skip(1)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", key, err)
	}
	return nil
}

func objects(s *scanner) (Objects, error) {
	if s.next() == 'n' {
		return nil, s.skip(1) // null, as Go writes a map that is none
	}
	all := Objects{}
	return all, s.object(1, func(kind []byte) error {
		if s.next() == 'n' {
			return s.skip(2)
		}
		byName := map[string]json.RawMessage{}
		all[string(kind)] = byName
		return s.object(2, func(name []byte) (err error) {
			byName[string(name)], err = s.value(3)
			return err
		})
	})
}

// DecodeObject reads one object of a request into a typed value, by the library.
// Whole numbers in untyped parts stay whole. The error wraps ErrBadRequest.
func DecodeObject(raw json.RawMessage, into any) error {
	if err := utiljson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: decoding an object: %w", ErrBadRequest, err)
	}
	return nil
}

// DecodeAll reads all objects of a kind, by the library.
func DecodeAll[T any](objects Objects, kind string) ([]T, error) {
	return decodeAll(objects, kind, func(raw json.RawMessage, into *T) error { return DecodeObject(raw, into) })
}

func decodeAll[T any](objects Objects, kind string, decode func(json.RawMessage, *T) error) ([]T, error) {
	raws := objects.Of(kind)
	if len(raws) == 0 {
		return nil, nil
	}
	typed := make([]T, len(raws))
	for i, raw := range raws {
		if err := decode(raw, &typed[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
	}
	return typed, nil
}
