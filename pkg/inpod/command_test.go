package inpod

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryKills(t *testing.T) {
	for name, test := range map[string]struct {
		file string
		want int
	}{
		"cgroup v2, nothing killed": {"low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n", 0},
		"cgroup v2, one killed":     {"low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n", 1},
		"cgroup v1, nothing killed": {"oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", 0},
		"cgroup v1, some killed":    {"oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", 3},
		"another file":              {"", -1},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "events")
			if err := os.WriteFile(file, []byte(test.file), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := memoryKills(file+"-absent", file); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
