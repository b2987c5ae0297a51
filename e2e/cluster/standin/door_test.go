package standin

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// An object as the API server gives it back, with the CRD's defaults.
func TestEndpointConfigsAreRead(t *testing.T) {
	hook := map[string]any{"version": "v2", "webhook": map[string]any{"url": "https://h/sync"}}
	object := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "c"}, "spec": map[string]any{
		"generateSelector": true,
		"parentResource":   map[string]any{"apiVersion": "a/v1", "resource": "b"},
		"endpointConfigs": []any{map[string]any{"host": "h", "clientTLS": map[string]any{
			"certKey": "tls.crt", "privateKeyKey": "tls.key", "secretRef": map[string]any{"name": "s", "namespace": "n"},
		}, "authorization": map[string]any{
			"type": "Bearer", "secretRef": map[string]any{"name": "s", "namespace": "n", "key": "token"},
		}}},
		"hooks": map[string]any{"sync": hook},
	}}}
	controller, err := loop.FromObject(object)
	if err != nil {
		t.Fatal(err)
	}
	got := controller.Spec.EndpointConfigs[0].Authorization
	if got.Type != "Bearer" || got.SecretRef != (loop.SecretRef{Name: "s", Namespace: "n", Key: "token"}) {
		t.Errorf("read as %+v", got)
	}
}

// A host is called as its endpointConfig says; without it the same host is not
// believed, and shown nothing.
func TestEndpointConfigs(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, len(r.TLS.PeerCertificates), " ", r.Header.Get("Authorization"))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	// The server's own certificate does for its caller, too.
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string][]byte{
		"tls.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		"tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"ca.crt":  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		"token":   []byte(" correct-horse\n"),
	}
	read := func(ref loop.SecretRef, key string) ([]byte, error) {
		if text := secrets[key]; text != nil {
			return text, nil
		}
		return nil, fmt.Errorf("no %s in %s/%s", key, ref.Namespace, ref.Name)
	}
	from := func(key string) *loop.FromSecret {
		return &loop.FromSecret{SecretRef: loop.SecretRef{Name: "s", Namespace: "n", Key: key}}
	}
	config := loop.EndpointConfig{Host: "127.0.0.1", CABundle: from("ca.crt"), Authorization: &loop.Authorization{FromSecret: *from("token")}, ClientTLS: &loop.ClientTLS{FromSecret: *from("")}}
	client, err := clientOf([]loop.EndpointConfig{config}, read)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var shown strings.Builder
	if err := answer.Write(&shown); err != nil || !strings.HasSuffix(shown.String(), "1 Bearer correct-horse") {
		t.Errorf("it was shown %q, %v", shown.String(), err)
	}

	config.Host = "another.host"
	client, err = clientOf([]loop.EndpointConfig{config}, read)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(server.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a host without a configuration is believed: %v", err)
	}
	delete(secrets, "tls.crt")
	if _, err := clientOf([]loop.EndpointConfig{config}, read); err == nil || err.Error() != "spec.endpointConfigs, host another.host: clientTLS: no tls.crt in n/s" {
		t.Errorf("a Secret without its key: %v", err)
	}
}
