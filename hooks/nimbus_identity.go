package hooks

import (
	"crypto/tls"
	"errors"
	"log/slog"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// NimbusFiles are the files of the client certificate that the server shows to a Nimbus
// with TLS; empty is none. They are read again when they change.
type NimbusFiles struct{ Cert, Key string }

// NimbusIdentity is the option of every Storm's client that shows the certificate.
func NimbusIdentity(files NimbusFiles, log *slog.Logger) ([]nimbus.Option, error) {
	switch {
	case files == NimbusFiles{}:
		return nil, nil
	case files.Cert == "" || files.Key == "":
		return nil, errors.New("only one of --nimbus-cert-file and --nimbus-key-file is set. Set both, or neither")
	}
	pair, err := watch(log, "--nimbus-cert-file, --nimbus-key-file", readPair, files.Cert, files.Key)
	if err != nil {
		return nil, err
	}
	return []nimbus.Option{nimbus.WithIdentity(func() (*tls.Certificate, error) {
		certificate := pair.get()
		return &certificate, nil
	})}, nil
}
