package storm

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// TLS is how a submitting pod reaches Nimbus over TLS. Nil is plain Thrift.
type TLS struct {
	// CABundle are the authorities that sign Nimbus's certificate, in PEM format.
	CABundle string `json:"caBundle"`
	// ServerName is the name in Nimbus's certificate; empty is the name that is dialled.
	ServerName string `json:"serverName,omitempty"`
	// Identity is the folder with the client certificate (tls.crt, tls.key); empty without
	// one.
	Identity string `json:"identity,omitempty"`
}

// Authorities are the certificates of a caBundle. The problem is a sentence for a person.
func Authorities(bundle string) (pool *x509.CertPool, problem string) {
	const fix = "Set it to the certificate of the authority that signs Nimbus's certificate, in PEM format."
	pool, found := x509.NewCertPool(), 0
	for block, rest := pem.Decode([]byte(bundle)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Sprintf("spec.nimbus.tls.caBundle contains a block of type %q; must have certificates only. %s", textutil.Cut(block.Type, 63), fix)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Sprintf("spec.nimbus.tls.caBundle has a block, number %d, that is not a certificate. %s", found+1, fix)
		}
		pool.AddCert(certificate)
		found++
	}
	if found == 0 {
		return nil, "spec.nimbus.tls.caBundle has no certificate in PEM format. " + fix
	}
	return pool, ""
}
