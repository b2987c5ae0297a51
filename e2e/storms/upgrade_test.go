package storms

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// upgraded are the steps after Nimbus was upgraded to another major version, with
// topologies in it.
var upgraded = []step{
	{"look", (*trial).isKnownByItsLine}, {"deactivate", (*trial).deactivates}, {"activate", (*trial).activates},
	{"kill", (*trial).killsTheOther}, {"replace", (*trial).replaces},
}

// second is the name of another topology, which is killed after the upgrade.
const second = "other"

// TestUpgrade upgrades the highest Storm 2 to the highest Storm 3, with topologies in it:
// Nimbus 3 cannot read the heartbeats of their workers, and fails to describe them.
func TestUpgrade(t *testing.T) {
	before, after := upgradeOf(homesOf(t, "STORMHOOKS_STORMS"))
	if before.path == "" || after.path == "" {
		t.Skip("a Storm 2 and a Storm 3 are needed. Run make storms STORM_HOME_3=PATH")
	}
	jar, err := topologyJar(t.Context(), before, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	logs, err := cached("logs")
	if err != nil {
		t.Fatal(err)
	}
	of, err := startLeading(context.Background(), before, filepath.Join(logs, "upgrade"), withWorkers(t))
	if err != nil {
		t.Fatal(err)
	}
	defer of.stop()
	if err := of.run(t.Context(), "supervisor", "org.apache.storm.daemon.supervisor.Supervisor", of.how.settings["supervisor.thrift.port"].(int)); err != nil {
		t.Fatal(err)
	}
	other := newTrial(before, jar, of)
	other.name = second
	trial := newTrial(before, jar, of)
	for _, each := range []interface{ starts(context.Context) error }{other, trial} {
		if err := each.starts(t.Context()); err != nil {
			t.Fatalf("%v\n%s%s", err, other.log, trial.log)
		}
	}
	began := time.Now()
	if err := of.upgrade(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	t.Logf("Nimbus %s leads after %.1f s", after.version, time.Since(began).Seconds())
	trial.client, trial.calls, trial.other = after, of.client(), other.id
	key := string(before.version) + " upgraded to " + string(after.version)
	compareRows(t, []row{trial.run(t, row{key: key, java: after.javas()}, upgraded)})
}

// upgradeOf are the highest Storm 2 and the highest Storm 3 of homes, which are in order.
func upgradeOf(homes []home) (before, after home) {
	for _, h := range homes {
		switch h.version.numbers()[0] {
		case 2:
			before = h
		case 3:
			after = h
		}
	}
	return before, after
}

// withWorkers is a Storm that can run the workers of both topologies, and hears of them soon.
func withWorkers(t *testing.T) setup {
	var ports []int
	for range 5 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, port)
	}
	return setup{settings: map[string]any{
		"supervisor.thrift.port": ports[0], "supervisor.slots.ports": ports[1:], "storm.health.check.dir": t.TempDir(),
		"worker.childopts":                       "-Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
		"topology.worker.logwriter.childopts":    "-Xmx32m",
		"executor.metrics.frequency.secs":        3,
		"task.heartbeat.frequency.secs":          2,
		"supervisor.worker.start.timeout.secs":   300,
		"nimbus.task.launch.secs":                300,
		"nimbus.task.timeout.secs":               300,
		"supervisor.worker.shutdown.sleep.secs":  1,
		"supervisor.worker.timeout.secs":         300,
		"topology.eventlogger.executors":         0,
		"topology.max.replication.wait.time.sec": 5,
	}}
}

// starts submits, and waits until Nimbus has heard of each worker.
func (t *trial) starts(ctx context.Context) error {
	if err := t.submits(ctx); err != nil {
		return err
	}
	return until(ctx, func(ctx context.Context) error {
		there := t.calls.Look(ctx, t.name, t.id).Topology
		if there == nil || !there.Detailed || there.Workers == 0 || there.WorkersUp < there.Workers {
			return fmt.Errorf("its workers are not up: %+v", there)
		}
		return nil
	})
}

// isKnownByItsLine: Nimbus fails to describe the topology, and a look has it all the same.
func (t *trial) isKnownByItsLine(ctx context.Context) error {
	fails := func(ctx context.Context) error {
		if there := t.calls.Look(ctx, t.name, t.id).Topology; there == nil || !there.Undescribed || there.Detailed {
			return fmt.Errorf("the look has %+v, and Nimbus should fail at the description", there)
		}
		return nil
	}
	if err := until(ctx, fails); err != nil {
		return err
	}
	return t.ran(ctx, t.fingerprint())
}

// killsTheOther kills the second topology, whose workers Nimbus cannot read either.
func (t *trial) killsTheOther(ctx context.Context) error {
	wait := int32(0)
	said := t.calls.Act(ctx, storm.Call{Verb: storm.Kill, Name: second, ID: t.other, WaitSeconds: &wait}, source{t.calls})
	if said.Problem != "" {
		return fmt.Errorf("%s", said.Problem)
	}
	return until(ctx, func(ctx context.Context) error {
		if view := t.calls.Look(ctx, second, ""); !view.Gone() {
			return fmt.Errorf("it is not gone: %+v %s", view.Topology, view.Problem)
		}
		return nil
	})
}
