package nimbus

import (
	"encoding/binary"
	"errors"
)

// The parts of Thrift's binary protocol that are read and written by hand, because
// their bytes must not change. Types and layout: Apache Thrift,
// doc/specs/thrift-binary-protocol.md.
const (
	strictVersion = 0x80010000

	messageCall      = 1
	messageReply     = 2
	messageException = 3

	typeStop   = 0
	typeBool   = 2
	typeByte   = 3
	typeDouble = 4
	typeI16    = 6
	typeI32    = 8
	typeI64    = 10
	typeString = 11
	typeStruct = 12
	typeMap    = 13
	typeSet    = 14
	typeList   = 15
	typeUUID   = 16
)

var (
	errShort   = errors.New("the frame ends too early")
	errType    = errors.New("the frame has a type that Thrift does not have")
	errDeep    = errors.New("the frame nests too deep")
	errMessage = errors.New("the frame is not the Thrift message that was expected")
)

// cursor walks through a frame. After an error it does not move.
type cursor struct {
	frame []byte
	at    int
	err   error
	// arrives brings the rest of a message; nil if all of it is in frame.
	arrives *arriving
}

// take is the next n bytes. They are valid until the next call.
func (c *cursor) take(n int) []byte {
	if c.err == nil && n > len(c.frame)-c.at && c.arrives != nil {
		c.arrives.bring(c, n)
	}
	if c.err == nil && (n < 0 || n > len(c.frame)-c.at) {
		c.err = errShort
	}
	if c.err != nil {
		return nil
	}
	c.at += n
	return c.frame[c.at-n : c.at]
}

// has fails unless n more bytes may follow.
func (c *cursor) has(n int) {
	rest := len(c.frame) - c.at
	if c.arrives != nil {
		rest += c.arrives.left
	}
	switch {
	case c.err != nil || 0 <= n && n <= rest:
	case n > rest && c.arrives != nil:
		c.err = c.arrives.short
	default:
		c.err = errShort
	}
}

// drop skips n bytes, which need not all be there at once.
func (c *cursor) drop(n int) {
	c.has(n)
	for n > 0 && c.err == nil {
		n -= len(c.take(min(n, max(1, len(c.frame)-c.at))))
	}
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) i16() int16 {
	if b := c.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) i32() int32 {
	if b := c.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) i64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (c *cursor) string() string { return string(c.take(int(c.i32()))) }

// head is the first bytes of a string, at most limit; the rest is skipped. They are valid
// until the next call.
func (c *cursor) head(limit int) []byte {
	n := int(c.i32())
	c.has(n)
	if n <= limit {
		return c.take(n)
	}
	kept := make([]byte, limit)
	copy(kept, c.take(limit))
	c.drop(n - limit)
	return kept
}

// message reads the head of a call.
func (c *cursor) message() (name string, seq int32) {
	if head := uint32(c.i32()); c.err == nil && head != strictVersion|messageCall {
		c.err = errMessage
	}
	return c.string(), c.i32()
}

// replyFields are those of the struct that a whole frame answers; false for an exception.
func replyFields(frame []byte) ([]field, bool) {
	if len(frame) < 4 {
		return nil, false
	}
	c := &cursor{frame: frame[4:]}
	head := uint32(c.i32())
	_, _ = c.string(), c.i32()
	fields := c.fields(0)
	return fields, c.err == nil && head == strictVersion|messageReply
}

// field is one field of a struct: raw are the bytes of its value, all are those with
// the type and id before them.
type field struct {
	kind byte
	id   int16
	raw  []byte
	all  []byte
}

// fields reads a struct, field by field, to its end.
func (c *cursor) fields(depth int) (all []field) {
	for c.err == nil {
		start := c.at
		kind := c.byte()
		if kind == typeStop {
			return all
		}
		id := c.i16()
		value := c.at
		c.skip(kind, depth+1)
		if c.err == nil {
			all = append(all, field{kind, id, c.frame[value:c.at], c.frame[start:c.at]})
		}
	}
	return nil
}

// skip skips one value.
func (c *cursor) skip(kind byte, depth int) {
	if depth > maxDepth && c.err == nil {
		c.err = errDeep
	}
	if c.err != nil {
		return
	}
	switch kind {
	case typeBool, typeByte:
		c.take(1)
	case typeI16:
		c.take(2)
	case typeI32:
		c.take(4)
	case typeI64, typeDouble:
		c.take(8)
	case typeUUID:
		c.take(16)
	case typeString:
		c.drop(int(c.i32()))
	case typeStruct:
		c.structure(depth, func(int16, byte) bool { return false })
	case typeList, typeSet:
		inner := c.byte()
		c.repeat(c.i32(), depth, inner)
	case typeMap:
		key, value := c.byte(), c.byte()
		c.repeat(c.i32(), depth, key, value)
	default:
		c.err = errType
	}
}

// structure reads a struct to its end. A field that is not read by field (false) is skipped.
func (c *cursor) structure(depth int, field func(id int16, kind byte) bool) {
	for c.err == nil {
		kind := c.byte()
		if kind == typeStop {
			return
		}
		if id := c.i16(); c.err == nil && !field(id, kind) {
			c.skip(kind, depth+1)
		}
	}
}

// list reads a list of structs.
func (c *cursor) list(item func()) {
	kind, count := c.byte(), c.i32()
	if c.err == nil && kind != typeStruct && count != 0 {
		c.err = errType
	}
	for c.has(int(count)); count > 0 && c.err == nil; count-- {
		item()
	}
}

// entries reads a map from strings to values of one type, up to the key of each.
func (c *cursor) entries(kind byte, entry func()) {
	key, value, count := c.byte(), c.byte(), c.i32()
	if c.err == nil && (key != typeString || value != kind) && count != 0 {
		c.err = errType
	}
	for c.has(int(count)); count > 0 && c.err == nil; count-- {
		entry()
	}
}

// repeat skips a container's items. Each has at least one byte, so a count larger than
// the rest of the frame is junk.
func (c *cursor) repeat(count int32, depth int, kinds ...byte) {
	for c.has(int(count)); count > 0 && c.err == nil; count-- {
		for _, kind := range kinds {
			c.skip(kind, depth+1)
		}
	}
}

// writer builds a message: its first four bytes are kept for the frame's length.
type writer struct{ bytes []byte }

func newMessage(kind uint32, name string, seq int32) *writer {
	w := &writer{bytes: make([]byte, 4, 256)}
	w.i32(int32(uint32(strictVersion) | kind))
	w.string(name)
	w.i32(seq)
	return w
}

func (w *writer) i32(n int32) { w.bytes = binary.BigEndian.AppendUint32(w.bytes, uint32(n)) }

func (w *writer) string(s string) {
	w.i32(int32(len(s)))
	w.bytes = append(w.bytes, s...)
}

// field begins a field; its value comes next.
func (w *writer) field(kind byte, id int16) *writer {
	w.bytes = append(w.bytes, kind)
	w.bytes = binary.BigEndian.AppendUint16(w.bytes, uint16(id))
	return w
}

func (w *writer) raw(b []byte) { w.bytes = append(w.bytes, b...) }

func (w *writer) stop() { w.bytes = append(w.bytes, typeStop) }

// frame closes the message's struct and sets the frame's length.
func (w *writer) frame() []byte {
	w.stop()
	binary.BigEndian.PutUint32(w.bytes, uint32(len(w.bytes)-4))
	return w.bytes
}
