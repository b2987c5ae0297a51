package nimbus

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// startPeer serves each connection with a function, and closes it then.
func startPeer(t *testing.T, serve func(net.Conn)) (host string, port int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			}()
		}
	}()
	return "127.0.0.1", int32(listener.Addr().(*net.TCPAddr).Port)
}

// saslPeer reads a status and accepts only that of a start, which names no mechanism here.
// libthrift's server closes without a byte, or says why first.
func saslPeer(says bool) func(net.Conn) {
	return func(conn net.Conn) {
		head := make([]byte, 5)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		if says || head[0] == 1 {
			_, _ = conn.Write(append([]byte{3, 0, 0, 0, 3}, "no!"...))
		}
	}
}

// A peer that can never answer a call in this protocol is named, with what to do about it.
func TestOtherProtocolsAreNamed(t *testing.T) {
	const (
		tlsWords  = "that port speaks TLS. Set spec.nimbus.tls of the StormCluster, or spec.nimbus.port"
		saslWords = "that Nimbus requires SASL (Kerberos or a digest), which is not supported. Use a Nimbus whose storm.thrift.transport"
		away      = "it closed the connection. Check that Nimbus is running"
	)
	limit := WithLimit(20 * time.Second) // no peer here is waited for
	served := newAuthority(t).identity(t, "nimbus", time.Hour)
	for _, test := range []struct {
		reason string
		serve  func(net.Conn)
		want   string
	}{
		{"Java's TLS answers with an alert", func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 5))
			_, _ = c.Write([]byte{0x15, 3, 3, 0, 2, 2, 10})
		}, tlsWords},
		{"other TLS servers close", func(c net.Conn) {
			_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{served}}).Handshake()
		}, tlsWords},
		{"a SASL server that closes without a byte", saslPeer(false), saslWords},
		{"a SASL server that says why", saslPeer(true), saslWords},
		{"a Nimbus that is stopping", func(c net.Conn) { _, _ = io.ReadFull(c, make([]byte, 5)) }, away},
		{"a Nimbus that is gone at once", func(net.Conn) {}, away},
	} {
		host, port := startPeer(t, test.serve)
		leader := startFake(t)
		leader.leads(&fakeNimbus{host: host, port: port})
		for name, c := range map[string]*Client{
			"a seed":   New([]string{host}, port, AllowLoopback(), limit),
			"a leader": New([]string{leader.host}, leader.port, AllowLoopback(), limit),
		} {
			_, err := c.Leader(context.Background())
			if said := Message(err); !strings.Contains(said, test.want) {
				t.Errorf("%s, %s: %s\nwant: %s", test.reason, name, said, test.want)
			}
			for _, fault := range testkit.Form(Message(err), true) {
				t.Errorf("%s: %s: %v", test.reason, fault, err)
			}
		}
	}
}

// A leader calls itself by a name that only its own namespace resolves, and is found there
// under its full name. The answer of a seed in another namespace has the same name.
func TestAShortNameOfTheLeaderIsCompleted(t *testing.T) {
	for _, test := range []struct {
		reason string
		seeds  []string
		leader string
		known  []string
		want   string
	}{
		{"the seed is the leader", []string{"nimbus.storm.svc"}, "nimbus", []string{"nimbus.storm.svc"}, ""},
		{"the other one of a pair", []string{"a.storm.svc", "b.storm.svc"}, "b", []string{"a.storm.svc", "b.storm.svc"}, ""},
		{"a pod of a headless Service", []string{"nimbus.storm.svc"}, "nimbus-0", []string{"nimbus.storm.svc", "nimbus-0.nimbus.storm.svc"}, ""},
		{"another pod of it", []string{"nimbus-0.nimbus.storm.svc"}, "nimbus-1", []string{"nimbus-0.nimbus.storm.svc", "nimbus-1.nimbus.storm.svc"}, ""},
		{"the client's own names", []string{"10.0.0.7"}, "host", []string{"10.0.0.7", "host"}, ""},
		{"a pod that no Service names", []string{"nimbus.storm.svc"}, "nimbus-7d9f", []string{"nimbus.storm.svc"},
			"no such host (only pods of Nimbus's namespace can resolve that name: Nimbus's storm.local.hostname should be a full one, like NAME.NAMESPACE.svc)"},
		{"a full name that leads nowhere", []string{"nimbus.storm.svc"}, "nimbus.other", []string{"nimbus.storm.svc"},
			"no such host (Nimbus's storm.local.hostname must be a name or address that pods can reach)"},
	} {
		fake := startFake(t)
		fake.does("getTopologySummaries", noTopologies)
		fake.leads(&fakeNimbus{host: test.leader, port: fake.port})
		c := New(test.seeds, fake.port)
		t.Cleanup(c.Close)
		c.dial = func(ctx context.Context, at string) (net.Conn, error) {
			if host := hostOf(at); !slices.Contains(test.known, host) {
				return nil, &net.DNSError{Name: host, IsNotFound: true}
			}
			return guarded(true)(ctx, join(fake.host, fake.port))
		}
		for range 2 { // the second time on what was remembered
			_, err := c.List(context.Background())
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v\nwant: %s", test.reason, err, test.want)
			}
			c.mu.Lock()
			c.dropIdle()
			c.mu.Unlock()
		}
	}
}

// A list has no room for a status of SASL: its length may look like one.
func TestALengthIsNoStatus(t *testing.T) {
	for _, test := range []struct {
		head  [4]byte
		limit uint32
		want  error
	}{
		{[4]byte{0, 0, 0, 21}, maxWord, nil},
		{[4]byte{1, 0, 0, 0}, maxWord, errSASL},
		{[4]byte{1, 0, 0, 0}, maxFrame, nil},
		{[4]byte{0x15, 3, 1, 0}, maxFrame, errTLS},
		{[4]byte{0x15, 4, 1, 0}, maxFrame, nil},
		{[4]byte{'H', 'T', 'T', 'P'}, maxList, errNotThrift},
	} {
		if got := spoken(test.head, test.limit); got != test.want {
			t.Errorf("%v of at most %d bytes: %v, want %v", test.head, test.limit, got, test.want)
		}
	}
}
