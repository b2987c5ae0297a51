package lyingstorm

import (
	"encoding/binary"
	"errors"
)

// Thrift's binary protocol (Apache Thrift, doc/specs/thrift-binary-protocol.md).
const (
	version1   uint32 = 0x80010000
	kindReply  uint32 = 2
	kindFailed uint32 = 3

	tStop   = 0
	tBool   = 2
	tI32    = 8
	tString = 11
	tStruct = 12
	tMap    = 13
	tList   = 15
)

// call is the head of a call, and its first argument where that is a string.
type call struct {
	method, first string
	seq           int32
}

var errNoCall = errors.New("not a call")

func readCall(body []byte) (call, error) {
	if len(body) < 12 {
		return call{}, errNoCall
	}
	name := int(binary.BigEndian.Uint32(body[4:]))
	if name < 0 || name > len(body)-12 {
		return call{}, errNoCall
	}
	c := call{method: string(body[8 : 8+name]), seq: int32(binary.BigEndian.Uint32(body[8+name:]))}
	rest := body[12+name:]
	if len(rest) > 7 && rest[0] == tString {
		if size := int(binary.BigEndian.Uint32(rest[3:])); size >= 0 && size <= len(rest)-7 {
			c.first = string(rest[7 : 7+size])
		}
	}
	return c, nil
}

// writer writes a message; its first four bytes are kept for the frame's length.
type writer struct{ bytes []byte }

func message(kind uint32, c call) *writer {
	w := &writer{bytes: make([]byte, 4)}
	return w.i32(int32(version1 | kind)).text(c.method).i32(c.seq)
}

func reply(c call) *writer { return message(kindReply, c) }

// exception is Thrift's own, of the type INTERNAL_ERROR.
func exception(c call, text string) []byte {
	w := message(kindFailed, c)
	w.field(tString, 1).text(text)
	w.field(tI32, 2).i32(6)
	return w.frame()
}

func (w *writer) raw(bytes ...byte) *writer {
	w.bytes = append(w.bytes, bytes...)
	return w
}

func (w *writer) i32(n int32) *writer {
	w.bytes = binary.BigEndian.AppendUint32(w.bytes, uint32(n))
	return w
}

func (w *writer) text(s string) *writer {
	w.i32(int32(len(s)))
	w.bytes = append(w.bytes, s...)
	return w
}

func (w *writer) field(kind byte, id int16) *writer {
	w.raw(kind)
	w.bytes = binary.BigEndian.AppendUint16(w.bytes, uint16(id))
	return w
}

func (w *writer) stop() { w.raw(tStop) }

// summary writes a line of the list, with what the scheduler says of the topology.
func (w *writer) summary(t Topology, scheduler string) {
	w.field(tString, 1).text(t.ID)
	w.field(tString, 2).text(t.Name)
	for id := range int16(4) {
		w.field(tI32, id+3).i32(1)
	}
	w.field(tString, 7).text(t.Status)
	if scheduler != "" {
		w.field(tString, 513).text(scheduler)
	}
	w.stop()
}

// frame ends the message's struct and sets the frame's length.
func (w *writer) frame() []byte {
	w.stop()
	binary.BigEndian.PutUint32(w.bytes, uint32(len(w.bytes)-4))
	return w.bytes
}
