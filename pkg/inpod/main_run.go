package inpod

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// afterRecorded is how long main may go on once it has submitted. Some go on for
// ever or kill their topology after a while; `storm jar` would let them, but the
// topology runs all the same.
const afterRecorded = 10 * time.Second

// mainEnding is how a run of main came to its end.
type mainEnding int

const (
	exited     mainEnding = iota // by itself
	wentOn                       // it had submitted, did not end, and was ended
	timedOut                     // it had not submitted, and was ended
	toldToStop                   // the pod was told to stop
	notStarted                   // it could not be started at all
)

// mainRun is one run of main.
type mainRun struct {
	ending mainEnding
	// code is the exit code, -1 where a signal ended it; killed: SIGKILL, and not ours.
	code   int
	killed bool
	err    error
	tail   []string
}

// mainProcess is main before it runs.
type mainProcess struct {
	command *exec.Cmd
	log     io.Writer
	// recorded is closed when main has submitted.
	recorded <-chan struct{}
	// limit is how long it may run until then, grace how long afterwards.
	limit, grace time.Duration
}

// run runs main until it ends, or is to be ended. Nothing that it started outlives
// it.
func (p mainProcess) run(ctx context.Context) mainRun {
	out := &output{to: p.log, drop: isNoise}
	p.command.Stdout, p.command.Stderr = out, out
	p.command.Dir = os.TempDir() // the image's own may be read-only
	ownGroup(p.command)
	if err := p.command.Start(); err != nil {
		return mainRun{ending: notStarted, err: err, code: -1}
	}
	ended := make(chan error, 1)
	go func() { ended <- p.command.Wait() }()
	run := p.wait(ctx, ended)
	_ = killGroup(p.command) // after an exit, too: what main left behind
	if run.ending != exited {
		run.err = <-ended
	}
	run.code = p.command.ProcessState.ExitCode()
	if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok {
		run.killed = run.ending == exited && status.Signaled() && status.Signal() == syscall.SIGKILL
	}
	if errors.Is(run.err, exec.ErrWaitDelay) {
		run.err = nil // main ended well; something that it started held its output open
	}
	run.tail = out.last()
	return run
}

// wait says how main ended, or why it is to be ended.
func (p mainProcess) wait(ctx context.Context, ended <-chan error) mainRun {
	deadline := time.NewTimer(p.limit)
	defer deadline.Stop()
	select {
	case err := <-ended:
		return mainRun{ending: exited, err: err}
	case <-deadline.C:
		return mainRun{ending: timedOut}
	case <-ctx.Done():
		return mainRun{ending: toldToStop}
	case <-p.recorded:
	}
	deadline.Reset(p.grace)
	select {
	case err := <-ended:
		return mainRun{ending: exited, err: err}
	case <-deadline.C:
		return mainRun{ending: wentOn}
	case <-ctx.Done():
		return mainRun{ending: toldToStop}
	}
}

var (
	// progressBar and uploadLine are StormSubmitter's progress bar, and the lines
	// around it.
	progressBar = pattern(`^\[[=>. ]*\] \d+ / \d+$`)
	uploadLine  = pattern(`^(Start uploading file '.*|File '.*' uploaded) to '.*' \(\d+ bytes\)$`)
	// secretLines are two lines of Storm's client (StormSubmitter.java, v2.8.1): the
	// whole conf, and the ZooKeeper secret of the topology.
	secretLines = []string{"Generated ZooKeeper secret payload for MD5-digest: ", " in distributed mode with conf {"}
)

// pattern is compiled when it is first needed: most of what starts in a pod needs
// none, and they would be a tenth of its start.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// isNoise says which of main's lines no log gets: Storm's secrets, and how far
// an upload has come that goes nowhere.
func isNoise(line string) bool {
	for _, secret := range secretLines {
		if strings.Contains(line, secret) {
			return true
		}
	}
	return progressBar().MatchString(line) || uploadLine().MatchString(line)
}
