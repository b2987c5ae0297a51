package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

// program is one way to do a thing with processes.
type program struct {
	name string
	argv []string
	// before is done before each round, and not measured.
	before func() error

	wall, cpu []time.Duration
	memory    []int64 // most that one of its processes held, in bytes
}

// race lets programs take turns.
func race(rounds int, programs ...*program) error {
	for range rounds {
		for _, p := range programs {
			if err := p.round(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *program) round() error {
	if p.before != nil {
		if err := p.before(); err != nil {
			return err
		}
	}
	var said bytes.Buffer
	command := exec.Command(p.argv[0], p.argv[1:]...)
	forgetPeak()
	command.Stdout, command.Stderr = &said, &said
	began := time.Now()
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %.500s", p.name, err, said.String())
	}
	p.wall = append(p.wall, time.Since(began))
	state := command.ProcessState
	p.cpu = append(p.cpu, state.UserTime()+state.SystemTime())
	// Maxrss is in KiB on Linux, and covers a shell's own children.
	p.memory = append(p.memory, state.SysUsage().(*syscall.Rusage).Maxrss<<10)
	return nil
}

// forgetPeak resets the peak of this process: the peak of a child counts from its
// parent's (linux: fs/exec.c, exec_mmap), which is therefore the least that is seen.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // proc_pid_clear_refs(5)
}

func (p *program) peak() string { return figures.Size(figures.Median(p.memory)) }

// build makes a static binary, as the Dockerfile does.
func build(folder, name, of string) (string, error) {
	binary := filepath.Join(folder, name)
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, of)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", of, err, said)
	}
	return binary, nil
}

// temporary is a folder for a figure's own files.
func temporary(use func(folder string) error) error {
	folder, err := os.MkdirTemp("", "stormhooks-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	return use(folder)
}

// sizeOf is a file's size.
func sizeOf(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
