package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

// tuning is a way to configure Storm, and a topology.
type tuning struct {
	name    string
	storm   string // added to the options of Nimbus and of the supervisors
	config  string // of the topology, after topology.workers
	started []time.Duration
}

// What Storm has by default (storm conf/defaults.yaml, v2.8.1). The flags of
// manifests/storm-dev for workers come before these, and the last of two counts.
const (
	stormsOwn  = ",nimbus.monitor.freq.secs=10,executor.metrics.frequency.secs=60"
	javasOwn   = `topology.worker.childopts: "-XX:TieredStopAtLevel=4"`
	ownLogger  = `topology.worker.logwriter.childopts: "-Xmx64m"`
	fastLogger = `topology.worker.logwriter.childopts: "-Xmx16m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"`

	tuned     = ",nimbus.monitor.freq.secs=1,executor.metrics.frequency.secs=5"
	classList = "/data/classes.lst"
	classFile = "/data/classes.jsa"
)

// workerFlags are the fast flags of a worker's Java, and one more.
func workerFlags(more string) string {
	return `topology.worker.childopts: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC ` + more + `"`
}

func tunings() []*tuning {
	fastJava := workerFlags("")
	own := javasOwn + ", " + ownLogger
	return []*tuning{
		{name: "as Storm comes", storm: stormsOwn, config: own},
		{name: "`executor.metrics.frequency.secs: 5` in the config of the topology", storm: stormsOwn, config: own + ", executor.metrics.frequency.secs: 5"},
		{name: "`executor.metrics.frequency.secs: 5` in the supervisors' storm.yaml", storm: ",nimbus.monitor.freq.secs=10,executor.metrics.frequency.secs=5", config: own},
		{name: "besides, `nimbus.monitor.freq.secs: 1` in Nimbus' storm.yaml", storm: tuned, config: own},
		{name: "besides, `topology.worker.childopts` with -XX:TieredStopAtLevel=1 -XX:+UseSerialGC", storm: tuned, config: fastJava + ", " + ownLogger},
		{name: "besides, `topology.worker.logwriter.childopts` with the same, and -Xmx16m", storm: tuned, config: fastJava + ", " + fastLogger},
		{name: "besides, `topology.worker.childopts` with -XX:SharedArchiveFile: class data of Storm's worker in the supervisors' image", storm: tuned, config: workerFlags("-XX:SharedArchiveFile="+classFile) + ", " + fastLogger},
	}
}

// workersFigure measures Storm's part: from its word that it has a topology until the workers
// have reported, as Storm and the topology are configured.
func workersFigure(ctx context.Context, c *cluster, rounds int) (tables []figures.Table, err error) {
	table := figures.Table{
		Name: "workers", Title: "Submitted → workers up: what settings give",
		About: "storm-starter's WordCountTopology, two workers, in mode image-volume. From the moment when Nimbus lists the topology until both workers have reported, looked at each 50 ms. Each row adds to the rows before it, except the second: Storm ignores that setting in the config of a topology. Rows with the same storm.yaml took turns.",
		Head:  []string{"settings", "median", "least", "most", "× as Storm comes"},
	}
	defer func() {
		err = errors.Join(err, c.configure(ctx, "nimbus", ""), c.configure(ctx, "supervisor", ""))
	}()
	all := tunings()
	for rest := all; len(rest) > 0; {
		alike := 1
		for alike < len(rest) && rest[alike].storm == rest[0].storm {
			alike++
		}
		for _, daemon := range []string{"nimbus", "supervisor"} {
			if err := c.configure(ctx, daemon, rest[0].storm); err != nil {
				return nil, err
			}
		}
		if rest[0].storm == tuned { // the pods of its supervisors stay until the end
			if err := c.classData(ctx); err != nil {
				return nil, err
			}
		}
		for range rounds {
			for _, t := range rest[:alike] {
				if err := t.round(ctx, c); err != nil {
					return nil, fmt.Errorf("%s: %w", t.name, err)
				}
			}
		}
		rest = rest[alike:]
	}
	first := figures.Median(all[0].started)
	for _, t := range all {
		median := figures.Median(t.started)
		table.Row(t.name, median, slices.Min(t.started), slices.Max(t.started), median.Seconds()/first.Seconds())
	}
	return []figures.Table{table}, nil
}

func (t *tuning) round(ctx context.Context, c *cluster) error {
	w := &way{name: t.name, manifest: starter.fill(example, "MODE", "image-volume", `config: {topology.workers: "2"}`, `config: {topology.workers: "2", `+t.config+`}`)}
	if err := w.round(ctx, c, 2); err != nil {
		return err
	}
	t.started = append(t.started, w.ready[0]-w.submitted[0])
	return nil
}

// makeArchive reads the names of classes only: two workers of a supervisor write their lists
// into one file, and a line that both wrote is an error.
const makeArchive = `grep -oE '^[A-Za-z0-9_/$]+' ` + classList + ` | sort -u > ` + classList + `.names
java -Xshare:dump -XX:+UseSerialGC -XX:SharedClassListFile=` + classList + `.names -XX:SharedArchiveFile=` + classFile + ` -cp '/apache-storm/lib-worker/*:/apache-storm/extlib/*'`

// classData makes an archive of class data in each supervisor's pod: of the classes that a
// worker loads from Storm's own JARs, which come first on its class path.
func (c *cluster) classData(ctx context.Context) error {
	lists := &tuning{name: "class list", config: workerFlags("-XX:DumpLoadedClassList=" + classList)}
	if err := lists.round(ctx, c); err != nil {
		return err
	}
	pods, err := c.kubectl.Run(ctx, "get", "pods", "-n", nimbusNamespace, "-l", "app=supervisor", "-o", "jsonpath={.items[*].metadata.name}")
	if err != nil {
		return err
	}
	for _, pod := range strings.Fields(pods) {
		if _, err := c.kubectl.Run(ctx, "exec", "-n", nimbusNamespace, pod, "--", "sh", "-ec", makeArchive); err != nil {
			return err
		}
	}
	return nil
}
