package thousands

import (
	"context"

	"github.com/apache/thrift/lib/go/thrift"
)

// wire writes and reads Thrift's binary protocol. Errors of writing show at the flush.
type wire struct {
	ctx context.Context
	*thrift.TBinaryProtocol
}

// call is one call: its arguments by field number, as string, int32, bool or args.
type call struct {
	method string
	seq    int32
	args   args
}

type args map[int16]any

func (a args) text(number int16) string {
	text, _ := a[number].(string)
	return text
}

// number is nil if the argument is not there.
func (a args) number(field int16) *int32 {
	if n, found := a[field].(int32); found {
		return &n
	}
	return nil
}

func (a args) inner(number int16) args {
	inner, _ := a[number].(args)
	return inner
}

func (w wire) readCall() (call, error) {
	method, _, seq, err := w.ReadMessageBegin(w.ctx)
	if err != nil {
		return call{}, err
	}
	given, err := w.readStruct()
	return call{method, seq, given}, err
}

func (w wire) readStruct() (args, error) {
	given := args{}
	for {
		_, kind, number, err := w.ReadFieldBegin(w.ctx)
		if err != nil || kind == thrift.STOP {
			return given, err
		}
		switch kind {
		case thrift.STRING:
			given[number], err = w.ReadString(w.ctx)
		case thrift.I32:
			given[number], err = w.ReadI32(w.ctx)
		case thrift.STRUCT:
			given[number], err = w.readStruct()
		default:
			err = w.Skip(w.ctx, kind)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (w wire) text(field int16, text string) {
	_ = w.WriteFieldBegin(w.ctx, "", thrift.STRING, field)
	_ = w.WriteString(w.ctx, text)
}

func (w wire) number(field int16, number int) {
	_ = w.WriteFieldBegin(w.ctx, "", thrift.I32, field)
	_ = w.WriteI32(w.ctx, int32(number))
}

func (w wire) truth(field int16, truth bool) {
	_ = w.WriteFieldBegin(w.ctx, "", thrift.BOOL, field)
	_ = w.WriteBool(w.ctx, truth)
}

func (w wire) inner(field int16, write func()) {
	_ = w.WriteFieldBegin(w.ctx, "", thrift.STRUCT, field)
	write()
	w.stop()
}

// structs is a list of n of them.
func (w wire) structs(field int16, n int, write func(i int)) {
	_ = w.WriteFieldBegin(w.ctx, "", thrift.LIST, field)
	_ = w.WriteListBegin(w.ctx, thrift.STRUCT, n)
	for i := range n {
		write(i)
		w.stop()
	}
}

func (w wire) stop() { _ = w.WriteFieldStop(w.ctx) }

// reply answers a call; write writes the fields of the result.
func (w wire) reply(c call, write func()) error {
	_ = w.WriteMessageBegin(w.ctx, c.method, thrift.REPLY, c.seq)
	write()
	w.stop()
	return w.Flush(w.ctx)
}

// fail is Nimbus's answer after an undeclared exception in Java.
func (w wire) fail(c call) error {
	_ = w.WriteMessageBegin(w.ctx, c.method, thrift.EXCEPTION, c.seq)
	_ = thrift.NewTApplicationException(thrift.INTERNAL_ERROR, "Internal error processing "+c.method).Write(w.ctx, w)
	return w.Flush(w.ctx)
}
