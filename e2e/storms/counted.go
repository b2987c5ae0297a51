package storms

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/e2e/thousands"
)

// counted is a Nimbus whose calls are counted on their way. It implements thousands.Storm.
type counted struct{ of *daemons }

// Listen passes calls on to Nimbus. Where Nimbus names its port, as that of the leader, it
// is the port that listens here: else the next call would go past it.
func (c counted) Listen(ctx context.Context, called func(thousands.Call)) (int32, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(local, "0"))
	if err != nil {
		return 0, err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	port := int32(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			caller, err := listener.Accept()
			if err != nil {
				return
			}
			go c.pass(ctx, caller, port, called)
		}
	}()
	return port, nil
}

// pass passes the calls of one connection on, one after the other: no caller sends a second
// one before the first is answered.
func (c counted) pass(ctx context.Context, caller net.Conn, port int32, called func(thousands.Call)) {
	leader, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(c.of.host, strconv.Itoa(c.of.port)))
	if err != nil {
		_ = caller.Close()
		return
	}
	end := sync.OnceFunc(func() { _, _ = caller.Close(), leader.Close() })
	defer end()
	defer context.AfterFunc(ctx, end)()
	for {
		asked, err := frame(caller)
		if err != nil {
			return
		}
		method, err := methodOf(asked)
		if err != nil {
			return
		}
		began := time.Now()
		if err := writeFrame(leader, asked); err != nil {
			return
		}
		answer, err := frame(leader)
		if err != nil {
			return
		}
		called(thousands.Call{Method: method, Began: began, Took: time.Since(began)})
		if err := writeFrame(caller, bytes.Replace(answer, portField(c.of.port), portField(int(port)), 1)); err != nil {
			return
		}
	}
}

// portField is NimbusSummary.port in Thrift's binary protocol: an i32, field 2
// (storm.thrift).
func portField(port int) []byte { return binary.BigEndian.AppendUint32([]byte{8, 0, 2}, uint32(port)) }

// frame reads what TFramedTransport sends: its length, then so many bytes.
func frame(from io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return nil, err
	}
	content := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err := io.ReadFull(from, content)
	return content, err
}

func writeFrame(to io.Writer, content []byte) error {
	_, err := to.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), content...))
	return err
}

// methodOf is the method that a message calls: a version and a type, then the name's
// length and the name.
func methodOf(message []byte) (string, error) {
	if len(message) < 8 {
		return "", fmt.Errorf("a message of %d bytes", len(message))
	}
	length := binary.BigEndian.Uint32(message[4:])
	if length > uint32(len(message)-8) {
		return "", fmt.Errorf("a method name of %d bytes", length)
	}
	return string(message[8 : 8+length]), nil
}
