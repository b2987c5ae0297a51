package inpod

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// runCommand runs the user's extraction command. Its output goes to the log. Messages have
// the command as it stands in the spec, since a variable may be secret.
func (x *extraction) runCommand(ctx context.Context) *problem.Problem {
	shown := strings.Join(x.Command, " ")
	x.phase("running " + shown)
	x.say("Running %s", shown)
	words, values := x.expanded()
	out := &output{to: x.Log, hide: values.hide}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Stdout, command.Stderr = out, out
	ownGroup(command)
	err := command.Run()
	tail := strings.Join(out.last(), "\n")
	var exit *exec.ExitError
	var failed *problem.Problem
	switch {
	case ctx.Err() != nil:
		failed = x.stopped(ctx)
	case err == nil:
		return nil
	case errors.As(err, &exit) && exit.ExitCode() < 0 && memoryKills(memoryEvents...) > 0:
		failed = problem.New(v1beta1.OutOfMemory, "The extraction command was killed because it needed more memory than the container's limit. Raise spec.topology.jar.container.resources.limits.memory.")
	case errors.As(err, &exit):
		failed = problem.New(v1beta1.ExtractionFailed, "The extraction command ended with %s. Fix spec.topology.jar.container.command or args.", exit.ProcessState)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		failed = problem.New(v1beta1.ExtractionFailed, "%s has no program %s. Set spec.topology.jar.container.command to a program that it has, or remove command.", text.Capital(x.image()), x.Command[0])
	default:
		failed = problem.New(v1beta1.ExtractionFailed, "The extraction command could not be run: %v. Fix spec.topology.jar.container.command or args.", err)
	}
	failed.Tail = tail
	return values.hideIn(failed)
}

// expanded is the command with the values of its variables.
func (x *extraction) expanded() (words []string, values variables) {
	values = variables{}
	value := func(name string) (string, bool) {
		value, set := os.LookupEnv(name)
		if set = set && slices.Contains(x.Variables, name); set {
			values.add(name, value, "")
		}
		return value, set
	}
	for _, word := range x.Command {
		words = append(words, storm.ExpandSet(word, value))
	}
	return words, values
}

// memoryEvents say how many processes of a container the kernel has killed for
// memory: the files of cgroup v2 and v1
// (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
var memoryEvents = []string{"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"}

// memoryKills is how many processes the first of these files counts; -1 if none does.
func memoryKills(files ...string) int {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			number, found := strings.CutPrefix(line, "oom_kill ")
			if count, err := strconv.Atoi(number); found && err == nil {
				return count
			}
		}
	}
	return -1
}

// ownGroup gives a program its own process group. When its context ends, the whole
// group is killed, with everything that the program started.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return killGroup(command) }
	command.WaitDelay = 2 * time.Second // a child that left the group may keep the output open
}

func killGroup(command *exec.Cmd) error {
	err := syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
