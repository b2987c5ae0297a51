package nimbustls

import (
	"bytes"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/pages"
)

// The settings that docs/install.md shows are those that the tests run.
func TestThePageHasTheSettings(t *testing.T) {
	blocks, err := pages.Read("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		if !strings.HasSuffix(block.Mark, " TestThePageHasTheSettings") {
			continue
		}
		var shown map[string]any
		if err := yaml.Unmarshal([]byte(block.Text), &shown); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(texts(Settings("/tls", 6628)), texts(shown)); diff != "" {
			t.Errorf("the tests (-) and the page (+) differ:\n%s", diff)
		}
		return
	}
	t.Error("docs/install.md shows no settings")
}

// texts are the settings, whatever the types of their numbers.
func texts(settings map[string]any) map[string]string {
	same := map[string]string{}
	for key, value := range settings {
		same[key] = fmt.Sprint(value)
	}
	return same
}

// A pair is one that Go accepts, and that its authority has signed for its names.
func TestPairs(t *testing.T) {
	ca, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca.PEM())) {
		t.Fatal("the authority is not in PEM format")
	}
	for valid, want := range map[time.Duration]bool{time.Hour: true, -time.Hour: false} {
		pair, err := ca.Sign("nimbus", valid, "nimbus.storm.svc", "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		read, err := tls.X509KeyPair([]byte(pair.CertificatePEM()), []byte(pair.KeyPEM()))
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"nimbus.storm.svc", "127.0.0.1"} {
			if _, err := read.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); (err == nil) != want {
				t.Errorf("valid %s, for %s: %v", valid, host, err)
			}
		}
	}
}

// A key store has the key, hidden, and the digest that Java checks. make storms-tls reads
// it with Java.
func TestKeyStores(t *testing.T) {
	ca, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Sign("nimbus", time.Hour, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	own, err := pair.KeyStore()
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range [][]byte{own, ca.TrustStore()} {
		content, digest := store[:len(store)-sha1.Size], store[len(store)-sha1.Size:]
		if want := sha1.Sum(append(append(password(), whitener...), content...)); !bytes.Equal(digest, want[:]) {
			t.Error("the digest is another one")
		}
		if bytes.Contains(store, pair.key) {
			t.Error("the key is not hidden")
		}
	}
	salt := bytes.Repeat([]byte{7}, sha1.Size)
	if !bytes.Equal(hide(hide(pair.key, salt), salt), pair.key) {
		t.Error("what was hidden is not shown again")
	}
}
