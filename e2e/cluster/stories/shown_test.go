package stories

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/pages"
)

// shown PAGE LABEL [WORD=VALUE]… runs what a document shows: the block that its
// mark gives to this story under LABEL, with the document's placeholders replaced.
// It runs as a person would paste it, in a shell. The folder manifests is the
// checkout's, files that it writes or wants are the story's own; only what begins
// with make runs in the checkout itself.
func (w *world) shown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: shown PAGE LABEL [WORD=VALUE]…")
	}
	script := filled(w.blockOf(ts, args[0], args[1]), args[2:])
	if strings.HasPrefix(script, "make ") {
		// A story's HOME is empty: Go would fetch and build everything again.
		caches, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
		ts.Check(err)
		where := strings.Fields(string(caches))
		ts.Setenv("GOMODCACHE", where[0])
		ts.Setenv("GOCACHE", where[1])
		script = "cd '" + w.checkout + "'\n" + script
	}
	w.paste(ts, script)
}

// inline PAGE [WORD=VALUE]… runs the commands within a page's sentences and tables
// that only look: kubectl get, describe, explain and logs of a Job.
func (w *world) inline(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: inline PAGE [WORD=VALUE]…")
	}
	text, err := pages.Text(w.page(args[0]))
	ts.Check(err)
	commands := regexp.MustCompile("`(kubectl (?:get|describe|explain|logs [^`]*job/)[^`]*)`").FindAllStringSubmatch(text, -1)
	if len(commands) == 0 {
		ts.Fatalf("%s has no such command", args[0])
	}
	script := ""
	for _, command := range commands {
		if fields := strings.Fields(command[1]); len(fields) > 2 { // else it is spoken of, not shown
			script += command[1] + "\n"
		}
	}
	w.paste(ts, filled(script, args[1:]))
}

// filled replaces the placeholders of a document.
func filled(script string, pairs []string) string {
	for _, pair := range pairs {
		word, value, _ := strings.Cut(pair, "=")
		whole := regexp.QuoteMeta(word)
		if regexp.MustCompile(`\w$`).MatchString(word) { // NAME does not match in NAMESPACE
			whole = `\b` + whole + `\b`
		}
		script = regexp.MustCompile(whole).ReplaceAllLiteralString(script, value)
	}
	return script
}

func (w *world) paste(ts *testscript.TestScript, script string) {
	manifests := ts.MkAbs("manifests")
	if _, err := os.Lstat(manifests); err != nil {
		ts.Check(os.Symlink(filepath.Join(w.checkout, "manifests"), manifests))
	}
	ts.Setenv("PATH", strings.Join([]string{filepath.Dir(place.Bin("kubectl")), filepath.Join(w.checkout, "bin"), os.Getenv("PATH")}, ":"))
	ts.Check(ts.Exec("bash", "-euxo", "pipefail", "-c", script))
}

// page is the file of docs, or from the top of the checkout.
func (w *world) page(name string) string {
	if name == "README.md" || strings.Contains(name, "/") {
		return filepath.Join(w.checkout, name)
	}
	return filepath.Join(w.checkout, "docs", name)
}

// blockOf finds the commands that a page's mark gives to this story.
func (w *world) blockOf(ts *testscript.TestScript, page, label string) string {
	blocks, err := pages.Read(w.page(page))
	ts.Check(err)
	for _, block := range blocks {
		if block.Mark != "run: story "+ts.Getenv("STORY")+" "+label {
			continue
		}
		script := ""
		for _, command := range block.Commands() {
			script += command.Typed
		}
		if script == "" {
			ts.Fatalf("%s: block %s has no command", page, label)
		}
		return script
	}
	ts.Fatalf("%s has no block marked: run: story %s %s", page, ts.Getenv("STORY"), label)
	return ""
}
