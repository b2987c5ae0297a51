package storms

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// ofPair are the steps with two Nimbuses that have TLS only.
var ofPair = []step{
	{"found", (*trial).findsTheLeader}, {"submit", (*trial).submits}, {"killed", (*trial).survivesTheLeader},
	{"replace", (*trial).replaces}, {"kill", (*trial).kills},
}

// Addresses of loopback: of the second Nimbus, and one at which nothing listens.
const (
	otherHost  = "127.0.0.2"
	silentHost = "127.0.0.3"
)

// TestTLSPair runs two Nimbuses of the newest version with TLS. Each listens on an address of
// its own, at the same TLS port, and has a certificate for this address only.
func TestTLSPair(t *testing.T) {
	homes := homesOf(t, "STORMHOOKS_STORMS_TLS")
	if len(homes) == 0 {
		t.Skip("no version is given. Run make storms-tls")
	}
	newest := homes[len(homes)-1]
	logs, err := cached("logs")
	if err != nil {
		t.Fatal(err)
	}
	jar, err := topologyJar(t.Context(), newest, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	how, err := withTLS(t.Context(), newest, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	of, err := startPair(t.Context(), newest, filepath.Join(logs, "tls-pair-"+string(newest.version)), how)
	if err != nil {
		t.Fatal(err)
	}
	defer of.stop()
	defer of.standby.stop()
	compareRows(t, []row{newTrial(newest, jar, of).run(t, row{key: "a pair of " + string(newest.version) + " with TLS", java: newest.javas()}, ofPair)})
}

// startPair starts ZooKeeper and a Nimbus that leads, then another one that stands by. Storm
// copies blobs from another Nimbus without TLS, whatever its settings are
// (BlobStoreUtils.java:133, v2.6.4 to 3.0.0-SNAPSHOT), so each has a port without TLS too.
func startPair(ctx context.Context, h home, dir string, how setup) (*daemons, error) {
	of := how
	var err error
	if of.settings, err = ofOne(how.settings); err != nil {
		return nil, err
	}
	first, err := startLeading(ctx, h, filepath.Join(dir, "first"), of)
	if err != nil {
		return nil, err
	}
	how.tls = &secured{authority: how.tls.authority}
	standby := &daemons{of: h, dir: filepath.Join(dir, "standby"), host: otherHost, port: first.port, how: how, zookeeper: first.zookeeper}
	first.standby, first.seeds = standby, []string{local, otherHost}
	standby.seeds = first.seeds
	if standby.how.settings, err = ofOne(how.settings); err == nil {
		err = standby.prepare()
	}
	if err == nil {
		err = standby.run(ctx, "nimbus", "org.apache.storm.daemon.nimbus.Nimbus", standby.port, standby.how.options...)
	}
	if err != nil {
		standby.stop()
		first.stop()
	}
	return first, err
}

// ofOne are the settings of one Nimbus of the pair: they copy blobs from each other.
func ofOne(settings map[string]any) (map[string]any, error) {
	plain, err := freePort()
	one := map[string]any{
		"nimbus.seeds": []string{local, otherHost}, "nimbus.thrift.port": plain, "nimbus.thrift.tls.server.only": false,
		"storm.zookeeper.session.timeout": 6000,
		"topology.min.replication.count":  2, "topology.max.replication.wait.time.sec": 30,
	}
	maps.Copy(one, settings)
	return one, err
}

// leader is who leads, by the seeds that are asked.
func (d *daemons) leader(ctx context.Context, seeds ...string) (string, error) {
	calls := nimbus.New(seeds, int32(d.port), append(d.how.tls.options(), nimbus.AllowLoopback())...)
	defer calls.Close()
	leader, err := calls.Leader(ctx)
	return leader.At(), err
}

// findsTheLeader: each Nimbus names the leader by its TLS port, and a seed that is away does
// not matter.
func (t *trial) findsTheLeader(ctx context.Context) error {
	want := fmt.Sprintf("%s:%d", local, t.nimbus.port)
	for _, seeds := range [][]string{{local}, {otherHost}, {local, otherHost}, {otherHost, local}, {silentHost, otherHost}, {otherHost, silentHost}} {
		err := until(ctx, func(ctx context.Context) error { // the one that stands by has just started
			began := time.Now()
			at, err := t.nimbus.leader(ctx, seeds...)
			if took := time.Since(began); err == nil && (at != want || took > toldWithin) {
				return fmt.Errorf("after %s the leader is %s", took, at)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("by the seeds %s: %w", seeds, err)
		}
	}
	return nil
}

// survivesTheLeader: the leader is killed, and the other one leads, with the topology.
func (t *trial) survivesTheLeader(ctx context.Context) error {
	leading := t.nimbus.runs[len(t.nimbus.runs)-1] // ZooKeeper was started before it
	began := time.Now()
	if err := leading.Process.Kill(); err != nil {
		return err
	}
	want := fmt.Sprintf("%s:%d", otherHost, t.nimbus.port)
	if err := until(ctx, func(ctx context.Context) error {
		if at, err := t.nimbus.leader(ctx, t.nimbus.seeds...); err != nil || at != want {
			return fmt.Errorf("the leader is %s: %w", at, err)
		}
		return t.ran(ctx, t.fingerprint())
	}); err != nil {
		return err
	}
	fmt.Fprintf(t.log, "the other Nimbus leads %.1f s after the kill\n", time.Since(began).Seconds())
	return nil
}
