package nimbustls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Pair is a certificate with its key, in DER.
type Pair struct {
	certificate, key []byte
	chain            [][]byte // the certificate, then who signed it
}

// NewAuthority is an authority that is valid for a day.
func NewAuthority(name string) (*Authority, error) {
	template := newTemplate(name, 24*time.Hour)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, key, err := signed(template, nil)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of %s: %w", name, err)
	}
	return &Authority{certificate, key}, nil
}

// Sign is a certificate, for a server and a client, that is valid so long from now: below
// zero it has expired. hosts are names and addresses.
func (a *Authority) Sign(name string, valid time.Duration, hosts ...string) (Pair, error) {
	template := newTemplate(name, valid)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, key, err := signed(template, a)
	if err != nil {
		return Pair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return Pair{certificate: der, key: private, chain: [][]byte{der, a.certificate.Raw}}, err
}

// PEM is the authority's certificate.
func (a *Authority) PEM() string { return inPEM("CERTIFICATE", a.certificate.Raw) }

// CertificatePEM and KeyPEM are tls.crt and tls.key of a Secret of type kubernetes.io/tls.
func (p Pair) CertificatePEM() string { return inPEM("CERTIFICATE", p.certificate) }

func (p Pair) KeyPEM() string { return inPEM("PRIVATE KEY", p.key) }

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// newTemplate begins two days ago, so that one that has expired was valid once.
func newTemplate(name string, valid time.Duration) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(valid),
	}
}

// signed makes a key, and its certificate; without an authority it signs itself.
func signed(template *x509.Certificate, by *Authority) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key for %s: %w", template.Subject.CommonName, err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, fmt.Errorf("signing the certificate of %s: %w", template.Subject.CommonName, err)
	}
	return der, key, nil
}
