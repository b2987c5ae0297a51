package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// jvmFigure runs storm-starter's main against our recorder with one set of flags
// after the other, on this machine's Java.
func jvmFigure(ctx context.Context, c *cluster, rounds int) ([]figures.Table, error) {
	table := figures.Table{
		Name: "jvm", Title: "The JVM's part of a submission",
		About: "storm-starter's main from the start of java to its end, submitting to the recorder that each submission has, on this machine's Java. What is shipped is the third line: a JAR without classes is what Storm's client is given to send, since the recorder keeps none.",
		Head:  []string{"flags", "median", "CPU", "× plain"},
	}
	folder, err := os.MkdirTemp("", "stormhooks-jvm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	jars, err := filepath.Glob(place.In("maven", "starter", "*.jar"))
	if err != nil || len(jars) == 0 {
		return nil, fmt.Errorf("the cache has no storm-starter. Run make cluster-up")
	}
	empty, archive := filepath.Join(folder, "empty.jar"), filepath.Join(folder, "classes.jsa")
	// Of one byte: the progress bar of Storm's client divides by the size
	// (StormSubmitter.java, v2.8.1).
	if err := os.WriteFile(empty, []byte{0}, 0o644); err != nil {
		return nil, err
	}
	ours := []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"}
	lines := []*line{
		{name: "plain", jar: jars[0]},
		{name: "C1, serial GC, Java's own class data", flags: ours, jar: jars[0]},
		{name: "the same, storm.jar a file of one byte", flags: ours, jar: empty},
		{name: "the same, storm.jar a file of one byte, class data of Storm's client", flags: append([]string{"-XX:SharedArchiveFile=" + archive}, ours...), jar: empty},
	}
	dump := &line{name: "class data", flags: append([]string{"-XX:ArchiveClassesAtExit=" + archive}, ours...), jar: empty}
	if err := dump.round(ctx, c.nimbus, jars[0], folder); err != nil {
		return nil, err
	}
	for range 2 * rounds {
		for _, l := range lines {
			if err := l.round(ctx, c.nimbus, jars[0], folder); err != nil {
				return nil, fmt.Errorf("%s: %w", l.name, err)
			}
		}
	}
	for _, l := range lines {
		table.Row(l.name, figures.Median(l.wall), figures.Median(l.cpu), figures.Ratio(l.wall, lines[0].wall))
	}
	return []figures.Table{table}, nil
}

// line is a java line.
type line struct {
	name, jar string
	flags     []string
	wall, cpu []time.Duration
}

func (l *line) round(ctx context.Context, upstream *nimbus.Client, starter, folder string) error {
	recorder, err := nimbus.StartRecorder(ctx, upstream)
	if err != nil {
		return err
	}
	defer recorder.Close()
	host, port := recorder.Addr()
	options, err := storm.Options(map[string]any{
		"nimbus.seeds": []string{host}, "nimbus.thrift.port": port, "topology.workers": 2,
		"storm.thrift.transport": "org.apache.storm.security.auth.SimpleTransportPlugin", "nimbus.thrift.client.use.tls": false,
	})
	if err != nil {
		return err
	}
	libraries := place.In("maven", "lib-worker", "jars")
	args := append(append([]string{}, l.flags...), "-Dstorm.options="+options, "-Dstorm.home="+folder, "-Dstorm.log.dir="+folder, "-Dstorm.conf.file=",
		"-cp", libraries+"/*:"+starter, "-Dstorm.jar="+l.jar, "-Dstorm.dependency.jars=", "-Dstorm.dependency.artifacts={}",
		"org.apache.storm.starter.WordCountTopology", "bench-jvm")
	command := exec.CommandContext(ctx, "java", args...)
	began := time.Now()
	said, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: …%s", err, failure(said))
	}
	if len(recorder.Submissions()) != 1 {
		return fmt.Errorf("main submitted nothing: …%s", failure(said))
	}
	l.wall = append(l.wall, time.Since(began))
	l.cpu = append(l.cpu, command.ProcessState.UserTime()+command.ProcessState.SystemTime())
	return nil
}

// failure is what main said of its failure: not what the JVM says of class data.
func failure(said []byte) string {
	var lines []string
	for line := range strings.Lines(string(said)) {
		if !strings.Contains(line, "[cds]") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-15):], "")
}
