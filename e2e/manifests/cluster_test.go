package manifests

import "testing"

func cluster() map[string]any {
	return map[string]any{
		"apiVersion": "storm.apache.org/v1beta1",
		"kind":       "StormCluster",
		"metadata":   map[string]any{"name": "test-cluster", "namespace": "storm-system"},
		"spec": map[string]any{
			"nimbus": map[string]any{"seeds": []any{"nimbus"}},
			"image":  "apache/storm:2.8.1",
		},
	}
}

func TestCreateStormCluster(t *testing.T) {
	cases := map[string]struct {
		reason string
		path   string
		value  any
		want   string
	}{
		"the least":          {"seeds and an image are enough", "spec.pollSeconds", nil, ""},
		"several seeds":      {"names and addresses", "spec.nimbus.seeds", []any{"nimbus-0.nimbus", "10.0.0.7", "fd00::7"}, ""},
		"addresses of IPv6":  {"every form of one", "spec.nimbus.seeds", []any{"::", "::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "FE80::A", "64:ff9b::10.0.0.7"}, ""},
		"no seeds":           {"nowhere to ask", "spec.nimbus.seeds", []any{}, "spec.nimbus.seeds"},
		"seeds left out":     {"nowhere to ask", "spec.nimbus", map[string]any{}, "spec.nimbus.seeds: Required value"},
		"a URL for a seed":   {"people paste Storm's UI", "spec.nimbus.seeds", []any{"http://nimbus"}, "spec.nimbus.seeds must be host names or addresses"},
		"an empty seed":      {"a typing error", "spec.nimbus.seeds", []any{""}, "spec.nimbus.seeds[0]"},
		"a port":             {"another than 6627", "spec.nimbus.port", 16627, ""},
		"TLS":                {"a client certificate too", "spec.nimbus.tls", map[string]any{"caBundle": "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n", "serverName": "nimbus", "secretRef": map[string]any{"name": "nimbus-client"}}, ""},
		"TLS without a CA":   {"nothing to trust", "spec.nimbus.tls", map[string]any{"serverName": "nimbus"}, "spec.nimbus.tls.caBundle: Required value"},
		"no certificate":     {"a path is not PEM", "spec.nimbus.tls", map[string]any{"caBundle": "/etc/ssl/ca.pem"}, "spec.nimbus.tls.caBundle has no certificate in PEM format"},
		"a private key":      {"everyone who reads the object would have it", "spec.nimbus.tls", map[string]any{"caBundle": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n"}, "spec.nimbus.tls.caBundle contains a private key"},
		"a Secret, no name":  {"none to mount", "spec.nimbus.tls", map[string]any{"caBundle": "-----BEGIN CERTIFICATE-----", "secretRef": map[string]any{}}, "spec.nimbus.tls.secretRef.name"},
		"port 0":             {"no port", "spec.nimbus.port", 0, "spec.nimbus.port"},
		"no image":           {"main runs in it", "spec.image", nil, "spec.image: Required value"},
		"polling each 5 s":   {"the shortest", "spec.pollSeconds", 5, ""},
		"polling each 1 s":   {"a load on Nimbus for nothing", "spec.pollSeconds", 1, "spec.pollSeconds"},
		"an unknown field":   {"a typing error", "spec.imagePullSecret", "x", "spec.imagePullSecret: Forbidden: unknown field"},
		"a link to the UI":   {"it is shown", "spec.ui", map[string]any{"url": "http://ui"}, ""},
		"a claim for all":    {"each topology names its own", "spec.storage", map[string]any{"claimName": "x"}, "spec.storage.claimName"},
		"a class for all":    {"a default", "spec.storage", map[string]any{"storageClassName": "fast", "size": "2Gi"}, ""},
		"client settings":    {"for the submitting JVM", "spec.config", map[string]any{"storm.thrift.socket.timeout.ms": 60000}, ""},
		"a default template": {"for all topologies", "spec.submission", map[string]any{"nodeSelector": map[string]any{"a": "b"}}, ""},
		"our own label":      {"Stormhooks finds its pods by it", "spec.submission", map[string]any{"labels": map[string]any{"storm.apache.org/topology": "x"}}, "template.labels must not have"},
		"a name with dots":   {"any name that Kubernetes takes", "metadata.name", "storm.prod", ""},
		"a seed with a port": {"the port has its own field", "spec.nimbus.seeds", []any{"nimbus:6627"}, "Set the port in spec.nimbus.port"},
		"IPv4 and a port":    {"the same", "spec.nimbus.seeds", []any{"10.0.0.7:6627"}, "Set the port in spec.nimbus.port"},
		"IPv6 and a port":    {"the same", "spec.nimbus.seeds", []any{"[fd00::7]:6627"}, "Set the port in spec.nimbus.port"},
		"cafe and a port":    {"it is not an address", "spec.nimbus.seeds", []any{"cafe:6627"}, "Set the port in spec.nimbus.port"},
	}
	kind := load(t, "stormclusters")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect(t, kind.Create(t.Context(), with(cluster(), c.path, c.value)).ToAggregate(), c.want, c.reason)
		})
	}
}

func TestStormClusterDefaults(t *testing.T) {
	object := cluster()
	if errs := load(t, "stormclusters").Create(t.Context(), object); len(errs) > 0 {
		t.Fatal(errs)
	}
	spec := object["spec"].(map[string]any)
	if got := spec["pollSeconds"]; got != int64(30) {
		t.Errorf("spec.pollSeconds is %v (%T), want 30", got, got)
	}
	if got := spec["nimbus"].(map[string]any)["port"]; got != int64(6627) {
		t.Errorf("spec.nimbus.port is %v, want 6627", got)
	}
	if got := object["status"].(map[string]any)["observedGeneration"]; got != int64(-1) {
		t.Errorf("status.observedGeneration is %v, want -1: a new object must not look Current to kstatus", got)
	}
}
