package run

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyTheProcessThatWasStartedIsEnded(t *testing.T) {
	dir := t.TempDir()
	if err := Start(dir, filepath.Join(t.TempDir(), "log"), "sleeper", nil, []string{"sleep", "600"}); err != nil {
		t.Fatal(err)
	}
	found := Recorded(dir)
	if len(found) != 1 || !found[0].Alive() {
		t.Fatalf("a process just started is on record and alive, got %+v", found)
	}
	other := found[0]
	other.Start++ // the pid was used again
	other.Kill()
	if !found[0].Alive() {
		t.Fatal("a process with the same pid but another start time was ended")
	}
	found[0].Kill()
	if found[0].Alive() {
		t.Fatal("the process is still alive after Kill")
	}
}

func TestAnotherBootsProcessIsNotAlive(t *testing.T) {
	start, err := startTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if p := (Process{Pid: os.Getpid(), Start: start, Boot: "another"}); p.Alive() {
		t.Fatal("a process of another boot counts as alive")
	}
}
