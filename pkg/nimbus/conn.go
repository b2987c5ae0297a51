package nimbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
)

// conn is one connection, for one call at a time.
type conn struct {
	net.Conn
	// at is what the peer is called, route where it was dialled.
	at, route string
	seq       int32
	unframed  bool // its messages have no length before them
}

// dialer connects to host:port within the context's time.
type dialer func(ctx context.Context, at string) (net.Conn, error)

// guarded connects only to an allowed address: the check is on what the name resolved to.
func guarded(loopback bool) dialer {
	d := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		return checkAddress(address, loopback)
	}}
	return func(ctx context.Context, at string) (net.Conn, error) { return d.DialContext(ctx, "tcp", at) }
}

// exchange sends one frame, and receives the answer. sent says whether any byte of the
// frame may have been sent: only if none was, the call certainly had no effect.
func (c *conn) exchange(ctx context.Context, frame []byte, receive func() error) (sent bool, err error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Time{}
	}
	if err := c.SetDeadline(deadline); err != nil {
		return false, err
	}
	// A cancelled context ends the call at once, not only its deadline.
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if c.unframed {
		frame = frame[4:]
	}
	if n, err := c.Write(frame); err != nil {
		return n > 0, preferContextError(ctx, err)
	}
	return true, preferContextError(ctx, receive())
}

// preferContextError prefers the context's error to that of the deadline that it set.
func preferContextError(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx.Err() == nil:
		return err
	case errors.Is(context.Cause(ctx), errNoRoom):
		return errNoRoom
	}
	return ctx.Err()
}

// call sends one call and reads its answer.
func (c *conn) call(ctx context.Context, method string, args, result thrift.TStruct) (sent bool, err error) {
	c.seq++
	frame, err := encode(method, thrift.CALL, c.seq, args)
	if err != nil {
		return false, err
	}
	return c.callRaw(ctx, method, frame, result)
}

// callRaw is call for a complete frame, whose sequence id is the connection's (c.seq).
func (c *conn) callRaw(ctx context.Context, method string, frame []byte, result thrift.TStruct) (sent bool, err error) {
	var answer []byte
	sent, err = c.exchange(ctx, frame, func() (err error) {
		answer, err = c.read(answerLimit(method))
		return err
	})
	if err != nil {
		return sent, err
	}
	memory := &thrift.TMemoryBuffer{Buffer: bytes.NewBuffer(answer)}
	in := thrift.NewTBinaryProtocolConf(memory, strict(len(answer)))
	return sent, protocolError(thrift.NewTStandardClient(in, in).Recv(ctx, in, c.seq, method, result))
}

// body is what a message carries: a struct of the generated code, or a
// TApplicationException.
type body interface {
	Write(context.Context, thrift.TProtocol) error
}

// encode is the frame of a message, with its length.
func encode(method string, kind thrift.TMessageType, seq int32, b body) ([]byte, error) {
	ctx := context.Background() // all of it goes to memory
	memory := thrift.NewTMemoryBuffer()
	memory.Buffer.Write(make([]byte, 4))
	out := thrift.NewTBinaryProtocolConf(memory, strict(0))
	err := errors.Join(out.WriteMessageBegin(ctx, method, kind, seq), b.Write(ctx, out), out.WriteMessageEnd(ctx))
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", method, err)
	}
	frame := memory.Bytes()
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	return frame, nil
}
