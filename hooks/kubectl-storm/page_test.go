package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/pages"
	"github.com/stormhooks/stormhooks/e2e/testkit"
)

const page = "../../docs/cli.md"

// TestThePage runs every command of docs/cli.md, in order, in one folder. A block of YAML
// whose mark names a file is that file from there on. The cluster is that of
// testdata/page.
func TestThePage(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"kubectl", "live.json"} {
		copyFile(t, filepath.Join("testdata/page", name), filepath.Join(folder, name))
	}
	text, err := pages.Text(page)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, block := range pages.Blocks(page, text) {
		words := strings.Fields(block.Mark)
		if block.Lang == "yaml" && len(words) == 4 {
			if err := os.WriteFile(filepath.Join(folder, words[3]), []byte(block.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if block.Lang != "console" || strings.HasPrefix(block.Mark, "not run:") {
			continue
		}
		shown := ""
		for _, command := range block.Commands() {
			shown += "$ " + command.Typed + run(t, folder, command.Typed)
			ran++
		}
		if testkit.Update() {
			text = strings.Replace(text, "```console\n"+block.Text+"```", "```console\n"+shown+"```", 1)
		} else if diff := cmp.Diff(block.Text, shown); diff != "" {
			t.Errorf("%s:%d (-page +output; to accept it: make golden)\n%s", page, block.Line, diff)
		}
	}
	if ran < 10 {
		t.Errorf("ran only %d commands", ran)
	}
	if testkit.Update() {
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// run types a command into a shell, and returns what a terminal would show.
func run(t *testing.T, folder, typed string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-c", typed)
	shell.Dir = folder
	shell.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Errorf("%s: %v", typed, err)
	}
	return string(out)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o755); err != nil {
		t.Fatal(err)
	}
}

// Every shipped example is valid, without warnings.
func TestTheExamplesAreValid(t *testing.T) {
	for _, file := range []string{"../../manifests/examples", "../../manifests/storm-dev/stormcluster.yaml"} {
		out, err := exec.CommandContext(t.Context(), "kubectl-storm", "validate", "--strict", "-f", file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
}
