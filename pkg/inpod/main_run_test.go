package inpod

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell stands for java: mainProcess does not depend on the program.
func shell(script string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), "/bin/sh", append([]string{"-c", script, "main"}, args...)...)
}

func TestRunMain(t *testing.T) {
	never, at := make(chan struct{}), make(chan struct{})
	close(at)
	long := 30 * time.Second
	for _, tc := range []struct {
		why      string
		script   string
		recorded <-chan struct{}
		limit    time.Duration
		ending   mainEnding
		code     int
	}{
		{"a success", "echo hello", never, long, exited, 0},
		{"an exit code", "exit 3", never, long, exited, 3},
		{"a signal that the helper did not send", "kill -9 $$", never, long, exited, -1},
		{"it submits nothing and does not end", "sleep 60", never, 300 * time.Millisecond, timedOut, -1},
		{"it has submitted and does not end", "sleep 60", at, long, keptRunning, -1},
		{"it has submitted and ends", "exit 1", at, long, exited, 1},
		{"what it leaves running does not delay the helper", "sleep 60 & exit 0", never, long, exited, 0},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			start := time.Now()
			run := mainProcess{command: shell(tc.script), log: &log, recorded: tc.recorded, limit: tc.limit, grace: 300 * time.Millisecond}.run(t.Context())
			if run.ending != tc.ending || run.code != tc.code || run.err != nil && run.code == 0 {
				t.Errorf("ending %d, code %d, %v; want %d, %d", run.ending, run.code, run.err, tc.ending, tc.code)
			}
			if want := strings.HasPrefix(tc.script, "kill"); run.killed != want {
				t.Errorf("killed %v, want %v", run.killed, want)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A SIGKILL is the kernel's for memory only where the kernel counts one, or counts nothing.
func TestRunMainKilled(t *testing.T) {
	for name, tc := range map[string]struct {
		script, counts string
		want           bool
	}{
		"the kernel counts it":        {"kill -9 $$", "oom_kill 1\n", true},
		"the kernel counts none":      {"kill -9 $$", "oom_kill 0\n", false},
		"nothing is counted":          {"kill -9 $$", "", true},
		"another process was killed":  {"exit 1", "oom_kill 1\n", false},
		"a signal of another process": {"kill -15 $$", "oom_kill 1\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "memory.events")
			if err := os.WriteFile(file, []byte(tc.counts), 0o600); err != nil {
				t.Fatal(err)
			}
			run := mainProcess{command: shell(tc.script), log: &bytes.Buffer{}, memory: []string{file}, limit: time.Minute, grace: time.Minute}.run(t.Context())
			if run.outOfMemory != tc.want {
				t.Errorf("%v, want %v", run.outOfMemory, tc.want)
			}
		})
	}
}

func TestRunMainToldToStop(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	run := mainProcess{command: shell("sleep 60 & wait"), log: &bytes.Buffer{}, limit: time.Minute, grace: time.Minute}.run(ctx)
	if run.ending != toldToStop {
		t.Errorf("ending %d", run.ending)
	}
}

func TestRunMainNotStarted(t *testing.T) {
	command := exec.CommandContext(context.Background(), filepath.Join(t.TempDir(), "java"))
	if run := (mainProcess{command: command, log: &bytes.Buffer{}, limit: time.Minute, grace: time.Minute}).run(t.Context()); run.ending != notStarted || run.err == nil {
		t.Errorf("%+v", run)
	}
}

// The lines are those of a real Storm 2.8.1.
func TestRunMainKeepsSecretsOutOfLogAndTail(t *testing.T) {
	var log bytes.Buffer
	script := `printf '%s\n' "$@"; printf '\r[=>   ] 1 / 2\r[====>] 2 / 2\nend'`
	command := shell(script,
		"08:00:02.025 [main] INFO  o.a.s.StormSubmitter - Generated ZooKeeper secret payload for MD5-digest: -5312:-8841",
		`08:00:02.031 [main] INFO  o.a.s.StormSubmitter - Submitting topology x in distributed mode with conf {"kafka.password":"s3cret"`+strings.Repeat("x", 3*lineLimit)+`}`,
		"Start uploading file '/jars/a.jar' to 'stormhooks/recorder/stormjar.jar' (106658460 bytes)",
		"File '/jars/a.jar' uploaded to 'stormhooks/recorder/stormjar.jar' (106658460 bytes)",
		"08:00:02.031 [main] INFO  o.a.s.StormSubmitter - Finished submitting topology: x",
	)
	run := mainProcess{command: command, log: &log, limit: time.Minute, grace: time.Minute}.run(t.Context())
	want := "08:00:02.031 [main] INFO  o.a.s.StormSubmitter - Finished submitting topology: x\nend\n"
	if log.String() != want {
		t.Errorf("log:\n%s", log.String())
	}
	if got := strings.Join(run.tail, "\n") + "\n"; got != want {
		t.Errorf("tail:\n%s", got)
	}
}
