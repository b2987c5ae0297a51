package metacontroller

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

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
	from := jsontext.NewDecoder(bytes.NewBuffer(body), asKubernetes) // reads body without a copy
	var request Request
	err := members(from, func(key string) (err error) {
		switch key {
		case "parent":
			request.Parent, err = rawPart(from)
		case "finalizing":
			err = jsonv2.UnmarshalDecode(from, &request.Finalizing)
		case "children":
			err = request.Children.decode(from)
		case "related":
			err = request.Related.decode(from)
		default:
			_, err = from.ReadValue()
		}
		return err
	})
	if err == nil {
		err = noMore(from)
	}
	if err == nil && (len(request.Parent) == 0 || request.Parent[0] != '{') {
		err = errNoParent
	}
	if err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	return request, nil
}

// rawPart reads a value as a part of the body.
func rawPart(from *jsontext.Decoder) (json.RawMessage, error) {
	text, err := from.ReadValue()
	return json.RawMessage(slices.Clip(text)), err
}

// noMore says that nothing follows the request.
func noMore(from *jsontext.Decoder) error {
	_, err := from.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return errors.New("more than one value")
	}
	return err
}

func (o *Objects) decode(from *jsontext.Decoder) error {
	if *o == nil {
		*o = Objects{}
	}
	return members(from, func(kind string) error {
		if (*o)[kind] == nil {
			(*o)[kind] = map[string]json.RawMessage{}
		}
		return members(from, func(key string) (err error) {
			(*o)[kind][key], err = rawPart(from)
			return err
		})
	})
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
