package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a daemon that the harness started. Pid alone would not do: ids are
// used again, so the start time (in clock ticks since boot) and the boot say
// which process was meant.
type Process struct {
	Name  string
	Pid   int
	Start uint64
	Boot  string
}

// Start starts a daemon in a session of its own and puts it on record in pids.
func Start(pids, log, name string, env, argv []string) error {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	defer out.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	go cmd.Wait() // reap it should it die while we are still here
	start, err := startTime(cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("starting %s: it ended at once, see %s: %w", name, log, err)
	}
	record, err := json.Marshal(Process{Name: name, Pid: cmd.Process.Pid, Start: start, Boot: boot()})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(pids, name), record, 0o644)
}

// Recorded lists the daemons on record, alive or not.
func Recorded(pids string) []Process {
	files, _ := filepath.Glob(filepath.Join(pids, "*"))
	var found []Process
	for _, file := range files {
		text, err := os.ReadFile(file)
		var p Process
		if err == nil && json.Unmarshal(text, &p) == nil {
			found = append(found, p)
		}
	}
	return found
}

// Alive tells whether this very process still runs.
func (p Process) Alive() bool {
	start, err := startTime(p.Pid)
	return err == nil && start == p.Start && p.Boot == boot()
}

// Kill ends the process, if it is still the one that was started, and waits
// until it is gone.
func (p Process) Kill() {
	if !p.Alive() {
		return
	}
	if err := syscall.Kill(p.Pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
		return
	}
	for range 100 {
		if !p.Alive() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// startTime reads field 22 of /proc/PID/stat; the name in field 2 may hold
// spaces and brackets, so counting starts behind its last bracket. A zombie
// counts as gone.
func startTime(pid int) (uint64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return 0, os.ErrProcessDone
	}
	return strconv.ParseUint(fields[19], 10, 64)
}

func boot() string {
	text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
}
