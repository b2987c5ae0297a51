package storms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/nimbustls"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

const local = "127.0.0.1"

// startLimit is how long a daemon may take until it listens, on a busy machine.
const startLimit = 10 * time.Minute

// daemons are ZooKeeper and a Nimbus of one Storm, on loopback.
type daemons struct {
	of   home
	dir  string // their data, logs and settings
	host string // Nimbus's address
	port int    // Nimbus's
	how  setup
	// seeds are the addresses of all Nimbuses of this Storm, and zookeeper is its port.
	seeds     []string
	zookeeper int
	standby   *daemons // another Nimbus of this Storm, or nil
	runs      []*exec.Cmd
}

// setup is how a Nimbus differs from one with Storm's own defaults.
type setup struct {
	settings map[string]any
	options  []string // of its JVM
	classes  string   // a folder on its class path; empty is none
	tls      *secured // nil is without TLS
}

// start starts both. Their output is in dir, which stays.
func start(ctx context.Context, h home, dir string, how setup) (*daemons, error) {
	zookeeper, err := freePort()
	if err != nil {
		return nil, err
	}
	d := &daemons{of: h, dir: dir, how: how, host: local, seeds: []string{local}, zookeeper: zookeeper}
	if d.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := d.prepare(); err != nil {
		return nil, err
	}
	if err := d.run(ctx, "zookeeper", "org.apache.storm.command.DevZookeeper", zookeeper); err != nil {
		d.stop()
		return nil, err
	}
	if err := d.run(ctx, "nimbus", "org.apache.storm.daemon.nimbus.Nimbus", d.port, how.options...); err != nil {
		d.stop()
		return nil, err
	}
	return d, nil
}

// startLeading starts both, and waits until Nimbus says that it leads.
func startLeading(ctx context.Context, h home, dir string, how setup) (*daemons, error) {
	d, err := start(ctx, h, dir, how)
	if err == nil {
		if err = d.leads(ctx); err != nil {
			d.stop()
		}
	}
	return d, err
}

// prepare makes the folders and the settings of both.
func (d *daemons) prepare() error {
	if err := os.RemoveAll(d.dir); err != nil {
		return err
	}
	for _, folder := range []string{"conf", "data", "zookeeper", "logs"} {
		if err := os.MkdirAll(filepath.Join(d.dir, folder), 0o755); err != nil {
			return err
		}
	}
	settings := d.settings()
	if d.how.tls != nil {
		if err := d.how.tls.write(d.dir, d.host); err != nil {
			return err
		}
		maps.Copy(settings, nimbustls.Settings(d.dir, d.port))
		d.how.options = append(d.how.options, "-Djdk.net.hosts.file="+filepath.Join(d.dir, hostsFile))
	}
	maps.Copy(settings, d.how.settings)
	text, err := json.Marshal(settings) // YAML too
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, "conf", "storm.yaml"), text, 0o644)
}

// client calls Nimbus, and waits longer than Stormhooks does: the machine may be busy.
func (d *daemons) client() *nimbus.Client {
	return nimbus.New(d.seeds, int32(d.port), append(d.how.tls.options(), clientOptions...)...)
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

func (d *daemons) settings() map[string]any {
	return map[string]any{
		"storm.zookeeper.servers": []string{local}, "storm.zookeeper.port": d.zookeeper,
		"nimbus.seeds": d.seeds, "nimbus.thrift.port": d.port, "nimbus.monitor.freq.secs": 2,
		"storm.local.hostname": d.host, "storm.local.dir": filepath.Join(d.dir, "data"),
		"storm.metricstore.rocksdb.location": filepath.Join(d.dir, "metrics"), "dev.zookeeper.path": filepath.Join(d.dir, "zookeeper"),
	}
}

// run starts a daemon and waits until it listens.
func (d *daemons) run(ctx context.Context, name, class string, port int, options ...string) error {
	log, err := os.Create(filepath.Join(d.dir, "logs", name+".out"))
	if err != nil {
		return err
	}
	defer log.Close()
	classes := []string{d.of.classPath(), filepath.Join(d.dir, "conf")}
	if d.how.classes != "" {
		classes = append(classes, d.how.classes)
	}
	daemon := exec.CommandContext(ctx, filepath.Join(d.of.java, "bin", "java"), append(append([]string{
		"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}, options...),
		"-Dstorm.options=", "-Dstorm.conf.file=", "-Dstorm.home="+d.of.path, "-Dstorm.log.dir="+filepath.Join(d.dir, "logs"),
		"-cp", strings.Join(classes, ":"), class)...)
	daemon.Dir, daemon.Stdout, daemon.Stderr = d.dir, log, log
	daemon.Env = append(os.Environ(), "JAVA_HOME="+d.of.java, "STORM_CONF_DIR="+filepath.Join(d.dir, "conf"))
	if err := daemon.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	d.runs = append(d.runs, daemon)
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", net.JoinHostPort(d.host, strconv.Itoa(port))); err == nil {
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

// upgrade ends all but ZooKeeper, and starts the Nimbus of another Storm on the same data.
// The workers keep running without their supervisor. stop ends them.
func (d *daemons) upgrade(ctx context.Context, to home) error {
	for _, daemon := range d.runs[1:] {
		_ = daemon.Process.Kill()
	}
	d.of, d.runs = to, d.runs[:1]
	if err := d.run(ctx, "nimbus-upgraded", "org.apache.storm.daemon.nimbus.Nimbus", d.port, d.how.options...); err != nil {
		return err
	}
	return d.leads(ctx)
}

// endWorkers ends the workers that a supervisor started, by the ids that it keeps.
func (d *daemons) endWorkers() {
	files, _ := filepath.Glob(filepath.Join(d.dir, "data", "workers", "*", "pids", "*"))
	for _, file := range files {
		if pid, err := strconv.Atoi(filepath.Base(file)); err == nil {
			if worker, err := os.FindProcess(pid); err == nil {
				_ = worker.Kill()
			}
		}
	}
}

// restart kills Nimbus, and starts it again with its data. It has not led yet when this returns.
func (d *daemons) restart(ctx context.Context) error {
	last := len(d.runs) - 1
	if err := d.runs[last].Process.Kill(); err != nil {
		return err
	}
	d.runs = d.runs[:last]
	at := net.JoinHostPort(d.host, strconv.Itoa(d.port))
	for c, err := net.Dial("tcp", at); err == nil; c, err = net.Dial("tcp", at) { // it may listen for a moment more
		_ = c.Close()
		time.Sleep(100 * time.Millisecond)
	}
	return d.run(ctx, "nimbus", "org.apache.storm.daemon.nimbus.Nimbus", d.port, d.how.options...)
}

// stop ends all, ZooKeeper last.
func (d *daemons) stop() {
	for i := len(d.runs) - 1; i >= 0; i-- {
		_ = d.runs[i].Process.Kill()
	}
	d.endWorkers()
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
