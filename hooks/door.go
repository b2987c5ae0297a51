package hooks

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
)

// DoorFiles are the files of the server's certificate and of what callers must
// show; empty is none. They are read again when they change, so that a renewed
// certificate or token needs no restart. Metacontroller itself reads its own copies
// only when a CompositeController is created or changed.
type DoorFiles struct {
	// Cert and Key make the server speak TLS.
	Cert, Key string
	// ClientCA signs the certificates of callers (clientTLS of a webhook).
	ClientCA string
	// Token is the bearer token of callers (authorization of a webhook).
	Token string
}

// Door admits callers of the hooks. Probes and metrics are open to all callers:
// they name no object.
type Door struct {
	cert     *watched[tls.Certificate]
	clientCA *watched[*x509.CertPool]
	token    *watched[[sha256.Size]byte]
}

var (
	errNoToken       = errors.New("the bearer token is missing or wrong. It is in the Secret that authorization of the CompositeController's webhook names. Metacontroller reads that Secret again only when the CompositeController changes")
	errNoCertificate = errors.New("the client certificate is missing, or of another CA. It is in the Secret that clientTLS of the CompositeController's webhook names")
)

// NewDoor reads the files a first time.
func NewDoor(files DoorFiles, log *slog.Logger) (*Door, error) {
	switch {
	case (files.Cert == "") != (files.Key == ""):
		return nil, errors.New("only one of --tls-cert-file and --tls-key-file is set. Set both, or neither for plain HTTP")
	case files.ClientCA != "" && files.Cert == "":
		return nil, errors.New("--client-ca-file is set without TLS. Set --tls-cert-file and --tls-key-file too")
	}
	d := &Door{}
	var err error
	if files.Cert != "" {
		if d.cert, err = watch(log, "--tls-cert-file, --tls-key-file", readPair, files.Cert, files.Key); err != nil {
			return nil, err
		}
	}
	if files.ClientCA != "" {
		if d.clientCA, err = watch(log, "--client-ca-file", readPool, files.ClientCA); err != nil {
			return nil, err
		}
	}
	if files.Token != "" {
		if d.token, err = watch(log, "--token-file", readToken, files.Token); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// tls is nil for plain HTTP.
func (d *Door) tls() *tls.Config {
	if d == nil || d.cert == nil {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			cert := d.cert.get()
			return &cert, nil
		},
		GetConfigForClient: d.forClient,
	}
}

// forClient uses the current CA. A certificate is requested and not required: the
// kubelet's probes have none, and admits checks it.
func (d *Door) forClient(*tls.ClientHelloInfo) (*tls.Config, error) {
	if d.clientCA == nil {
		return nil, nil
	}
	cert := d.cert.get()
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{cert},
		ClientAuth:   tls.VerifyClientCertIfGiven,
		ClientCAs:    d.clientCA.get(),
	}, nil
}

// admits says why a call is not admitted.
func (d *Door) admits(r *http.Request) error {
	if d == nil {
		return nil
	}
	if d.clientCA != nil && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
		return errNoCertificate
	}
	if d.token == nil {
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	shown, want := sha256.Sum256([]byte(strings.TrimSpace(token))), d.token.get()
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(shown[:], want[:]) != 1 {
		return errNoToken
	}
	return nil
}

func readPair(files ...string) (tls.Certificate, error) {
	return tls.LoadX509KeyPair(files[0], files[1])
}

func readPool(files ...string) (*x509.CertPool, error) {
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM format", files[0])
	}
	return pool, nil
}

// readToken trims as Metacontroller does, and keeps only a hash.
func readToken(files ...string) ([sha256.Size]byte, error) {
	text, err := os.ReadFile(files[0])
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 {
		return [sha256.Size]byte{}, fmt.Errorf("%s has a token of %d characters, and one of less than 16 can be guessed", files[0], len(token))
	}
	return sha256.Sum256([]byte(token)), nil
}
