package node

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cgroupRoot is the group that holds the cluster's pods, so that they can be
// told from those of another kubelet on the machine.
const cgroupRoot = "stormhooks"

// processorShares are the pods' part of a busy processor: that of twenty programs outside
// of the group. With the default, all pods together get as much as one compiler that runs
// beside them, and workers of Storm do not start in time. The files are those of cgroup v1
// and v2 (Linux: Documentation/admin-guide/cgroup-v1, cgroup-v2.rst), whose defaults are
// 1024 and 100.
var processorShares = map[string]string{"cpu.shares": "20480", "cpu.weight": "2000"}

// makeCgroup makes the root in every hierarchy; the kubelet wants to find it.
func makeCgroup() error {
	for _, hierarchy := range hierarchies() {
		dir := filepath.Join(hierarchy, cgroupRoot)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		// A new cpuset of cgroup v1 is empty, and a process cannot enter it.
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			if text, err := os.ReadFile(filepath.Join(hierarchy, file)); err == nil && filepath.Base(hierarchy) != "unified" {
				if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
					return err
				}
			}
		}
		for name, shares := range processorShares {
			err := os.WriteFile(filepath.Join(dir, name), []byte(shares), 0o644)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
				return err // a hierarchy has one of the files at most: no file can be made in it
			}
		}
	}
	return nil
}

// hierarchies are the mounted cgroup trees: one on cgroup v2, many on v1.
func hierarchies() []string {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return []string{"/sys/fs/cgroup"}
	}
	mounts, _ := os.ReadFile("/proc/mounts")
	var found []string
	for _, line := range strings.Split(string(mounts), "\n") {
		if fields := strings.Fields(line); len(fields) > 2 && strings.HasPrefix(fields[2], "cgroup") {
			found = append(found, fields[1])
		}
	}
	return found
}

// emptyCgroup ends the processes of pods that outlived their shims, and removes
// the groups.
func emptyCgroup() {
	for range 100 {
		if endPods() == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, hierarchy := range hierarchies() {
		groups := subgroups(filepath.Join(hierarchy, cgroupRoot))
		for i := len(groups) - 1; i >= 0; i-- { // the deepest first
			_ = syscall.Rmdir(groups[i])
		}
	}
}

func endPods() int {
	count := 0
	for _, hierarchy := range hierarchies() {
		for _, group := range subgroups(filepath.Join(hierarchy, cgroupRoot)) {
			text, _ := os.ReadFile(filepath.Join(group, "cgroup.procs"))
			for _, pid := range strings.Fields(string(text)) {
				if pid != "0" {
					count++
					kill(pid)
				}
			}
		}
	}
	return count
}

func subgroups(root string) []string {
	var groups []string
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return nil
	})
	return groups
}
