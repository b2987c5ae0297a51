package hooks

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// The server shows its certificate to a Nimbus that requests one, and a renewed one without
// a restart.
func TestTheServersIdentityForNimbus(t *testing.T) {
	ca, dir := newAuthority(t, "nimbus"), t.TempDir()
	certPEM, keyPEM := ca.leaf(t, 2, x509.ExtKeyUsageServerAuth)
	served, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{served}, ClientAuth: tls.RequireAnyClientCert})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	shown := make(chan int64, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if secure := conn.(*tls.Conn); secure.Handshake() == nil {
				shown <- secure.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
			}
			_ = conn.Close()
		}
	}()
	mine, key := ca.leaf(t, 7, x509.ExtKeyUsageClientAuth)
	files := NimbusFiles{Cert: put(t, filepath.Join(dir, "c"), mine), Key: put(t, filepath.Join(dir, "k"), key)}
	options, err := NimbusIdentity(files, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	client := nimbus.New([]string{"127.0.0.1"}, int32(listener.Addr().(*net.TCPAddr).Port),
		append(options, nimbus.AllowLoopback(), nimbus.WithTLS(string(ca.pem), ""), nimbus.WithLimit(20*time.Second))...)
	t.Cleanup(client.Close)
	_, _ = client.Leader(t.Context()) // the fake answers nothing
	if serial := <-shown; serial != 7 {
		t.Fatalf("Nimbus saw certificate %d, want 7", serial)
	}
	mine, key = ca.leaf(t, 8, x509.ExtKeyUsageClientAuth)
	put(t, files.Key, key)
	put(t, files.Cert, mine)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		_, _ = client.Leader(t.Context())
		if <-shown == 8 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the renewed certificate was not shown")
		}
	}
}

func TestFilesOfTheIdentityThatAreWrong(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for name, files := range map[string]NimbusFiles{
		"no key":  {Cert: "c"},
		"no cert": {Key: "k"},
		"missing": {Cert: filepath.Join(t.TempDir(), "c"), Key: filepath.Join(t.TempDir(), "k")},
	} {
		if _, err := NimbusIdentity(files, log); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if options, err := NimbusIdentity(NimbusFiles{}, log); err != nil || options != nil {
		t.Errorf("without files: %v, %v", options, err)
	}
}
