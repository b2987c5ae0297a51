package stories

import (
	"os"
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
	script := w.blockOf(ts, args[0], args[1])
	for _, pair := range args[2:] {
		word, value, _ := strings.Cut(pair, "=")
		script = regexp.MustCompile(`\b`+regexp.QuoteMeta(word)+`\b`).ReplaceAllLiteralString(script, value)
	}
	manifests := ts.MkAbs("manifests")
	if _, err := os.Lstat(manifests); err != nil {
		ts.Check(os.Symlink(filepath.Join(w.checkout, "manifests"), manifests))
	}
	if strings.HasPrefix(script, "make ") {
		script = "cd '" + w.checkout + "'\n" + script
	}
	ts.Setenv("PATH", strings.Join([]string{filepath.Dir(place.Bin("kubectl")), filepath.Join(w.checkout, "bin"), os.Getenv("PATH")}, ":"))
	ts.Check(ts.Exec("bash", "-euxo", "pipefail", "-c", script))
}

// blockOf finds the commands that a page's mark gives to this story.
func (w *world) blockOf(ts *testscript.TestScript, page, label string) string {
	file := filepath.Join(w.checkout, "docs", page)
	if page == "README.md" || strings.Contains(page, "/") {
		file = filepath.Join(w.checkout, page)
	}
	blocks, err := pages.Read(file)
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
