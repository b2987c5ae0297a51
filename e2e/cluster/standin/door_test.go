package standin

import (
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
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	secrets := map[string][]byte{
		"ca.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		"token":  []byte(" correct-horse\n"),
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
	config := loop.EndpointConfig{Host: "127.0.0.1", CABundle: from("ca.crt"), Authorization: &loop.Authorization{Type: "Bearer", FromSecret: *from("token")}}
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
	if err := answer.Write(&shown); err != nil || !strings.HasSuffix(shown.String(), "Bearer correct-horse") {
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
	config.ClientTLS = &loop.ClientTLS{FromSecret: *from("")}
	if _, err := clientOf([]loop.EndpointConfig{config}, read); err == nil || err.Error() != "spec.endpointConfigs, host another.host: clientTLS: no tls.crt in n/s" {
		t.Errorf("a Secret without its key: %v", err)
	}
}
