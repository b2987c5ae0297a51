package storm

import (
	"strings"
	"testing"
)

// A caBundle that is not certificates is a problem that names the field.
func TestAuthorities(t *testing.T) {
	for reason, test := range map[string]struct{ bundle, want string }{
		"a path":         {"/etc/ssl/ca.pem", "has no certificate in PEM format"},
		"nothing":        {"", "has no certificate in PEM format"},
		"another block":  {"-----BEGIN PRIVATE KEY-----\nanVuaw==\n-----END PRIVATE KEY-----\n", `contains a block of type "PRIVATE KEY"`},
		"a broken block": {"-----BEGIN CERTIFICATE-----\nanVuaw==\n-----END CERTIFICATE-----\n", "has a block, number 1, that is not a certificate"},
	} {
		pool, problem := Authorities(test.bundle)
		if pool != nil || !strings.HasPrefix(problem, "spec.nimbus.tls.caBundle "+test.want) || !strings.HasSuffix(problem, ".") {
			t.Errorf("%s: %v, %s", reason, pool, problem)
		}
	}
}
