package rawcall

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// Limit is how long a call may take: long enough for a busy Nimbus.
const Limit = 2 * time.Minute

// Thrift's binary protocol, as much of it as a submission needs.
const (
	thriftString, thriftStruct, thriftI32, thriftStop = 11, 12, 8, 0
	thriftReply, thriftException                      = 2, 3
)

// Submit is a call of submitTopologyWithOpts (storm.thrift) with a topology's bytes
// and its conf as JSON, to the Nimbus at host, port 6627. Location is where a JAR was
// uploaded to. The error is one of pkg/nimbus's.
func Submit(ctx context.Context, host, name, location, conf string, topology []byte, inactive bool) error {
	const method = "submitTopologyWithOpts"
	var call bytes.Buffer
	number := func(n int32) { _ = binary.Write(&call, binary.BigEndian, n) }
	field := func(kind byte, id int16) {
		call.WriteByte(kind)
		_ = binary.Write(&call, binary.BigEndian, id)
	}
	text := func(id int16, s string) {
		field(thriftString, id)
		number(int32(len(s)))
		call.WriteString(s)
	}
	call.Write([]byte{0x80, 1, 0, 1})
	number(int32(len(method)))
	call.WriteString(method)
	number(1)
	text(1, name)
	text(2, location)
	text(3, conf)
	field(thriftStruct, 4)
	call.Write(topology)
	field(thriftStruct, 5)
	field(thriftI32, 1)
	if inactive {
		number(2)
	} else {
		number(1)
	}
	call.Write([]byte{thriftStop, thriftStop})
	answer, err := exchange(ctx, host, call.Bytes())
	if err != nil {
		return &nimbus.UnreachableError{At: host, Why: err.Error()}
	}
	return submitted(method, answer)
}

func exchange(ctx context.Context, host string, call []byte) ([]byte, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(host, "6627"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(Limit))
	if _, err := conn.Write(binary.BigEndian.AppendUint32(nil, uint32(len(call)))); err != nil {
		return nil, err
	}
	if _, err := conn.Write(call); err != nil {
		return nil, err
	}
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err = io.ReadFull(conn, answer)
	return answer, err
}

// submitted reads the answer: nothing, one of three exceptions, or a failure without
// a type.
func submitted(method string, answer []byte) error {
	if len(answer) < 12+len(method)+1 {
		return fmt.Errorf("an answer of %d bytes", len(answer))
	}
	kind, body := answer[3], answer[12+len(method):]
	switch {
	case kind == thriftException:
		return &nimbus.UntypedError{Method: method, Msg: "Internal error"}
	case kind != thriftReply:
		return fmt.Errorf("an answer of kind %d", kind)
	case body[0] == thriftStop:
		return nil
	}
	message := strings.ToValidUTF8(string(body[3:]), "")
	switch id := binary.BigEndian.Uint16(body[1:]); id {
	case 1:
		return &nimbus.AlreadyAliveError{Msg: message}
	case 2:
		return &nimbus.InvalidTopologyError{Msg: message}
	default:
		return &nimbus.AuthorizationError{Msg: message}
	}
}
