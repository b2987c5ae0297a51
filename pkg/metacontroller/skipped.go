package metacontroller

import (
	"errors"
	"strconv"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Skipped are the Go types whose values are not decoded in objects of one kind: they
// stay empty. No rule needs half of the request of a steady topology, and decoding
// it would be most of the cost of a sync. The zero value is AlwaysSkipped.
type Skipped struct{ unmarshalers *jsonv2.Unmarshalers }

// AlwaysSkipped is what no hook needs of any object.
var AlwaysSkipped = Skipped{jsonv2.UnmarshalFromFunc(wholeNumber)}.And(Skip[[]metav1.ManagedFieldsEntry]())

// Skip skips the values of one Go type.
func Skip[T any]() Skipped {
	return Skipped{jsonv2.UnmarshalFromFunc(func(from *jsontext.Decoder, _ *T) error { return from.SkipValue() })}
}

// And skips the types of all of them.
func (s Skipped) And(more ...Skipped) Skipped {
	all := []*jsonv2.Unmarshalers{s.unmarshalers}
	for _, other := range more {
		all = append(all, other.unmarshalers)
	}
	return Skipped{jsonv2.JoinUnmarshalers(all...)}
}

// wholeNumber reads whole numbers into untyped parts as int64 if they fit, as
// k8s.io/apimachinery's decoder does: for Storm 3 is not 3.0.
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
