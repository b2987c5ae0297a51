package inpod

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// afterRecorded is how long main may keep running once it has submitted. Some mains
// never end, or kill their topology after a while. `storm jar` allows that, but the
// topology does not need it.
const afterRecorded = 10 * time.Second

// mainEnding says how a run of main ended.
type mainEnding int

const (
	exited      mainEnding = iota // by itself
	keptRunning                   // after it had submitted, until it was stopped
	timedOut                      // it had not submitted, and was stopped
	toldToStop                    // the pod was told to stop
	notStarted                    // it could not be started
)

// mainRun is one run of main.
type mainRun struct {
	ending mainEnding
	// code is the exit code, or -1 after a signal. killed: by a SIGKILL that the
	// helper did not send. outOfMemory: by the kernel, or it is not known by whom.
	code                int
	killed, outOfMemory bool
	err                 error
	tail                []string
	clues               clues
}

// mainProcess is what runs main.
type mainProcess struct {
	command *exec.Cmd
	log     io.Writer
	// hide hides in the tail what must not leave the pod; nil hides nothing.
	hide func(line string) string
	// recorded is closed when main has submitted.
	recorded <-chan struct{}
	// memory are the files that count what the kernel has killed for memory.
	memory []string
	// limit is how long main may run until then, grace how long after it.
	limit, grace time.Duration
}

// run runs main until it ends or must be stopped. Nothing that main started outlives
// it.
func (p mainProcess) run(ctx context.Context) mainRun {
	out := &output{to: p.log, drop: isNoise, hide: p.hide}
	p.command.Stdout, p.command.Stderr = out, out
	ownGroup(p.command)
	if err := p.command.Start(); err != nil {
		return mainRun{ending: notStarted, err: err, code: -1}
	}
	ended := make(chan error, 1)
	go func() { ended <- p.command.Wait() }()
	run := p.wait(ctx, ended)
	_ = killGroup(p.command) // also after an exit: main may have left processes
	if run.ending != exited {
		run.err = <-ended
	}
	run.code = p.command.ProcessState.ExitCode()
	if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok {
		run.killed = run.ending == exited && status.Signaled() && status.Signal() == syscall.SIGKILL
		run.outOfMemory = run.killed && memoryKills(p.memory...) != 0
	}
	if errors.Is(run.err, exec.ErrWaitDelay) {
		run.err = nil // main succeeded; a process that it started kept its output open
	}
	run.tail = out.last()
	run.clues = out.found()
	return run
}

// wait returns when main has ended or must be stopped.
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
		return mainRun{ending: keptRunning}
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

// pattern is compiled at its first use: most verbs use none, and compiling them all
// would be a tenth of their start.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// isNoise says which lines of main are not logged: Storm's secrets, and the progress
// of an upload that goes nowhere.
func isNoise(line string) bool {
	for _, secret := range secretLines {
		if strings.Contains(line, secret) {
			return true
		}
	}
	return progressBar().MatchString(line) || uploadLine().MatchString(line)
}
