package metacontroller

import (
	"errors"
	"strconv"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Unread are values that nothing reads, by their Go type, in objects of one kind:
// they are walked over and stay empty. Half of a steady topology's request is read
// by nobody, and decoding it is most of what a sync costs. The zero value is
// NobodyReads.
type Unread struct{ unmarshalers *jsonv2.Unmarshalers }

// NobodyReads is what no hook of ours reads in any object.
var NobodyReads = Unread{jsonv2.UnmarshalFromFunc(wholeNumber)}.And(WalkOver[[]metav1.ManagedFieldsEntry]())

// WalkOver leaves values of one Go type as they are.
func WalkOver[T any]() Unread {
	return Unread{jsonv2.UnmarshalFromFunc(func(from *jsontext.Decoder, _ *T) error { return from.SkipValue() })}
}

// And is all of them.
func (u Unread) And(more ...Unread) Unread {
	all := []*jsonv2.Unmarshalers{u.unmarshalers}
	for _, other := range more {
		all = append(all, other.unmarshalers)
	}
	return Unread{jsonv2.JoinUnmarshalers(all...)}
}

// wholeNumber reads whole numbers into untyped parts as int64, where they fit, as
// k8s.io/apimachinery's reader does: 3 is no 3.0 for Storm.
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
