package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/hooks"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	loopback = "127.0.0.1"
	// placeholder is the name in the recorded body; others are as long.
	placeholder = "wordcount"
	// serverVerb makes this program the hook server of the memory figure: it may
	// dial loopback, which the product refuses.
	serverVerb = "serve-for-bench"
)

// memoryFigure is what the hook server holds and spends with many topologies.
func memoryFigure(int) (figures.Table, error) {
	table := figures.Table{
		Title: "The hook server with many topologies",
		About: "The server in a process of its own, called over HTTP by five callers, as Metacontroller has workers, with the everyday body of so many distinct topologies, three times each; Nimbus is a double in the caller's process, asked over Thrift. " +
			"Memory is resident, as the kernel counts it; CPU is the server's. Goal: at most 64 MB.",
		Head: []string{"topologies", "syncs", "memory", "most", "CPU of a sync", "syncs a second on one core", "p50 / p99 of a call", "goal"},
	}
	raw, err := testdata.ReadFile(everyday)
	if err != nil {
		return table, err
	}
	for _, topologies := range []int{0, 1, 10, 100, 1000, 5000} {
		if err := memoryRow(&table, raw, topologies); err != nil {
			return table, err
		}
	}
	return table, nil
}

func memoryRow(table *figures.Table, raw []byte, topologies int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return err
	}
	defer listener.Close()
	nimbus, raw, err := doubleFor(raw, int32(listener.Addr().(*net.TCPAddr).Port))
	if err != nil {
		return err
	}
	go nimbus.serve(listener)
	server, err := startServer()
	if err != nil {
		return err
	}
	defer server.stop()
	syncs := 3 * topologies
	var next atomic.Int64
	failed := make(chan error, syncs+1)
	before := server.cpu()
	took := figures.Latencies(syncs, 5, func() {
		name := fmt.Sprintf("topo-%04d", int(next.Add(1))%topologies)
		if err := server.sync(bytes.ReplaceAll(raw, []byte(placeholder), []byte(name))); err != nil {
			failed <- err
		}
	})
	used := server.cpu() - before
	select {
	case err := <-failed:
		return err
	default:
	}
	now, most := server.memory()
	each, perSecond, calls := "", "", ""
	if syncs > 0 {
		each, calls = figures.Short(used/time.Duration(syncs)), percentiles(took)
		perSecond = fmt.Sprintf("%.0f", float64(time.Second)*float64(syncs)/float64(max(used, 1)))
	}
	table.Row(topologies, syncs, figures.Size(now), figures.Size(most), each, perSecond, calls, figures.Goal("≤ 64 MB", most <= 64e6))
	return nil
}

// doubleFor returns a Nimbus that runs the topology of the body, and the body with its address.
func doubleFor(raw []byte, port int32) (*nimbusDouble, []byte, error) {
	conf := map[string]any{"storm.zookeeper.servers": []any{"zookeeper"}, "storm.zookeeper.root": "/storm", "storm.zookeeper.port": 2181.0}
	objects, err := topology.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, nil, err
	}
	cluster := objects.Clusters[0]
	for old, new := range map[string]string{
		strconv.Quote(cluster.Spec.Nimbus.Seeds[0]): strconv.Quote(loopback),
		`"port":6627`:           fmt.Sprintf(`"port":%d`, port),
		cluster.Status.Identity: storm.IdentityOf(conf),
	} {
		raw = bytes.ReplaceAll(raw, []byte(old), []byte(new))
	}
	fingerprint := topology.Observe(objects, topology.Config{}, time.Time{}).Target.Fingerprint
	return &nimbusDouble{fingerprint: fingerprint, conf: conf, port: port}, raw, nil
}

// server is the hook server in a process of its own.
type server struct {
	process *exec.Cmd
	url     string
}

func startServer() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process := exec.Command(self, serverVerb)
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		return nil, err
	}
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		return nil, fmt.Errorf("the server did not say where it listens: %w", err)
	}
	time.Sleep(time.Second) // at rest
	return &server{process: process, url: "http://" + address}, nil
}

// serveForBench is the server's process: what `stormhooks serve` runs.
func serveForBench() error {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	log, metrics := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), hooks.NewMetrics()
	calls := &hooks.Hooks{Storms: hooks.NewStorms(nimbus.AllowLoopback()), Now: time.Now, HelperImage: "stormhooks/stormhooks:bench", Log: log, Metrics: metrics}
	return hooks.NewServer(calls, metrics, log).Serve(context.Background(), listener)
}

func (s *server) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// sync makes one call, whose answer must be that of a steady topology.
func (s *server) sync(body []byte) error {
	response, err := http.Post(s.url+"/topology/sync", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"phase":"Running","message":"2 workers up. No errors."`))) {
		err = fmt.Errorf("the server answered %d: %.1500s", response.StatusCode, answer)
	}
	return err
}

// memory is what the process holds, and the most that it held.
func (s *server) memory() (now, most int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	kib := func(key string) int64 {
		_, rest, _ := strings.Cut(string(text), key+":")
		number, _ := strconv.ParseInt(strings.TrimSpace(strings.SplitN(rest, "kB", 2)[0]), 10, 64)
		return number << 10
	}
	return kib("VmRSS"), kib("VmHWM")
}

// cpu is what the process has used: fields 14 and 15 of its stat, in hundredths
// of a second (proc_pid_stat(5)).
func (s *server) cpu() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Process.Pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
