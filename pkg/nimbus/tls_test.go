package nimbus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// secureFake is a Nimbus with a TLS port only: field 2 of its summary is the plain port all
// the same, as server.only has it.
type secureFake struct {
	*fakeNimbus
	at   int32
	cert atomic.Pointer[tls.Certificate]
	// shown is the name in the client certificate of the last connection.
	shown atomic.Pointer[string]
}

func startSecure(t *testing.T, config *tls.Config, served tls.Certificate) *secureFake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	fake := &fakeNimbus{host: "127.0.0.1", port: 1, up: 100, began: time.Now(), on: map[string]answerer{}}
	fake.leader = fake
	secure := &secureFake{fakeNimbus: fake, at: int32(listener.Addr().(*net.TCPAddr).Port)}
	fake.tlsPort = secure.at
	secure.cert.Store(&served)
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return secure.cert.Load(), nil }
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go secure.serve(tls.Server(conn, config))
		}
	}()
	return secure
}

// serve answers binary messages without frames.
func (s *secureFake) serve(c *tls.Conn) {
	defer func() { _ = c.Close() }()
	if c.Handshake() != nil {
		_, _ = io.Copy(io.Discard, c.NetConn()) // so that the alert arrives
		return
	}
	if peers := c.ConnectionState().PeerCertificates; len(peers) > 0 {
		s.shown.Store(&peers[0].Subject.CommonName)
	}
	in := &conn{Conn: unframed(c), unframed: true}
	for {
		body, err := in.message(maxFrame)
		if err != nil {
			return
		}
		args := &cursor{frame: body}
		method, seq := args.message()
		answer := s.answer(args, method, seq)
		if answer == nil {
			return
		}
		if _, err := c.Write(answer[4:]); err != nil {
			return
		}
	}
}

func (s *secureFake) client(t *testing.T, options ...Option) *Client {
	t.Helper()
	c := New([]string{s.host}, s.at, append([]Option{AllowLoopback(), WithLimit(20 * time.Second)}, options...)...)
	t.Cleanup(c.Close)
	return c
}

// All kinds of calls pass over TLS, to the TLS port that the leader names.
func TestCallsOverTLS(t *testing.T) {
	ca := newAuthority(t)
	for name, version := range map[string]uint16{"TLS 1.2, as Storm has it": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			nimbus := startSecure(t, &tls.Config{MinVersion: version, MaxVersion: version}, ca.identity(t, "127.0.0.1", time.Hour))
			c := nimbus.client(t, WithTLS(ca.bundle, ""))
			for method, answer := range map[string]answerer{
				"killTopologyWithOpts": throws(1, "x is not alive"), "activate": void, "beginFileUpload": textAnswer("/inbox/x.jar"), "finishFileUpload": void, "uploadChunk": void,
				"getTopologySummaries": func(_ *cursor, method string, seq int32) []byte {
					return reply(method, seq, func(w *writer) { topologies(w, 10_000) })
				},
			} {
				nimbus.does(method, answer)
			}
			ctx := t.Context()
			leader, err := c.Leader(ctx)
			if err != nil || leader.At() != join(nimbus.host, nimbus.at) {
				t.Fatalf("leader %s, %v; want the TLS port %d", leader.At(), err, nimbus.at)
			}
			if list, err := c.List(ctx); err != nil || len(list) != 10_000 {
				t.Errorf("%d topologies, %v", len(list), err)
			}
			if err := c.Kill(ctx, "x", nil); !as[*NotAliveError](err) {
				t.Errorf("kill: %v", err)
			}
			if err := c.Activate(ctx, "x"); err != nil {
				t.Errorf("activate: %v", err)
			}
			if _, err := c.Upload(ctx, strings.NewReader(strings.Repeat("jar", 1<<20))); err != nil {
				t.Errorf("upload: %v", err)
			}
			if self, err := c.Self(ctx); err != nil || self.Identity == "" {
				t.Errorf("%+v, %v", self, err)
			}
		})
	}
}

// An answer without a frame has the same limits as one with a frame.
func TestLimitsOverTLS(t *testing.T) {
	ca := newAuthority(t)
	nimbus := startSecure(t, &tls.Config{}, ca.identity(t, "127.0.0.1", time.Hour))
	c := nimbus.client(t, WithTLS(ca.bundle, ""))
	for name, test := range map[string]struct {
		write func(*writer)
		want  string
	}{
		"a list that is too long": {func(w *writer) { topologies(w, 1_000_000) }, "more than the 2 MiB"},
		"a text of a gigabyte":    {func(w *writer) { w.field(typeString, 0).i32(1 << 30) }, "more than the 32 MiB"},
		"a length below zero":     {func(w *writer) { w.field(typeString, 0).i32(-1) }, string(errNotThrift)},
		"lists in lists":          {func(w *writer) { w.field(typeList, 0).raw([]byte(strings.Repeat("\x0f\x00\x00\x00\x01", 10_000))) }, string(errNotThrift)},
		"a type of its own":       {func(w *writer) { w.field(99, 0) }, string(errNotThrift)},
	} {
		nimbus.does("getTopologySummaries", func(_ *cursor, method string, seq int32) []byte { return reply(method, seq, test.write) })
		if _, err := c.List(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want the text %q", name, err, test.want)
		}
	}
	nimbus.does("getTopologySummaries", func(*cursor, string, int32) []byte { return []byte("....HTTP/1.1 400 Bad Request\r\n\r\n") })
	if _, err := c.List(t.Context()); err == nil || !strings.Contains(err.Error(), string(errNotThrift)) {
		t.Errorf("another protocol in TLS: %v", err)
	}
}

// Each handshake that fails is one sentence, with what to do.
func TestHandshakesThatFail(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	good, mine := ca.identity(t, "127.0.0.1", time.Hour), ca.identity(t, "stormhooks", time.Hour)
	theirs, late := other.identity(t, "stormhooks", time.Hour), ca.identity(t, "stormhooks", -time.Hour)
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	required := func(version uint16) *tls.Config {
		return &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MaxVersion: version}
	}
	shows := func(c *tls.Certificate, err error) Option {
		return WithIdentity(func() (*tls.Certificate, error) { return c, err })
	}
	trusted := WithTLS(ca.bundle, "")
	for reason, test := range map[string]struct {
		config  *tls.Config
		served  tls.Certificate
		options []Option
		want    string
	}{
		"another authority": {&tls.Config{}, good, []Option{WithTLS(other.bundle, "")},
			"no authority in spec.nimbus.tls.caBundle has signed its certificate. Set spec.nimbus.tls.caBundle"},
		"expired": {&tls.Config{}, ca.identity(t, "127.0.0.1", -time.Minute), []Option{trusted},
			"its certificate has expired, or is not valid yet. Renew Nimbus's certificate"},
		"another name": {&tls.Config{}, ca.identity(t, "nimbus.storm.svc", time.Hour), []Option{trusted},
			"its certificate is for nimbus.storm.svc, not for 127.0.0.1. Set spec.nimbus.tls.serverName"},
		"no client certificate, TLS 1.2": {required(tls.VersionTLS12), good, []Option{trusted},
			"as it does if it requires a client certificate. Set spec.nimbus.tls.secretRef of the StormCluster, and --nimbus-cert-file"},
		"no client certificate, TLS 1.3": {required(tls.VersionTLS13), good, []Option{trusted},
			"as it does if it requires a client certificate. Set spec.nimbus.tls.secretRef of the StormCluster, and --nimbus-cert-file"},
		"a client certificate of another authority": {required(tls.VersionTLS12), good, []Option{trusted, shows(&theirs, nil)},
			"it rejects the client certificate ("},
		"a client certificate that has expired": {required(tls.VersionTLS13), good, []Option{trusted, shows(&late, nil)},
			"it rejects the client certificate, which has expired. Renew the certificate (spec.nimbus.tls.secretRef of the StormCluster, --nimbus-cert-file of the hook server)."},
		"the same, TLS 1.2": {required(tls.VersionTLS12), good, []Option{trusted, shows(&late, nil)},
			"it rejects the client certificate, which has expired. Renew"},
		"a client certificate that cannot be read": {required(tls.VersionTLS12), good, []Option{trusted, shows(nil, errors.New("canary"))},
			"the client certificate cannot be read. Create or correct the Secret in spec.nimbus.tls.secretRef of the StormCluster: it needs tls.crt and tls.key, in PEM format."},
		"a caBundle without a certificate": {&tls.Config{}, good, []Option{WithTLS("junk", "")},
			"spec.nimbus.tls.caBundle has no certificate in PEM format. Set it"},
		"well":                      {required(tls.VersionTLS12), good, []Option{trusted, shows(&mine, nil)}, ""},
		"well, by another name":     {&tls.Config{}, ca.identity(t, "nimbus.storm.svc", time.Hour), []Option{WithTLS(ca.bundle, "nimbus.storm.svc")}, ""},
		"well, and nothing is said": {&tls.Config{}, good, []Option{trusted}, ""},
	} {
		_, err := startSecure(t, test.config, test.served).client(t, test.options...).Leader(t.Context())
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(Message(err), test.want) {
			t.Errorf("%s: %v\nwant: %s", reason, err, test.want)
		}
		if err != nil {
			for _, fault := range testkit.Form(Message(err), true) {
				t.Errorf("%s: %s: %v", reason, fault, err)
			}
		}
	}
}

// A port without TLS is named, and not waited for.
func TestTLSAtAPortWithoutIt(t *testing.T) {
	ca, fake := newAuthority(t), startFake(t)
	c := New([]string{fake.host}, fake.port, AllowLoopback(), WithLimit(20*time.Second), WithTLS(ca.bundle, ""))
	_, err := c.Leader(t.Context())
	const want = "it closed the connection in the TLS handshake, as a port without TLS does. Set spec.nimbus.port of the StormCluster to Nimbus's TLS port (nimbus.thrift.tls.port), or remove spec.nimbus.tls."
	if !strings.HasSuffix(Message(err), want) {
		t.Errorf("%s\nwant: %s", Message(err), want)
	}
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || unreachable.Lasting {
		t.Errorf("a Nimbus that stops closes connections too: it is waited for: %+v", err)
	}
	plainLeader := startSecure(t, &tls.Config{}, ca.identity(t, "127.0.0.1", time.Hour))
	plainLeader.tlsPort = 0
	_, err = plainLeader.client(t, WithTLS(ca.bundle, "")).Leader(t.Context())
	if !errors.As(err, &unreachable) || !unreachable.Lasting || !strings.Contains(err.Error(), string(errNoTLSPort)) {
		t.Errorf("a leader without a TLS port: %+v", err)
	}
}

// The rules for addresses hold over TLS too.
func TestTLSIsNeverDialledOnLoopback(t *testing.T) {
	ca := newAuthority(t)
	nimbus := startSecure(t, &tls.Config{}, ca.identity(t, "127.0.0.1", time.Hour))
	_, err := New([]string{"127.0.0.1"}, nimbus.at, WithTLS(ca.bundle, "")).Leader(t.Context())
	if err == nil || !strings.Contains(err.Error(), "a loopback address") {
		t.Errorf("%v", err)
	}
	nimbus.leads(&fakeNimbus{host: "169.254.169.254", port: 80, tlsPort: 443})
	if _, err := nimbus.client(t, WithTLS(ca.bundle, "")).Leader(t.Context()); err == nil || !strings.Contains(err.Error(), "a link-local address") {
		t.Errorf("a leader: %v", err)
	}
}

// Renewed certificates of both sides are used by the next connection.
func TestRenewedCertificates(t *testing.T) {
	ca := newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	nimbus := startSecure(t, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MaxVersion: tls.VersionTLS12}, ca.identity(t, "127.0.0.1", time.Hour))
	mine := ca.identity(t, "first", time.Hour)
	c := nimbus.client(t, WithTLS(ca.bundle, ""), WithIdentity(func() (*tls.Certificate, error) { return &mine, nil }))
	for _, name := range []string{"first", "second"} {
		mine = ca.identity(t, name, time.Hour)
		renewed := ca.identity(t, "127.0.0.1", time.Hour)
		nimbus.cert.Store(&renewed)
		c.mu.Lock()
		c.dropIdle()
		c.mu.Unlock()
		if _, err := c.Self(t.Context()); err != nil {
			t.Fatal(err)
		}
		if shown := *nimbus.shown.Load(); shown != name {
			t.Errorf("Nimbus saw the certificate of %s, want %s", shown, name)
		}
	}
}
