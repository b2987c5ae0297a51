package nimbus

import (
	"cmp"
	"context"
	"encoding/binary"
	"io"

	"github.com/apache/thrift/lib/go/thrift"
)

// read returns the body of a frame, or a message without one.
func (c *conn) read(limit uint32) ([]byte, error) {
	if c.unframed {
		return c.message(limit)
	}
	return readFrame(c, limit)
}

// open begins to read an answer that is not kept whole.
func (c *conn) open(ctx context.Context, limit uint32) (*cursor, error) {
	if c.unframed {
		return &cursor{arrives: &arriving{ctx: ctx, from: c, left: int(limit), short: &tooLargeError{limit: limit}}}, nil
	}
	size, err := readSize(c, limit)
	if err != nil {
		return nil, err
	}
	return &cursor{arrives: &arriving{ctx: ctx, from: c, left: int(size), short: errShort, taken: 4}}, nil
}

// readFrame reads a frame's length and its bytes. A frame that claims to be larger than
// limit is not read at all.
func readFrame(r io.Reader, limit uint32) ([]byte, error) {
	size, err := readSize(r, limit)
	if err != nil {
		return nil, err
	}
	return readBody(r, size)
}

func readSize(r io.Reader, limit uint32) (uint32, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > limit {
		return 0, cmp.Or(spoken(head, limit), error(&tooLargeError{limit: limit}))
	}
	return size, nil
}

func printable(head [4]byte) bool {
	for _, b := range head {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return true
}

// readBody grows with what arrives, not with what was announced.
func readBody(r io.Reader, size uint32) ([]byte, error) {
	body := make([]byte, 0, min(size, 32<<10))
	for len(body) < int(size) {
		if len(body) == cap(body) {
			body = append(make([]byte, 0, min(int(size), 2*cap(body))), body...)
		}
		n, err := io.ReadFull(r, body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
	}
	return body, nil
}

// frameOf is a message with its length before it.
func frameOf(body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body))), body...)
}

// strict configures reading an answer of so many bytes: a list that claims to be longer
// than the whole answer is refused before memory is allocated for it.
func strict(bytes int) *thrift.TConfiguration {
	return &thrift.TConfiguration{
		MaxMessageSize:     int32(max(bytes, maxWord)),
		TBinaryStrictRead:  thrift.BoolPtr(true),
		TBinaryStrictWrite: thrift.BoolPtr(true),
	}
}
