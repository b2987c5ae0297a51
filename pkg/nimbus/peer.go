package nimbus

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
)

// peerError is what is wrong with a peer's answer.
type peerError string

const (
	errNotThrift = peerError("the server there does not speak Nimbus's Thrift protocol")
	errLeader    = peerError("the leader that it names is not a host name or address")
	errNoLeader  = peerError("it names no leader: Nimbus is starting, or has no ZooKeeper")
	errNoTLSPort = peerError("its leader has no TLS port (nimbus.thrift.tls.port)")
	errTLS       = peerError("that port speaks TLS")
	errSASL      = peerError("that Nimbus requires SASL (Kerberos or a digest), which is not supported")
)

func (e peerError) Error() string { return string(e) }

func (peerError) worded() {}

// noLeaderFix helps if no Nimbus is starting: one may lead without an entry in ZooKeeper
// (docs/operations.md).
const noLeaderFix = "Check ZooKeeper. If this lasts for more than two minutes, restart each Nimbus, one after the other"

// fixes are what to do about a peer with which a call can never succeed.
var fixes = map[peerError]string{
	errNoTLSPort: "Set nimbus.thrift.tls.port in the storm.yaml of every Nimbus",
	errTLS:       "Set spec.nimbus.tls of the StormCluster, or spec.nimbus.port to Nimbus's port without TLS (nimbus.thrift.port)",
	errSASL:      "Use a Nimbus whose storm.thrift.transport is SimpleTransportPlugin, and close its port to others",
}

// remedyOf is what to do about a peer; empty for one that may answer later.
func remedyOf(err error) string {
	var peer peerError
	var secure *tlsError
	switch {
	case errors.As(err, &secure):
		return secure.fix
	case errors.As(err, &peer):
		return fixes[peer]
	}
	return ""
}

// spoken says which other protocol the first bytes of an answer are; nil if they may
// begin a frame.
func spoken(head [4]byte, limit uint32) error {
	switch kind, major, minor := head[0], head[1], head[2]; {
	case printable(head):
		return errNotThrift // the first four letters of another protocol, for example HTTP
	case kind >= 0x14 && kind <= 0x17 && major == 3 && minor <= 4:
		return errTLS // a record (RFC 8446, 5.1); a plain call gets an alert
	case limit <= maxWord && kind >= 1 && kind <= 5 && major == 0 && minor == 0:
		return errSASL // a status and a length (libthrift, TSaslTransport)
	}
	return nil
}

// saslStart begins a negotiation without the name of a mechanism: a SASL server answers
// with an error (3 or 4, libthrift's NegotiationStatus).
var saslStart = []byte{1, 0, 0, 0, 0}

// recognized names a peer that closed a new connection before it answered: a SASL server
// does so, and many TLS servers. It is asked once more, in each of their protocols. Any
// other error is returned unchanged.
func (c *Client) recognized(ctx context.Context, at string, err error) error {
	if c.tls != nil || !is(io.EOF, syscall.ECONNRESET, syscall.EPIPE)(err) {
		return c.alerted(err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	for _, speaks := range []func(context.Context, net.Conn) error{speaksSASL, speaksTLS} {
		conn, failed := c.dial(ctx, at)
		if failed != nil {
			return err
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		said := speaks(ctx, conn)
		stop()
		_ = conn.Close()
		if said != nil {
			return said
		}
	}
	return err
}

func speaksSASL(_ context.Context, conn net.Conn) error {
	var head [4]byte
	_, err := conn.Write(saslStart)
	if err == nil {
		_, err = io.ReadFull(conn, head[:])
	}
	if err == nil {
		return spoken(head, maxWord)
	}
	return nil
}

// speaksTLS begins a handshake. Nothing is sent after it.
func speaksTLS(ctx context.Context, conn net.Conn) error {
	err := tls.Client(conn, &tls.Config{ServerName: "nimbus"}).HandshakeContext(ctx)
	if err == nil || as[*tls.CertificateVerificationError](err) || alertOf(err) != "" {
		return errTLS
	}
	return nil
}

// remoteError is the operation of an alert that arrived (crypto/tls).
const remoteError = "remote error"

// alertOf is the alert with which a TLS peer ended a connection; empty if it did not.
func alertOf(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == remoteError {
		return op.Err.Error()
	}
	return ""
}
