package stories

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/install"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/nimbustls"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// tlsPort is the only port of a Nimbus of storm tls.
const tlsPort = 6628

// secured are the authority of a Nimbus with TLS, and the story's own certificate.
type secured struct {
	authority *nimbustls.Authority
	own       tls.Certificate
}

func (s *secured) client(host string) *nimbus.Client {
	return nimbus.New(strings.Split(host, ","), tlsPort, patient, nimbus.WithTLS(s.authority.PEM(), ""),
		nimbus.WithIdentity(func() (*tls.Certificate, error) { return &s.own, nil }))
}

// storm tls: ca.crt is the authority of Nimbus's certificate, other.crt another one. $OTHER
// is that in quotes, for a YAML file.
func (w *world) tlsStorm(ctx context.Context, ts *testscript.TestScript) {
	namespace := ts.Getenv("NS")
	host := ownNimbus(namespace)
	s, err := newSecured()
	ts.Check(err)
	stores, err := s.stores(host, "nimbus."+namespace+".svc")
	ts.Check(err)
	other, err := nimbustls.NewAuthority("another one")
	ts.Check(err)
	for name, text := range map[string]string{"ca.crt": s.authority.PEM(), "other.crt": other.PEM()} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
	quoted, err := json.Marshal(other.PEM())
	ts.Check(err)
	ts.Setenv("OTHER", string(quoted))
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	_, err = k.With(ctx, stores, "apply", "-f", "-")
	ts.Check(err)
	ts.Check(w.applyDaemons(ctx, k, namespace, tlsPatches()))
	ts.Check(install.StormReady(ctx, k, namespace))
	ts.Setenv("NIMBUS", host)
	w.secured.Store(host, s)
}

func newSecured() (*secured, error) {
	authority, err := nimbustls.NewAuthority("stories")
	if err != nil {
		return nil, err
	}
	pair, err := authority.Sign("stories", time.Hour)
	if err != nil {
		return nil, err
	}
	own, err := tls.X509KeyPair([]byte(pair.CertificatePEM()), []byte(pair.KeyPEM()))
	return &secured{authority, own}, err
}

// stores is the Secret that Storm's daemons mount.
func (s *secured) stores(hosts ...string) (string, error) {
	pair, err := s.authority.Sign("nimbus", 24*time.Hour, hosts...)
	if err != nil {
		return "", err
	}
	own, err := pair.KeyStore()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: nimbus-stores}\ndata:\n  %s: %s\n  %s: %s\n",
		nimbustls.KeyStoreFile, base64.StdEncoding.EncodeToString(own),
		nimbustls.TrustStoreFile, base64.StdEncoding.EncodeToString(s.authority.TrustStore())), nil
}

// tlsPatches make Nimbus have the TLS port only, and the supervisor and its workers use it.
func tlsPatches() []kube.Patch {
	const stores = `[
  {"op": "add", "path": "/spec/template/spec/volumes/-", "value": {"name": "stores", "secret": {"secretName": "nimbus-stores"}}},
  {"op": "add", "path": "/spec/template/spec/containers/0/volumeMounts/-", "value": {"name": "stores", "mountPath": "/tls"}}
]`
	all := nimbustls.Settings("/tls", tlsPort)
	var settings []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		settings = append(settings, fmt.Sprintf("%s=%v", key, all[key]))
	}
	probe := fmt.Sprintf(`[{"op": "replace", "path": "/spec/template/spec/containers/0/readinessProbe/tcpSocket/port", "value": %d}]`, tlsPort)
	return []kube.Patch{
		replicas("nimbus", 1), replicas("supervisor", 1),
		{Target: daemon("nimbus"), Patch: stores}, {Target: daemon("supervisor"), Patch: stores},
		told("supervisor", settings),
		// The TLS port of Storm 2.8.1 fails at each call.
		told("nimbus", append(settings, "nimbus.thrift.tls.transport="+nimbustls.StrictTransport)),
		{Target: daemon("nimbus"), Patch: extlibPatch("stories/strict-tls:1")},
		{Target: daemon("nimbus"), Patch: probe},
	}
}

// certificate NAME VALID
func (w *world) certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate NAME VALID")
	}
	valid, err := time.ParseDuration(args[1])
	ts.Check(err)
	of, is := w.secured.Load(ts.Getenv("NIMBUS"))
	if !is {
		ts.Fatalf("certificate comes after storm tls")
	}
	pair, err := of.(*secured).authority.Sign("stormhooks "+args[0], valid)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), []byte(pair.CertificatePEM()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".key"), []byte(pair.KeyPEM()), 0o600))
}

// identity NAME, identity renew NAME
func (w *world) identity(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 || len(args) == 2 && args[0] != "renew" {
		ts.Fatalf("usage: identity NAME, identity renew NAME")
	}
	name := args[len(args)-1]
	secret := fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: stormhooks-nimbus, namespace: %s}\ntype: kubernetes.io/tls\nstringData: {tls.crt: %q, tls.key: %q}\n",
		doorSpace, ts.ReadFile(name+".crt"), ts.ReadFile(name+".key"))
	change := func(ctx context.Context, k kube.Kubectl) error {
		_, err := k.With(ctx, secret, "apply", "-f", "-")
		return err
	}
	if args[0] == "renew" {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		ts.Check(change(ctx, kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}))
		return
	}
	w.installed(ts, func(ctx context.Context, k kube.Kubectl, image string) error {
		if err := change(ctx, k); err != nil {
			return err
		}
		return install.StormhooksWithIdentity(ctx, k, w.checkout, image)
	}, "stormhooks-nimbus")
}
