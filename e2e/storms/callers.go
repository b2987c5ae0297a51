package storms

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/nimbustls"
	"github.com/stormhooks/stormhooks/hooks"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// toldWithin is how long a caller may wait until it is told that it cannot call Nimbus.
const toldWithin = 5 * time.Second

// What a caller is told, after where it called.
const (
	otherAuthority = "no authority in spec.nimbus.tls.caBundle has signed its certificate. " +
		"Set spec.nimbus.tls.caBundle of the StormCluster to the authority of Nimbus's certificate."
	otherName = "its certificate is for localhost and 127.0.0.1, not for nimbus.example. " +
		"Set spec.nimbus.tls.serverName of the StormCluster to a name in Nimbus's certificate."
	expired = "its certificate has expired, or is not valid yet. Renew Nimbus's certificate, and check the clocks."
	nothing = "it ended the TLS handshake (%s), as it does if it requires a client certificate. " +
		"Set spec.nimbus.tls.secretRef of the StormCluster, and --nimbus-cert-file and --nimbus-key-file of the hook server."
	rejected = "it rejects the client certificate (unknown certificate). " +
		"Renew the certificate (spec.nimbus.tls.secretRef of the StormCluster, --nimbus-cert-file of the hook server), or add its authority to Nimbus's truststore."
	tooOld = "it rejects the client certificate, which has expired. " +
		"Renew the certificate (spec.nimbus.tls.secretRef of the StormCluster, --nimbus-cert-file of the hook server)."
	unread = "the client certificate cannot be read. " +
		"Create or correct the Secret in spec.nimbus.tls.secretRef of the StormCluster: it needs tls.crt and tls.key, in PEM format."
	speaksTLS = "that port speaks TLS. " +
		"Set spec.nimbus.tls of the StormCluster, or spec.nimbus.port to Nimbus's port without TLS (nimbus.thrift.port)."
	speaksPlain = "it closed the connection in the TLS handshake, as a port without TLS does. " +
		"Set spec.nimbus.port of the StormCluster to Nimbus's TLS port (nimbus.thrift.tls.port), or remove spec.nimbus.tls."
	speaksSASL = "that Nimbus requires SASL (Kerberos or a digest), which is not supported. " +
		"Use a Nimbus whose storm.thrift.transport is SimpleTransportPlugin, and close its port to others."
)

// told calls Nimbus with the limits that Stormhooks has, and compares the answer word for
// word; empty is none.
func (d *daemons) told(ctx context.Context, want string, options ...nimbus.Option) error {
	caller := nimbus.New([]string{local}, int32(d.port), append(options, nimbus.AllowLoopback())...)
	defer caller.Close()
	return d.answers(ctx, caller, want)
}

func (d *daemons) answers(ctx context.Context, caller *nimbus.Client, want string) error {
	began := time.Now()
	_, err := caller.Leader(ctx)
	took, said := time.Since(began), ""
	if err != nil {
		said = nimbus.Message(err)
	}
	if want != "" {
		want = fmt.Sprintf("Storm cannot be reached at %s:%d: %s", local, d.port, want)
	}
	switch {
	case said != want:
		return fmt.Errorf("after %s it said %q, want %q", took, said, want)
	case took > toldWithin:
		return fmt.Errorf("it said so after %s", took)
	}
	return nil
}

// refusals: whoever cannot call Nimbus is told why at once, in the hook server and in the pods.
func (t *trial) refusals(ctx context.Context) error {
	of := t.nimbus.how.tls
	other, err := nimbustls.NewAuthority("another one")
	if err != nil {
		return err
	}
	for name, by := range map[string]*nimbustls.Authority{"late": of.authority, "others": other} {
		valid := time.Hour
		if name == "late" {
			valid = -time.Hour
		}
		if err := of.caller(name, by, valid); err != nil {
			return err
		}
	}
	trust := nimbus.WithTLS(of.authority.PEM(), "")
	alert := "bad certificate"
	if t.nimbus.of.major >= 25 {
		alert = "handshake failure"
	}
	withoutCertificate := fmt.Sprintf(nothing, alert)
	if !t.nimbus.of.requires() {
		withoutCertificate = ""
	}
	for _, c := range []struct {
		caller, want string
		options      []nimbus.Option
	}{
		{"that is right", "", of.options()},
		{"that trusts another authority", otherAuthority, []nimbus.Option{nimbus.WithTLS(other.PEM(), "")}},
		{"that expects another name", otherName, []nimbus.Option{nimbus.WithTLS(of.authority.PEM(), "nimbus.example")}},
		{"without a certificate", withoutCertificate, []nimbus.Option{trust}},
		{"whose certificate is missing", unread, []nimbus.Option{trust, nimbus.WithIdentity(nimbus.IdentityIn(of.folder("nowhere")))}},
		{"with a certificate that has expired", tooOld, []nimbus.Option{trust, nimbus.WithIdentity(nimbus.IdentityIn(of.folder("late")))}},
		{"with a certificate of another authority", rejected, []nimbus.Option{trust, nimbus.WithIdentity(nimbus.IdentityIn(of.folder("others")))}},
		{"without TLS", speaksTLS, nil},
	} {
		if err := t.nimbus.told(ctx, c.want, c.options...); err != nil {
			return fmt.Errorf("a caller %s: %w", c.caller, err)
		}
	}
	return t.podIsTold(ctx, other)
}

// podIsTold: a submitting pod with the authority of another Nimbus ends before main runs.
func (t *trial) podIsTold(ctx context.Context, other *nimbustls.Authority) error {
	right := t.nimbus.how.tls.authority
	t.nimbus.how.tls.authority = other
	defer func() { t.nimbus.how.tls.authority = right }()
	began := time.Now()
	_ = t.submission(ctx, "good")
	took := time.Since(began)
	message, err := os.ReadFile(t.terminationLog())
	if err != nil {
		return err
	}
	var said struct{ Reason, Message string }
	if err := json.Unmarshal(message, &said); err != nil {
		return err
	}
	if said.Reason != v1beta1.ClusterUnreachable || !strings.HasSuffix(said.Message, otherAuthority) || took > toldWithin {
		return fmt.Errorf("after %s the pod said %s", took, message)
	}
	return nil
}

// renewals: a certificate that has expired is renewed, on each side, and no program starts again.
func (t *trial) renewals(ctx context.Context) error {
	of := t.nimbus.how.tls
	if err := of.caller("server", of.authority, -time.Hour); err != nil {
		return err
	}
	folder := of.folder("server")
	identity, err := hooks.NimbusIdentity(hooks.NimbusFiles{Cert: filepath.Join(folder, "tls.crt"), Key: filepath.Join(folder, "tls.key")}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	server := nimbus.New([]string{local}, int32(t.nimbus.port), append(identity, nimbus.AllowLoopback(), nimbus.WithTLS(of.authority.PEM(), ""))...)
	defer server.Close()
	if err := t.nimbus.answers(ctx, server, tooOld); err != nil {
		return fmt.Errorf("the hook server's certificate has expired: %w", err)
	}
	if err := of.caller("server", of.authority, time.Hour); err != nil {
		return err
	}
	if err := until(ctx, func(ctx context.Context) error { return t.nimbus.answers(ctx, server, "") }); err != nil {
		return fmt.Errorf("the hook server's certificate was renewed: %w", err)
	}
	for _, now := range []struct {
		valid time.Duration
		want  string
	}{{-time.Hour, expired}, {time.Hour, ""}} {
		if err := of.serve(now.valid); err != nil {
			return err
		}
		if err := until(ctx, func(ctx context.Context) error { return t.nimbus.told(ctx, now.want, of.options()...) }); err != nil {
			return fmt.Errorf("with a certificate of Nimbus that is valid for %s: %w", now.valid, err)
		}
	}
	return nil
}
