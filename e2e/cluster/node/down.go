package node

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Down removes the cluster: what this harness started and what that left behind
// (shims, pods, mounts, network). It is safe to call when nothing is up, and
// after a run that was killed. The logs stay.
func Down(ctx context.Context) error {
	if err := othersCluster(); err != nil {
		return err
	}
	for _, process := range run.Recorded(place.State("pid")) {
		process.Kill()
	}
	endShims()
	emptyCgroup()
	unmount(place.State())
	if err := lift(ctx); err != nil {
		return err
	}
	_ = os.Remove(ownerFile)
	entries, err := os.ReadDir(place.State())
	if err != nil {
		return nil // there never was a cluster
	}
	for _, entry := range entries {
		if entry.Name() == "logs" {
			continue
		}
		if err := os.RemoveAll(place.State(entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// endShims ends the shims of our containerd. It starts them, they outlive it,
// and they are not recorded. Those with our socket in their command line are our own.
func endShims() {
	socket := place.State("run", "containerd.sock")
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range commands {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), "containerd-shim-runc-v2") {
			continue
		}
		for _, argument := range strings.Split(string(text), "\x00") {
			if strings.TrimSuffix(argument, ".ttrpc") == socket {
				kill(filepath.Base(filepath.Dir(file)))
			}
		}
	}
}

// unmount unmounts every mount below a folder, the innermost first.
func unmount(folder string) {
	mounts, _ := os.ReadFile("/proc/mounts")
	var below []string
	for _, line := range strings.Split(string(mounts), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], folder+"/") {
			below = append(below, fields[1])
		}
	}
	sort.Sort(sort.Reverse(sort.StringSlice(below)))
	for _, mount := range below {
		_ = syscall.Unmount(mount, syscall.MNT_DETACH)
	}
}

func kill(pid string) {
	if number, err := strconv.Atoi(pid); err == nil && number > 1 {
		_ = syscall.Kill(number, syscall.SIGKILL)
	}
}
