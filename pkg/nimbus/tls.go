package nimbus

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// secured is how a client speaks TLS.
type secured struct {
	roots      *x509.CertPool
	problem    string // of the roots
	serverName string
}

// Identity is the client certificate of a connection. It is read for each one, so that a
// renewed certificate needs no restart.
type Identity func() (*tls.Certificate, error)

// WithTLS makes the client speak TLS, with servers whose certificate an authority of the
// bundle has signed for serverName; empty is the name that is dialled.
func WithTLS(caBundle, serverName string) Option {
	roots, problem := storm.Authorities(caBundle)
	return func(c *Client) { c.tls = &secured{roots, problem, serverName} }
}

// WithIdentity is the certificate for a Nimbus that requests one.
func WithIdentity(identity Identity) Option { return func(c *Client) { c.identity = identity } }

// IdentityIn reads the certificate from a folder where a Secret of type kubernetes.io/tls
// is mounted.
func IdentityIn(folder string) Identity {
	return func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key"))
		return &pair, err
	}
}

// secure begins TLS on a new connection, within the context's time.
func (c *Client) secure(ctx context.Context, plain net.Conn, host string) (*tls.Conn, error) {
	if why, fix, _ := strings.Cut(strings.TrimSuffix(c.tls.problem, "."), ". "); why != "" {
		return nil, &tlsError{why, fix}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.tls.roots, ServerName: c.tls.serverName}
	if config.ServerName == "" {
		config.ServerName = host
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if c.identity == nil {
			return &tls.Certificate{}, nil // none
		}
		certificate, err := c.identity()
		if err != nil {
			return nil, errIdentity
		}
		return certificate, nil
	}
	heard := &hearing{Conn: plain}
	conn := tls.Client(heard, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, c.alerted(handshakeError(ctx, err, config.ServerName, heard.any))
	}
	return conn, nil
}

// hearing notices whether a peer has said anything.
type hearing struct {
	net.Conn
	any bool
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.any = h.any || n > 0
	return n, err
}

// tlsError is why a handshake failed, and what to do about it.
type tlsError struct{ why, fix string }

func (e *tlsError) Error() string { return e.why }
func (*tlsError) worded()         {}

// guessed is what a Nimbus that stops looks like too, so that it may answer later.
type guessed struct{ *tlsError }

func (g guessed) Unwrap() error { return g.tlsError }

// closedInside is the alert of a peer that closed the connection in the handshake: its own
// may be lost then.
const closedInside = "it closed the connection"

var errIdentity = &tlsError{"the client certificate cannot be read",
	"Create or correct the Secret in spec.nimbus.tls.secretRef of the StormCluster: it needs tls.crt and tls.key, in PEM format"}

// notTLS is a peer that does not speak TLS.
const notTLS = "Set spec.nimbus.port of the StormCluster to Nimbus's TLS port (nimbus.thrift.tls.port), or remove spec.nimbus.tls"

// handshakeError words the error of a handshake. One without words of its own is returned
// unchanged: the connection failed.
func handshakeError(ctx context.Context, err error, name string, heard bool) error {
	var own *tlsError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var other x509.HostnameError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &own):
		return own
	case errors.As(err, &authority):
		return &tlsError{"no authority in spec.nimbus.tls.caBundle has signed its certificate", "Set spec.nimbus.tls.caBundle of the StormCluster to the authority of Nimbus's certificate"}
	case errors.As(err, &other):
		return wrongName(other, name)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &tlsError{"its certificate has expired, or is not valid yet", "Renew Nimbus's certificate, and check the clocks"}
	case as[*tls.CertificateVerificationError](err):
		return &tlsError{"its certificate is not valid for a server", "Correct Nimbus's certificate"}
	case as[tls.RecordHeaderError](err):
		return &tlsError{"that port does not speak TLS", notTLS}
	case !is(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE)(err):
		return err
	case heard:
		return &net.OpError{Op: remoteError, Err: errors.New(closedInside)}
	}
	return guessed{&tlsError{closedInside + " in the TLS handshake, as a port without TLS does", notTLS}}
}

func wrongName(err x509.HostnameError, name string) error {
	names := err.Certificate.DNSNames
	for _, ip := range err.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return &tlsError{"its certificate has no name (subjectAltName)", "Add the name of Nimbus to its certificate as a subjectAltName"}
	}
	return &tlsError{fmt.Sprintf("its certificate is for %s, not for %s", shortWord(strings.Join(names, " and ")), shortWord(name)),
		"Set spec.nimbus.tls.serverName of the StormCluster to a name in Nimbus's certificate"}
}

// alerted words the alert with which a peer ended a connection; any other error is
// returned unchanged. With TLS 1.3 it comes at the first answer.
func (c *Client) alerted(err error) error {
	alert := strings.TrimPrefix(alertOf(err), "tls: ")
	if alert == "" {
		return err
	}
	const renew = "Renew the certificate (spec.nimbus.tls.secretRef of the StormCluster, --nimbus-cert-file of the hook server)"
	failed := &tlsError{"it rejects the client certificate (" + alert + ")", renew + ", or add its authority to Nimbus's truststore"}
	switch {
	case c.identity == nil:
		failed = &tlsError{"it ended the TLS handshake (" + alert + "), as it does if it requires a client certificate",
			"Set spec.nimbus.tls.secretRef of the StormCluster, and --nimbus-cert-file and --nimbus-key-file of the hook server"}
	case c.identityExpired():
		failed = &tlsError{"it rejects the client certificate, which has expired", renew}
	}
	if alert == closedInside {
		return guessed{failed}
	}
	return failed
}

// identityExpired is what Java's alert does not tell: it is the same for a certificate that
// has expired and for one of another authority.
func (c *Client) identityExpired() bool {
	certificate, err := c.identity()
	if err != nil || len(certificate.Certificate) == 0 {
		return false
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	return err == nil && time.Now().After(leaf.NotAfter)
}

// message reads one message of the binary protocol, whole. Nimbus's TLS port has no frames.
func (c *conn) message(limit uint32) ([]byte, error) {
	walk := &cursor{arrives: &arriving{from: c, left: int(limit), short: &tooLargeError{limit: limit}, whole: true}}
	if head := uint32(walk.i32()); walk.err == nil && head>>16 != strictVersion>>16 {
		return nil, errNotThrift
	}
	_, _ = walk.string(), walk.i32()
	walk.skip(typeStruct, 0)
	return walk.frame, notThrift(walk.err)
}

// unframed is a connection whose messages have no frames.
func unframed(c net.Conn) net.Conn { return &buffered{c, bufio.NewReader(c)} }

// buffered reads ahead: a message is read in small parts.
type buffered struct {
	net.Conn
	in *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.in.Read(p) }
