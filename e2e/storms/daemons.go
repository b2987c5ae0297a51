package storms

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

const local = "127.0.0.1"

// startLimit is how long a daemon may take until it listens, on a busy machine.
const startLimit = 10 * time.Minute

// daemons are ZooKeeper and a Nimbus of one Storm, on loopback.
type daemons struct {
	of   home
	dir  string // their data, logs and settings
	port int    // Nimbus's
	runs []*exec.Cmd
}

// start starts both. Their output is in dir, which stays.
func start(ctx context.Context, h home, dir string) (*daemons, error) {
	zookeeper, err := freePort()
	if err != nil {
		return nil, err
	}
	d := &daemons{of: h, dir: dir}
	if d.port, err = freePort(); err != nil {
		return nil, err
	}
	for _, folder := range []string{"conf", "data", "zookeeper", "logs"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "conf", "storm.yaml"), []byte(d.settings(zookeeper)), 0o644); err != nil {
		return nil, err
	}
	if err := d.run(ctx, "zookeeper", "org.apache.storm.command.DevZookeeper", zookeeper); err != nil {
		d.stop()
		return nil, err
	}
	err = d.run(ctx, "nimbus", "org.apache.storm.daemon.nimbus.Nimbus", d.port)
	if err == nil {
		err = d.leads(ctx)
	}
	if err != nil {
		d.stop()
		return nil, err
	}
	return d, nil
}

// client calls Nimbus, and waits longer than Stormhooks does: the machine may be busy.
func (d *daemons) client() *nimbus.Client {
	return nimbus.New([]string{local}, int32(d.port), clientOptions...)
}

var clientOptions = []nimbus.Option{nimbus.AllowLoopback(), nimbus.WithLimit(soon)}

// leads waits until Nimbus says that it is the leader. It listens earlier.
func (d *daemons) leads(ctx context.Context) error {
	calls := d.client()
	defer calls.Close()
	return until(ctx, func(ctx context.Context) error {
		_, err := calls.Leader(ctx)
		return err
	})
}

func (d *daemons) settings(zookeeper int) string {
	return fmt.Sprintf(`storm.zookeeper.servers: [%q]
storm.zookeeper.port: %d
nimbus.seeds: [%q]
nimbus.thrift.port: %d
nimbus.monitor.freq.secs: 2
storm.local.hostname: %q
storm.local.dir: %q
storm.metricstore.rocksdb.location: %q
dev.zookeeper.path: %q
`, local, zookeeper, local, d.port, local, filepath.Join(d.dir, "data"), filepath.Join(d.dir, "metrics"), filepath.Join(d.dir, "zookeeper"))
}

// run starts a daemon and waits until it listens.
func (d *daemons) run(ctx context.Context, name, class string, port int) error {
	log, err := os.Create(filepath.Join(d.dir, "logs", name+".out"))
	if err != nil {
		return err
	}
	defer log.Close()
	daemon := exec.CommandContext(ctx, filepath.Join(d.of.java, "bin", "java"),
		"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dstorm.options=", "-Dstorm.conf.file=", "-Dstorm.home="+d.of.path, "-Dstorm.log.dir="+filepath.Join(d.dir, "logs"),
		"-cp", d.of.classPath()+":"+filepath.Join(d.dir, "conf"), class)
	daemon.Dir, daemon.Stdout, daemon.Stderr = d.dir, log, log
	daemon.Env = append(os.Environ(), "JAVA_HOME="+d.of.java, "STORM_CONF_DIR="+filepath.Join(d.dir, "conf"))
	if err := daemon.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	d.runs = append(d.runs, daemon)
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", net.JoinHostPort(local, strconv.Itoa(port))); err == nil {
			return c.Close()
		}
		select {
		case err := <-ended:
			return fmt.Errorf("%s of Storm %s ended: %w. See %s", name, d.of.version, err, log.Name())
		default:
		}
	}
	return fmt.Errorf("%s of Storm %s does not listen after %s. See %s", name, d.of.version, startLimit, log.Name())
}

// stop ends both, Nimbus first.
func (d *daemons) stop() {
	for i := len(d.runs) - 1; i >= 0; i-- {
		_ = d.runs[i].Process.Kill()
	}
}

// freePort is a port that was free a moment ago. It is below those that Linux gives to
// clients: one of those can be taken again, or a connection to it can be one to itself.
func freePort() (int, error) {
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if listener, err := net.Listen("tcp", net.JoinHostPort(local, strconv.Itoa(port))); err == nil {
			return port, listener.Close()
		}
	}
	return 0, errors.New("no port from 10000 to 29999 is free")
}
