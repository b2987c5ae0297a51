package standin

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// secretReader gives a key of a Secret.
type secretReader func(ref loop.SecretRef, key string) ([]byte, error)

// callers is the client of a controller's hooks, by its endpointConfigs. As in
// Metacontroller the Secrets are read once, when the controller starts.
func (m *Manager) callers(configs []loop.EndpointConfig) (*http.Client, error) {
	read := func(ref loop.SecretRef, key string) ([]byte, error) {
		secrets := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
		secret, err := m.store.client.Resource(secrets).Namespace(ref.Namespace).Get(m.ctx, ref.Name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		text, found, _ := unstructured.NestedString(secret.Object, "data", key)
		if !found {
			return nil, fmt.Errorf("the Secret %s/%s has no key %q", ref.Namespace, ref.Name, key)
		}
		return base64.StdEncoding.DecodeString(text)
	}
	return clientOf(configs, read)
}

func clientOf(configs []loop.EndpointConfig, read secretReader) (*http.Client, error) {
	byHost := doors{}
	for _, config := range configs {
		d, err := openDoor(config, read)
		if err != nil {
			return nil, fmt.Errorf("spec.endpointConfigs, host %s: %w", config.Host, err)
		}
		byHost[strings.ToLower(config.Host)] = d
	}
	return &http.Client{Transport: byHost}, nil
}

// doors calls each host as its configuration says, and others plainly.
type doors map[string]*door

// RoundTrip implements http.RoundTripper.
func (d doors) RoundTrip(request *http.Request) (*http.Response, error) {
	at := d[strings.ToLower(request.URL.Hostname())]
	if at == nil {
		return http.DefaultTransport.RoundTrip(request)
	}
	if at.authorization != "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", at.authorization)
	}
	return at.transport.RoundTrip(request)
}

type door struct {
	authorization string
	transport     http.RoundTripper
}

func openDoor(config loop.EndpointConfig, read secretReader) (*door, error) {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	d := &door{}
	if config.CABundle != nil {
		bundle, err := read(config.CABundle.SecretRef, cmp.Or(config.CABundle.SecretRef.Key, "ca.crt"))
		if err != nil {
			return nil, fmt.Errorf("caBundle: %w", err)
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(bundle) {
			return nil, fmt.Errorf("caBundle: no certificate in it")
		}
	}
	if config.ClientTLS != nil {
		cert, err := read(config.ClientTLS.SecretRef, cmp.Or(config.ClientTLS.CertKey, "tls.crt"))
		if err != nil {
			return nil, fmt.Errorf("clientTLS: %w", err)
		}
		key, err := read(config.ClientTLS.SecretRef, cmp.Or(config.ClientTLS.PrivateKeyKey, "tls.key"))
		if err != nil {
			return nil, fmt.Errorf("clientTLS: %w", err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("clientTLS: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	if config.Authorization != nil {
		token, err := read(config.Authorization.SecretRef, config.Authorization.SecretRef.Key)
		if err != nil {
			return nil, fmt.Errorf("authorization: %w", err)
		}
		d.authorization = cmp.Or(config.Authorization.Type, "Bearer") + " " + strings.TrimSpace(string(token))
	}
	d.transport = &http.Transport{TLSClientConfig: settings}
	return d, nil
}
