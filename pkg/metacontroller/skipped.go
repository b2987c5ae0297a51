package metacontroller

import (
	"errors"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Skipped are the Go types whose values are not decoded in objects of one kind: they
// stay empty. No rule needs half of the request of a steady topology, and decoding
// it would be most of the cost of a sync. The zero value is AlwaysSkipped.
type Skipped struct{ unmarshalers *jsonv2.Unmarshalers }

// AlwaysSkipped is what no hook needs of any object.
var AlwaysSkipped = reading.And(Skip[[]metav1.ManagedFieldsEntry]())

// reading skips nothing, and reads some types as k8s.io/apimachinery's decoder does, or faster.
var reading = Skipped{jsonv2.JoinUnmarshalers(jsonv2.UnmarshalFromFunc(readAny), jsonv2.UnmarshalFromFunc(readTime))}

// SkipLastApplied skips the text that kubectl and Metacontroller keep in an annotation, which
// is as long as the object.
var SkipLastApplied = Skipped{jsonv2.UnmarshalFromFunc(textsWithoutLastApplied)}

// Skip skips the values of one Go type.
func Skip[T any]() Skipped {
	return Skipped{jsonv2.UnmarshalFromFunc(func(from *jsontext.Decoder, _ *T) error {
		_, err := from.ReadValue() // SkipValue reads token by token, and takes twice as long
		return err
	})}
}

// SkipAllBut skips the values of one Go type, but for one member. The type of field must not
// be a skipped one.
func SkipAllBut[T any](member string, field func(*T) any) Skipped {
	return Skipped{jsonv2.UnmarshalFromFunc(func(from *jsontext.Decoder, into *T) error {
		return members(from, func(key string) error {
			if key == member {
				return jsonv2.UnmarshalDecode(from, field(into))
			}
			_, err := from.ReadValue()
			return err
		})
	})}
}

// ReadUntyped skips nothing. It reads a Go type that is a map of untyped values without
// reflection.
func ReadUntyped[M ~map[string]any]() Skipped {
	return Skipped{jsonv2.UnmarshalFromFunc(readObject[M])}
}

// And skips the types of all of them.
func (s Skipped) And(more ...Skipped) Skipped {
	all := []*jsonv2.Unmarshalers{s.unmarshalers}
	for _, other := range more {
		all = append(all, other.unmarshalers)
	}
	return Skipped{jsonv2.JoinUnmarshalers(all...)}
}

// readAny reads untyped parts. Whole numbers are int64 if they fit, as k8s.io/apimachinery's
// decoder reads them: for Storm 3 is not 3.0.
func readAny(from *jsontext.Decoder, into *any) (err error) {
	switch from.PeekKind() {
	case jsontext.KindBeginObject:
		object := map[string]any{}
		*into = object
		return readObject(from, &object)
	case jsontext.KindBeginArray:
		*into, err = readArray(from)
		return err
	case jsontext.KindNumber:
		return wholeNumber(from, into)
	}
	value, err := from.ReadToken()
	switch value.Kind() {
	case jsontext.KindString:
		*into = value.String()
	case jsontext.KindTrue, jsontext.KindFalse:
		*into = value.Bool()
	default:
		*into = nil
	}
	return err
}

func readObject[M ~map[string]any](from *jsontext.Decoder, into *M) error {
	if from.PeekKind() != jsontext.KindBeginObject {
		return errors.ErrUnsupported
	}
	if *into == nil {
		*into = M{}
	}
	return members(from, func(key string) error {
		var value any
		err := readAny(from, &value)
		(*into)[key] = value
		return err
	})
}

func readArray(from *jsontext.Decoder) ([]any, error) {
	if _, err := from.ReadToken(); err != nil {
		return nil, err
	}
	array := []any{}
	for from.PeekKind() != jsontext.KindEndArray {
		var value any
		if err := readAny(from, &value); err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := from.ReadToken()
	return array, err
}

// wholeNumber reads a number as int64 if it fits.
func wholeNumber(from *jsontext.Decoder, into *any) error {
	if from.PeekKind() != jsontext.KindNumber {
		return errors.ErrUnsupported
	}
	text, err := from.ReadValue()
	if err != nil {
		return err
	}
	if whole, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		*into = whole
		return nil
	}
	*into, err = strconv.ParseFloat(string(text), 64)
	return err
}

// readTime reads a time as its own UnmarshalJSON does, which decodes its text with
// encoding/json.
func readTime(from *jsontext.Decoder, into *metav1.Time) error {
	if from.PeekKind() != jsontext.KindString {
		return errors.ErrUnsupported
	}
	text, err := from.ReadValue()
	if err != nil {
		return err
	}
	parsed, err := time.Parse(time.RFC3339, string(text[1:len(text)-1]))
	if err != nil { // it may have an escape
		return into.UnmarshalJSON(text)
	}
	into.Time = parsed.Local()
	return nil
}

// textsWithoutLastApplied reads labels and annotations.
func textsWithoutLastApplied(from *jsontext.Decoder, into *map[string]string) error {
	if from.PeekKind() != jsontext.KindBeginObject {
		return errors.ErrUnsupported
	}
	if *into == nil {
		*into = map[string]string{}
	}
	return members(from, func(key string) error {
		if strings.HasSuffix(key, "/last-applied-configuration") {
			_, err := from.ReadValue()
			return err
		}
		value, err := from.ReadToken()
		if err != nil {
			return err
		}
		switch value.Kind() {
		case jsontext.KindString:
			(*into)[key] = value.String()
		case jsontext.KindNull:
			(*into)[key] = ""
		default:
			return errors.New("a label or annotation is not a text")
		}
		return nil
	})
}
