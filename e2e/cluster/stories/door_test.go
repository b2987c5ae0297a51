package stories

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/install"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

const (
	doorName  = "stormhooks.stormhooks-system.svc"
	doorSpace = "stormhooks-system"
)

// installing is held by the story that changes what is installed for all.
var installing sync.Mutex

// door is what the closed door of the hook server requires.
type door struct {
	ca, crt, key, callerCrt, callerKey []byte
	token                              string
}

// door close, door knock
func (w *world) door(ts *testscript.TestScript, neg bool, args []string) {
	file := ts.MkAbs(".door")
	switch {
	case neg || len(args) != 1:
		ts.Fatalf("usage: door close|knock")
	case args[0] == "close":
		d, err := newDoor()
		ts.Check(err)
		w.close(ts, d)
		ts.Setenv("TOKEN", d.token)
		w.doors.Store(file, d)
	case args[0] == "knock":
		d, closed := w.doors.Load(file)
		if !closed {
			ts.Fatalf("knock comes after close")
		}
		fmt.Fprint(ts.Stdout(), d.(*door).knock())
	}
}

// close applies overlays/tls with a client certificate on top, and the install as
// it was when the story ends.
func (w *world) close(ts *testscript.TestScript, d *door) {
	w.installed(ts, func(ctx context.Context, k kube.Kubectl, image string) error {
		if _, err := k.With(ctx, d.secrets(), "apply", "-f", "-"); err != nil {
			return err
		}
		return install.StormhooksBehindTLS(ctx, k, w.checkout, image, []kube.Patch{
			{Target: map[string]string{"kind": "Deployment", "name": "stormhooks"}, Patch: clientCAPatch},
			{Target: map[string]string{"kind": "CompositeController"}, Patch: clientTLSPatch},
		})
	}, "stormhooks-tls", "stormhooks-token", "stormhooks-caller")
}

// installed changes what is installed for all. When the story ends it is as it was, and
// the Secrets are gone.
func (w *world) installed(ts *testscript.TestScript, change func(context.Context, kube.Kubectl, string) error, secrets ...string) {
	installing.Lock()
	ts.Defer(installing.Unlock)
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	image := ask(ts, "get", "deployment", "stormhooks", "-n", doorSpace, "-o", "jsonpath={.spec.template.spec.containers[0].image}")
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		err := install.Stormhooks(ctx, k, w.checkout, image)
		if err == nil {
			err = install.StormhooksReady(ctx, k)
		}
		if _, gone := k.Run(ctx, append([]string{"delete", "secret", "-n", doorSpace, "--ignore-not-found"}, secrets...)...); err == nil {
			err = gone
		}
		if err != nil {
			ts.Logf("the install stays changed for all: %v. Restore it: make cluster-up", err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	ts.Check(change(ctx, k, image))
	ts.Check(install.StormhooksReady(ctx, k))
}

const (
	clientCAPatch  = `[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--client-ca-file=/etc/stormhooks/tls/ca.crt"}]`
	clientTLSPatch = `[{"op": "add", "path": "/spec/endpointConfigs/0/clientTLS", "value": {"secretRef": {"name": "stormhooks-caller", "namespace": "stormhooks-system"}}}]`
)

func newDoor() (*door, error) {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	d := &door{token: hex.EncodeToString(random)}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stories"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caKey, err := signed(ca, nil, nil, &d.ca, new([]byte))
	if err != nil {
		return nil, err
	}
	server := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: doorName}, DNSNames: []string{doorName}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if _, err := signed(server, ca, caKey, &d.crt, &d.key); err != nil {
		return nil, err
	}
	caller := &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "metacontroller"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	_, err = signed(caller, ca, caKey, &d.callerCrt, &d.callerKey)
	return d, err
}

// signed makes a key, and its certificate in PEM; without an issuer it is its own.
func signed(template, issuer *x509.Certificate, by *ecdsa.PrivateKey, crt, keyText *[]byte) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if issuer == nil {
		issuer, by = template, key
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, by)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	*crt = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	*keyText = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return key, err
}

func (d *door) secrets() string {
	var text strings.Builder
	for name, data := range map[string]map[string]string{
		"stormhooks-tls":    {"tls.crt": string(d.crt), "tls.key": string(d.key), "ca.crt": string(d.ca)},
		"stormhooks-token":  {"token": d.token},
		"stormhooks-caller": {"tls.crt": string(d.callerCrt), "tls.key": string(d.callerKey)},
	} {
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: %s}\nstringData:\n", name, doorSpace)
		for key, value := range data {
			fmt.Fprintf(&text, "  %s: %q\n", key, value)
		}
	}
	return text.String()
}

// knock calls a hook with and without what is required, a line for each.
func (d *door) knock() string {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(d.ca)
	own, err := tls.X509KeyPair(d.callerCrt, d.callerKey)
	if err != nil {
		return err.Error()
	}
	var said strings.Builder
	for _, visitor := range []struct {
		who, scheme, token string
		certs              []tls.Certificate
	}{
		{"plain HTTP", "http", d.token, nil},
		{"nothing shown", "https", "", nil},
		{"token only", "https", d.token, nil},
		{"certificate only", "https", "", []tls.Certificate{own}},
		{"certificate and a wrong token", "https", d.token + "0", []tls.Certificate{own}},
		{"certificate and token", "https", d.token, []tls.Certificate{own}},
	} {
		client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: visitor.certs},
		}}
		fmt.Fprintf(&said, "%s: %s\n", visitor.who, call(client, visitor.scheme, visitor.token))
	}
	return said.String()
}

// call posts a body that is not a hook request: a caller that is let in is told so.
func call(client *http.Client, scheme, token string) string {
	request, err := http.NewRequest(http.MethodPost, scheme+"://"+doorName+"/topology/sync", bytes.NewReader([]byte("{}")))
	if err != nil {
		return err.Error()
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := client.Do(request)
	if err != nil {
		return "no answer"
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
	return fmt.Sprintf("%d %s", answer.StatusCode, strings.TrimSpace(string(body)))
}
