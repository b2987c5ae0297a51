package nimbus

import (
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Limits of one answer of a peer. Everyone who can write a StormCluster chooses a peer,
// and the hook server has 256 MiB for all of them.
const (
	maxFrame = 16 << 20 // of what is passed on for main, in its own pod
	maxInfo  = storm.DescriptionLimit
	maxList  = 4 << 20 // some ten thousand topologies
	maxConf  = 4 << 20 // a conf has some 20 KB; checkSize refuses to submit a large one
	maxWord  = 1 << 20 // of a call whose answer is short or empty, or a reason

	// largeAnswer is the size of an answer from which only largeAtOnce are read at a
	// time in the whole process: it is unpacked to several times its size.
	largeAnswer = 1 << 20
	largeAtOnce = 2

	// slowest is how many bytes per second of a large answer must arrive, after the first
	// callLimit.
	slowest = 256 << 10
)

var largeSlots = make(chan struct{}, largeAtOnce)

func answerLimit(method string) uint32 {
	switch method {
	case "getTopologyInfoWithOpts", "getTopologyInfoByNameWithOpts":
		return maxInfo
	case "getTopologySummaries", "getClusterInfo":
		return maxList
	case "getNimbusConf", "getTopologyConf":
		return maxConf
	}
	return maxWord
}

// read returns the body of a frame, or a message without one. A large one waits for its turn.
func (c *conn) read(ctx context.Context, limit uint32) ([]byte, error) {
	if c.unframed {
		return c.message(ctx, limit)
	}
	size, err := readSize(c, limit)
	if err != nil {
		return nil, err
	}
	if size > largeAnswer && limit != maxFrame {
		from, err := c.steadily(ctx)
		if err != nil {
			return nil, err
		}
		return readBody(from, size)
	}
	return readBody(c, size)
}

// steadily waits for the turn of a large answer, and then reads it. Nimbus takes its time
// before it answers. Its answer must then arrive steadily: a slot is not held by a peer
// that dribbles.
func (c *conn) steadily(ctx context.Context) (io.Reader, error) {
	select {
	case largeSlots <- struct{}{}:
		c.large = true
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return &hurried{conn: c, ctx: ctx, until: time.Now().Add(callLimit)}, nil
}

// hurried reads from a connection, and gives up where less than slowest arrives.
type hurried struct {
	conn  *conn
	ctx   context.Context
	until time.Time
}

func (h *hurried) Read(p []byte) (int, error) {
	if err := h.conn.hurry(h.ctx, h.until); err != nil {
		return 0, err
	}
	n, err := h.conn.Read(p)
	h.until = h.until.Add(time.Duration(n) * time.Second / slowest)
	return n, err
}

// unpacked makes room for the next large answer.
func (c *conn) unpacked() {
	if c.large {
		c.large = false
		<-largeSlots
	}
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
		return 0, cmp.Or(spoken(head, limit), error(&tooLargeError{limit}))
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
