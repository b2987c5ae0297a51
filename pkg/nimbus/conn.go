package nimbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
)

// maxFrame bounds what is read from a peer in one answer.
const maxFrame = 16 << 20

// conn is one framed connection. It is used by one call at a time.
type conn struct {
	net.Conn
	at  string
	seq int32
}

// dial connects within the context's time, never to an address that is not to
// be dialled: the check is on what the name resolved to.
func dial(ctx context.Context, at string, loopback bool) (*conn, error) {
	dialer := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		return checkAddress(address, loopback)
	}}
	c, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, at: at}, nil
}

// exchange sends one frame and reads one. sent says whether anything of the
// frame may have left: only when it is false has surely nothing come of it.
func (c *conn) exchange(ctx context.Context, frame []byte) (answer []byte, sent bool, err error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Time{}
	}
	if err := c.SetDeadline(deadline); err != nil {
		return nil, false, err
	}
	// A cancelled context ends the call at once, not only its deadline.
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	if n, err := c.Write(frame); err != nil {
		return nil, n > 0, wordContext(ctx, err)
	}
	answer, err = readFrame(c, maxFrame)
	return answer, true, wordContext(ctx, err)
}

// wordContext prefers the context's word to the deadline that it caused.
func wordContext(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// readFrame reads a frame's length and its bytes. What claims to be larger than
// limit is not read at all.
func readFrame(r io.Reader, limit uint32) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	switch {
	case size > 1<<30:
		return nil, errNotThrift // the first four letters of something else, HTTP's for one
	case size > limit:
		return nil, errTooLarge
	}
	// It grows with what comes, not with what was promised.
	body, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err == nil && len(body) < int(size) {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}

// call sends one call and reads its answer.
func (c *conn) call(ctx context.Context, method string, args, result thrift.TStruct) (sent bool, err error) {
	c.seq++
	frame, err := encodeCall(ctx, method, c.seq, args)
	if err != nil {
		return false, err
	}
	return c.callRaw(ctx, method, frame, result)
}

// callRaw is call for a frame that stands already; its sequence id is the
// connection's own (c.seq).
func (c *conn) callRaw(ctx context.Context, method string, frame []byte, result thrift.TStruct) (sent bool, err error) {
	answer, sent, err := c.exchange(ctx, frame)
	if err != nil {
		return sent, err
	}
	memory := &thrift.TMemoryBuffer{Buffer: bytes.NewBuffer(answer)}
	in := thrift.NewTBinaryProtocolConf(memory, strict())
	return sent, disorder(thrift.NewTStandardClient(in, in).Recv(ctx, in, c.seq, method, result))
}

// encodeCall is the frame of a call, length and all.
func encodeCall(ctx context.Context, method string, seq int32, args thrift.TStruct) ([]byte, error) {
	memory := thrift.NewTMemoryBuffer()
	memory.Buffer.Write(make([]byte, 4))
	out := thrift.NewTBinaryProtocolConf(memory, strict())
	if err := thrift.NewTStandardClient(out, out).Send(ctx, out, seq, method, args); err != nil {
		return nil, fmt.Errorf("encoding %s: %w", method, err)
	}
	frame := memory.Bytes()
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	return frame, nil
}

// frameOf puts the length before a message.
func frameOf(body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body))), body...)
}

func strict() *thrift.TConfiguration {
	return &thrift.TConfiguration{
		MaxMessageSize:     maxFrame,
		TBinaryStrictRead:  thrift.BoolPtr(true),
		TBinaryStrictWrite: thrift.BoolPtr(true),
	}
}

// checkAddress refuses what no Nimbus of a StormCluster has: whoever may write a
// StormCluster could else make the hook server speak to the node, to itself, or
// to a cloud's metadata service.
func checkAddress(address string, loopback bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address %q: %w", address, err)
	}
	ip := embedded(at.Addr().Unmap().WithZone(""))
	refuse := func(kind string) error { return &refusedAddress{at.Addr().String(), kind} }
	switch {
	case ip.IsLoopback() && loopback:
		return nil
	case ip.IsLoopback():
		return refuse("a loopback address, which is never Nimbus's")
	case ip.IsLinkLocalUnicast(), ip.IsLinkLocalMulticast():
		return refuse("a link-local address, which is never Nimbus's")
	case ip.IsUnspecified(), ip.IsMulticast():
		return refuse("which is no host's address")
	case metadata(ip):
		return refuse("a cloud's metadata service")
	}
	return nil
}

// embedded is the IPv4 address that NAT64's well-known prefix wraps (RFC 6052).
func embedded(ip netip.Addr) netip.Addr {
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); !nat64.Contains(ip) {
		return ip
	}
	wrapped := ip.As16()
	return netip.AddrFrom4([4]byte(wrapped[12:]))
}

// metadata are the metadata services that are not link-local: Alibaba's,
// Oracle's, and Amazon's over IPv6.
func metadata(ip netip.Addr) bool {
	switch ip.String() {
	case "100.100.100.200", "192.0.0.192", "fd00:ec2::254":
		return true
	}
	return false
}
