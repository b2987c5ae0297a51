package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

func TestAnotherCachesClusterIsLeftAlone(t *testing.T) {
	others, file := t.TempDir(), filepath.Join(t.TempDir(), "owner")
	state := filepath.Join(others, "cluster")
	if err := os.MkdirAll(filepath.Join(state, "pid"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(state+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	was := ownerFile
	ownerFile = file
	defer func() { ownerFile = was }()
	t.Setenv("STORMHOOKS_CACHE", t.TempDir())

	if err := run.Start(filepath.Join(state, "pid"), filepath.Join(others, "log"), "etcd", nil, []string{"sleep", "600"}); err != nil {
		t.Fatal(err)
	}
	if err := Down(t.Context()); err == nil || !strings.Contains(err.Error(), "STORMHOOKS_CACHE="+others) {
		t.Errorf("a cluster of another cache runs: want to be told its cache, got %v", err)
	}
	for _, process := range run.Recorded(filepath.Join(state, "pid")) {
		process.Kill()
	}
	if err := othersCluster(); err != nil {
		t.Errorf("what a dead cluster left is anybody's to clear away, got %v", err)
	}
}
