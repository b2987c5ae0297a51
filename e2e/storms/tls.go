package storms

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/stormhooks/stormhooks/e2e/nimbustls"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// hostsFile resolves the machine's name to loopback: Nimbus's TLS port listens on its
// address only (TlsTransportPlugin.java getServer, v2.7.1).
const hostsFile = "hosts"

// secured are the certificates of a Nimbus with TLS and of its callers, in a folder.
type secured struct {
	authority *nimbustls.Authority
	dir, host string
}

func newSecured() (*secured, error) {
	authority, err := nimbustls.NewAuthority("storms")
	return &secured{authority: authority}, err
}

// write fills the folder of a Nimbus that has an address.
func (s *secured) write(dir, host string) error {
	s.dir, s.host = dir, host
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, hostsFile), []byte(host+" localhost "+name+"\n"), 0o644),
		os.WriteFile(filepath.Join(dir, nimbustls.TrustStoreFile), s.authority.TrustStore(), 0o644),
		s.serve(time.Hour), s.caller("pods", s.authority, time.Hour))
}

// serve gives Nimbus a certificate that is valid so long. The file is overwritten: Storm
// notices that, and not another file in its place (FileWatcher.java, v2.7.1).
func (s *secured) serve(valid time.Duration) error {
	pair, err := s.authority.Sign("nimbus", valid, s.host, "localhost")
	if err != nil {
		return err
	}
	store, err := pair.KeyStore()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, nimbustls.KeyStoreFile), store, 0o644)
}

// caller writes a client certificate to a folder, as a Secret is mounted.
func (s *secured) caller(name string, by *nimbustls.Authority, valid time.Duration) error {
	pair, err := by.Sign("stormhooks "+name, valid)
	if err != nil {
		return err
	}
	return errors.Join(
		os.MkdirAll(s.folder(name), 0o755),
		os.WriteFile(filepath.Join(s.folder(name), "tls.key"), []byte(pair.KeyPEM()), 0o600),
		os.WriteFile(filepath.Join(s.folder(name), "tls.crt"), []byte(pair.CertificatePEM()), 0o644))
}

func (s *secured) folder(caller string) string { return filepath.Join(s.dir, caller) }

// forPods is what a submitting pod is told; nil without TLS.
func (s *secured) forPods() *storm.TLS {
	if s == nil {
		return nil
	}
	return &storm.TLS{CABundle: s.authority.PEM(), Identity: s.folder("pods")}
}

// options make a client trust Nimbus and show the certificate of the pods; none without TLS.
func (s *secured) options() []nimbus.Option {
	if s == nil {
		return nil
	}
	return []nimbus.Option{nimbus.WithTLS(s.authority.PEM(), ""), nimbus.WithIdentity(nimbus.IdentityIn(s.folder("pods")))}
}

// withTLS is a Nimbus with TLS only. Where Storm's own transport fails, it gets the strict
// one, compiled into dir.
func withTLS(ctx context.Context, h home, dir string) (setup, error) {
	tls, err := newSecured()
	if err != nil || h.ownTLS() {
		return setup{tls: tls}, err
	}
	file := filepath.Join(dir, "StrictTls.java")
	if err := os.WriteFile(file, nimbustls.StrictSource, 0o644); err != nil {
		return setup{}, err
	}
	compiler := exec.CommandContext(ctx, h.compiler(), "-J-XX:TieredStopAtLevel=1", "-Xlint:-options", "--release", "8", "-cp", h.classPath(), "-d", dir, file)
	if said, err := compiler.CombinedOutput(); err != nil {
		return setup{}, fmt.Errorf("javac against Storm %s: %w: %s", h.version, err, said)
	}
	return setup{tls: tls, classes: dir, settings: map[string]any{"nimbus.thrift.tls.transport": nimbustls.StrictTransport}}, nil
}

// ownTLS says whether calls to the TLS port of a Storm succeed: up to 2.8.6 it uses a method
// that Java 15 removed (STORM, TlsTransportPlugin.java; fixed in 2.8.7).
func (h home) ownTLS() bool { return h.major < 15 || compare(h.version, "2.8.7") >= 0 }

// requires says whether Nimbus rejects a client without a certificate. Up to 2.8.6 Storm's
// own transport only requests one (ReloadableTsslTransportFactory.java).
func (h home) requires() bool { return !h.ownTLS() || compare(h.version, "2.8.7") >= 0 }
