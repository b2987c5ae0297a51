package hooks

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	a := authority{cert: template}
	a.cert, a.key, a.pem, _ = a.sign(t, template)
	return a
}

func (a authority) sign(t *testing.T, template *x509.Certificate) (cert *x509.Certificate, key *ecdsa.PrivateKey, certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := a.cert, a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}

// leaf is a certificate for loopback, and its key.
func (a authority) leaf(t *testing.T, serial int64, usage x509.ExtKeyUsage) (certPEM, keyPEM []byte) {
	t.Helper()
	_, _, certPEM, keyPEM = a.sign(t, &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{usage}, KeyUsage: x509.KeyUsageDigitalSignature})
	return certPEM, keyPEM
}

func put(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// behindDoor starts a server behind a door.
func behindDoor(t *testing.T, files DoorFiles) (url string, log *lockedBuffer) {
	t.Helper()
	log = &lockedBuffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	door, err := NewDoor(files, logger)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := NewServer(script(echo), NewMetrics(), logger)
	server.Door, server.lame = door, 0
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() { cancel(); <-done })
	return listener.Addr().String(), log
}

// caller is Metacontroller's side: a CA bundle, a client certificate, a token.
type caller struct {
	ca            []byte
	cert, key     []byte
	authorization string
	most          uint16
}

// call returns the status code, 0 if there was no connection.
func (c caller) call(t *testing.T, method, url string) int {
	t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS10, MaxVersion: c.most}
	config.RootCAs.AppendCertsFromPEM(c.ca)
	if c.cert != nil {
		pair, err := tls.X509KeyPair(c.cert, c.key)
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.authorization != "" {
		request.Header.Set("Authorization", c.authorization)
	}
	response, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

const token = "a-token-that-is-hard-to-guess"

// As Metacontroller 4.17 sends them: authorization, caBundle and clientTLS of a
// webhook (pkg/hooks and docs/src/api/hook.md there).
func TestWhoIsAdmitted(t *testing.T) {
	dir := t.TempDir()
	servers, clients, others := newAuthority(t, "servers"), newAuthority(t, "clients"), newAuthority(t, "others")
	serverCert, serverKey := servers.leaf(t, 2, x509.ExtKeyUsageServerAuth)
	clientCert, clientKey := clients.leaf(t, 3, x509.ExtKeyUsageClientAuth)
	otherCert, otherKey := others.leaf(t, 4, x509.ExtKeyUsageClientAuth)
	wrongUse, wrongUseKey := clients.leaf(t, 5, x509.ExtKeyUsageServerAuth)
	all := DoorFiles{
		Cert: put(t, filepath.Join(dir, "tls.crt"), serverCert), Key: put(t, filepath.Join(dir, "tls.key"), serverKey),
		ClientCA: put(t, filepath.Join(dir, "ca.crt"), clients.pem), Token: put(t, filepath.Join(dir, "token"), []byte(token+"\n")),
	}
	good := caller{ca: servers.pem, cert: clientCert, key: clientKey, authorization: "Bearer " + token}
	with := func(change func(*caller)) caller { c := good; change(&c); return c }
	closed, _ := behindDoor(t, all)
	tlsOnly, _ := behindDoor(t, DoorFiles{Cert: all.Cert, Key: all.Key})
	tokenOnly, _ := behindDoor(t, DoorFiles{Token: all.Token})
	for name, tc := range map[string]struct {
		caller      caller
		method, url string
		want        int
	}{
		"all of it":                      {good, "POST", "https://" + closed + "/topology/sync", 200},
		"the type in small letters":      {with(func(c *caller) { c.authorization = "bearer " + token }), "POST", "https://" + closed + "/cluster/sync", 200},
		"no token":                       {with(func(c *caller) { c.authorization = "" }), "POST", "https://" + closed + "/topology/sync", 401},
		"a wrong token":                  {with(func(c *caller) { c.authorization = "Bearer " + token + "x" }), "POST", "https://" + closed + "/topology/finalize", 401},
		"a wrong type":                   {with(func(c *caller) { c.authorization = "Basic " + token }), "POST", "https://" + closed + "/topology/sync", 401},
		"no client certificate":          {with(func(c *caller) { c.cert = nil }), "POST", "https://" + closed + "/topology/customize", 403},
		"a certificate of another CA":    {with(func(c *caller) { c.cert, c.key = otherCert, otherKey }), "POST", "https://" + closed + "/topology/sync", 403},
		"a server's certificate":         {with(func(c *caller) { c.cert, c.key = wrongUse, wrongUseKey }), "POST", "https://" + closed + "/topology/sync", 0},
		"a server of another CA":         {with(func(c *caller) { c.ca = others.pem }), "POST", "https://" + closed + "/topology/sync", 0},
		"TLS 1.1":                        {with(func(c *caller) { c.most = tls.VersionTLS11 }), "POST", "https://" + closed + "/topology/sync", 0},
		"plain HTTP":                     {good, "POST", "http://" + closed + "/topology/sync", 400},
		"the kubelet's probe":            {caller{ca: servers.pem}, "GET", "https://" + closed + "/readyz", 200},
		"metrics":                        {caller{ca: servers.pem}, "GET", "https://" + closed + "/metrics", 200},
		"TLS only":                       {caller{ca: servers.pem}, "POST", "https://" + tlsOnly + "/topology/sync", 200},
		"a token over plain HTTP":        {caller{authorization: "Bearer " + token}, "POST", "http://" + tokenOnly + "/topology/sync", 200},
		"a token over plain HTTP, wrong": {caller{authorization: "Bearer"}, "POST", "http://" + tokenOnly + "/topology/sync", 401},
	} {
		if got := tc.caller.call(t, tc.method, tc.url); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

func TestRenewed(t *testing.T) {
	dir := t.TempDir()
	first, second := newAuthority(t, "first"), newAuthority(t, "second")
	cert, key := first.leaf(t, 2, x509.ExtKeyUsageServerAuth)
	files := DoorFiles{Cert: put(t, filepath.Join(dir, "c"), cert), Key: put(t, filepath.Join(dir, "k"), key), Token: put(t, filepath.Join(dir, "t"), []byte(token))}
	at, log := behindDoor(t, files)
	before := caller{ca: first.pem, authorization: "Bearer " + token}
	after := caller{ca: second.pem, authorization: "Bearer another-token-that-is-long"}
	url := "https://" + at + "/topology/sync"
	if got := before.call(t, "POST", url); got != 200 {
		t.Fatalf("before: %d", got)
	}
	eventually := func(what string, c caller, want int) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			got := c.call(t, "POST", url)
			if got == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %d, want %d", what, got, want)
			}
		}
	}
	put(t, files.Token, []byte("another-token-that-is-long"))
	eventually("a new token", caller{ca: first.pem, authorization: after.authorization}, 200)
	put(t, files.Key, []byte("half a key"))
	time.Sleep(watchEvery + 100*time.Millisecond)
	eventually("a key that is half written", caller{ca: first.pem, authorization: after.authorization}, 200)
	cert, key = second.leaf(t, 3, x509.ExtKeyUsageServerAuth)
	put(t, files.Cert, cert)
	put(t, files.Key, key)
	eventually("a new certificate", after, 200)
	if said := log.String(); !strings.Contains(said, "keeping the previous value") || strings.Contains(said, "another-token") || strings.Contains(said, token) {
		t.Errorf("the log: %s", said)
	}
}

func TestWrongDoorFiles(t *testing.T) {
	dir := t.TempDir()
	short, junk := put(t, filepath.Join(dir, "short"), []byte("abc")), put(t, filepath.Join(dir, "junk"), []byte("junk"))
	ca := newAuthority(t, "x")
	cert, key := ca.leaf(t, 2, x509.ExtKeyUsageServerAuth)
	certFile, keyFile := put(t, filepath.Join(dir, "c"), cert), put(t, filepath.Join(dir, "k"), key)
	for want, files := range map[string]DoorFiles{
		"Set both, or neither":                  {Cert: certFile},
		"is set without TLS":                    {ClientCA: certFile},
		"and one of less than 16":               {Token: short},
		"reading --token-file: open":            {Token: filepath.Join(dir, "absent")},
		"has no certificate in PEM":             {Cert: certFile, Key: keyFile, ClientCA: junk},
		"reading --tls-cert-file, --tls-key-fi": {Cert: junk, Key: keyFile},
	} {
		if _, err := NewDoor(files, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want the words %q", err, want)
		}
	}
}

// Few large bodies are accepted at once: each takes many times its size once decoded.
func TestLargeBodiesTakeTurns(t *testing.T) {
	b := newBlock()
	server := start(t, script(b.answer))
	large := bytes.Repeat([]byte(" "), largeBody+1)
	codes := make(chan int, maxLarge+3)
	for range maxLarge + 3 {
		go func() {
			response, err := http.Post(server.url+"/topology/sync", "application/json", bytes.NewReader(large))
			if err != nil {
				codes <- 0
				return
			}
			_ = response.Body.Close()
			codes <- response.StatusCode
		}()
	}
	for range 3 {
		if code := <-codes; code != http.StatusTooManyRequests {
			t.Errorf("one too many: %d", code)
		}
	}
	close(b.free)
	for range maxLarge {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("%d", code)
		}
	}
}
