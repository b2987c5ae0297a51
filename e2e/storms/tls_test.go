package storms

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/nimbustls"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// overTLS are the steps with a Nimbus that has TLS only.
var overTLS = append(all[:len(all):len(all)], step{"refusals", (*trial).refusals}, step{"renewals", (*trial).renewals})

// TestTLS runs all steps over TLS, with the versions that STORMHOOKS_STORMS_TLS has, and with
// the homes that STORM_HOME_* have. Then it calls two Nimbuses of the newest one without TLS.
func TestTLS(t *testing.T) {
	homes := homesOf(t, "STORMHOOKS_STORMS_TLS")
	if len(homes) == 0 {
		t.Skip("no version is given. Run make storms-tls")
	}
	logs, err := cached("logs")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, h := range homes {
		t.Run(string(h.version), func(t *testing.T) {
			r := row{key: string(h.version) + " with TLS", java: h.javas()}
			if !h.ownTLS() {
				r.key += " as in 2.8.7"
			}
			rows = append(rows, runOverTLS(t, h, r, filepath.Join(logs, "tls-"+string(h.version))))
		})
	}
	newest := homes[len(homes)-1]
	t.Run("without TLS", func(t *testing.T) {
		rows = append(rows, wrongPort(t, newest, filepath.Join(logs, "plain"), setup{}, "without TLS, caller with TLS", speaksPlain, true))
	})
	t.Run("SASL", func(t *testing.T) {
		rows = append(rows, wrongPort(t, newest, filepath.Join(logs, "sasl"), withDigest(t), "with SASL, caller without", speaksSASL, false))
	})
	compareRows(t, rows)
}

func runOverTLS(t *testing.T, h home, r row, dir string) row {
	jar, err := topologyJar(t.Context(), h, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	how, err := withTLS(t.Context(), h, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	of, err := startLeading(context.Background(), h, dir, how)
	if err != nil {
		t.Fatal(err)
	}
	defer of.stop()
	t.Logf("ZooKeeper and Nimbus on Java %d: %.1f s", h.major, time.Since(began).Seconds())
	return newTrial(h, jar, of).run(t, r, overTLS)
}

// wrongPort: a Nimbus that a caller cannot speak with tells it so.
func wrongPort(t *testing.T, h home, dir string, how setup, what, want string, overTLS bool) row {
	of, err := start(context.Background(), h, dir, how)
	if err != nil {
		t.Fatal(err)
	}
	defer of.stop()
	var options []nimbus.Option
	if overTLS {
		authority, err := nimbustls.NewAuthority("any")
		if err != nil {
			t.Fatal(err)
		}
		options = append(options, nimbus.WithTLS(authority.PEM(), ""))
	}
	cell := "yes"
	// The first answers of a Nimbus that has just started may be late.
	if err := until(t.Context(), func(ctx context.Context) error { return of.told(ctx, want, options...) }); err != nil {
		cell = "no"
		t.Error(err)
	}
	return row{key: string(h.version) + " " + what, java: h.javas(), cells: []string{cell}}
}

// withDigest is a Nimbus that requires SASL with DIGEST-MD5.
func withDigest(t *testing.T) setup {
	const user = "nimbus:secret"
	file := filepath.Join(t.TempDir(), "jaas.conf")
	const users = "StormServer {\n  org.apache.zookeeper.server.auth.DigestLoginModule required user_nimbus=\"secret\";\n};\n"
	if err := os.WriteFile(file, []byte(users), 0o644); err != nil {
		t.Fatal(err)
	}
	hash := sha1.Sum([]byte(user))
	return setup{
		options: []string{"-Djava.security.auth.login.config=" + file, "-Dzookeeper.sasl.client=false"},
		settings: map[string]any{
			"storm.thrift.transport":      "org.apache.storm.security.auth.digest.DigestSaslTransportPlugin",
			"storm.zookeeper.superACL":    "digest:nimbus:" + base64.StdEncoding.EncodeToString(hash[:]),
			"storm.zookeeper.auth.scheme": "digest", "storm.zookeeper.auth.payload": user,
		},
	}
}
