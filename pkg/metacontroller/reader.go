package metacontroller

import (
	"encoding/json"
	"errors"
	"reflect"
)

// Reader reads objects of one type, but for what is unread, straight out of the
// text of a request: how each field is read is worked out once, when the reader is
// made. What it does not know by heart, the library reads on the spot; and the
// whole object, where a text is out of the ordinary. So the library's word is the
// last on what an error is, and what it says.
type Reader[T any] struct{ read readFunc }

// readFunc reads the value that the scanner is at into a zero value.
type readFunc func(s *scanner, into reflect.Value) error

// errOdd is a text that the library is to judge.
var errOdd = errors.New("out of the ordinary")

// NewReader makes a reader. Readers that are made with the same plans share them.
func NewReader[T any](plans Plans, unread Unread) Reader[T] {
	return Reader[T]{plans.value(reflect.TypeFor[T](), unread)}
}

// Object reads one object. Whole numbers in untyped parts stay whole. The error
// wraps ErrBadRequest.
func (r Reader[T]) Object(raw json.RawMessage) (*T, error) {
	object := new(T)
	return object, r.into(raw, object)
}

// All reads all objects of a kind.
func (r Reader[T]) All(objects Objects, kind string) ([]T, error) {
	return decodeAll(objects, kind, r.into)
}

func (r Reader[T]) into(raw json.RawMessage, object *T) error {
	s := scanner{text: raw}
	if r.read(&s, reflect.ValueOf(object).Elem()) == nil && s.end() == nil {
		return nil
	}
	*object = *new(T)
	return DecodeObject(raw, object)
}
