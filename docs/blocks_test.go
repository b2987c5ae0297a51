package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/pages"
)

// otherwise names the test that runs all blocks of a page that have no mark.
var otherwise = map[string]string{
	"cli.md": "hooks/kubectl-storm/page_test.go TestThePage",
}

// blocks are the fenced blocks of a page.
func blocks(t *testing.T, page string) []pages.Block {
	t.Helper()
	found, err := pages.Read(page)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Every block of commands is run: by a story on the real cluster, by a test, or by
// CI through make; otherwise its mark says why not. See e2e/pages for the marks.
func TestEveryCommandIsRun(t *testing.T) {
	seen := 0
	for _, page := range allPages(t) {
		for _, block := range blocks(t, page) {
			if block.Lang != "console" && block.Lang != "sh" {
				continue
			}
			seen++
			if file, test, _ := strings.Cut(otherwise[filepath.Base(page)], " "); file != "" && block.Mark == "" {
				if fault := heldBy(file, test); fault != "" {
					t.Errorf("%s: %s", page, fault)
				}
				continue
			}
			if fault := runBy(t, block); fault != "" {
				t.Errorf("%s:%d: %s\n%s", block.Page, block.Line, fault, block.Text)
			}
		}
	}
	if seen < 10 {
		t.Errorf("found only %d blocks of commands", seen)
	}
}

// runBy says what is wrong with the mark of a block.
func runBy(t *testing.T, block pages.Block) (fault string) {
	t.Helper()
	if len(block.Commands()) == 0 {
		return "the block has no command: commands begin with $"
	}
	if reason, not := strings.CutPrefix(block.Mark, "not run:"); not {
		if len(strings.Fields(reason)) < 4 {
			return "the mark gives no reason"
		}
		return ""
	}
	by, marked := strings.CutPrefix(block.Mark, "run:")
	words := strings.Fields(by)
	switch {
	case !marked || len(words) < 2:
		return "nothing runs this block; e2e/pages/doc.go has the marks"
	case words[0] == "story" && len(words) == 3:
		return toldBy(t, block, words[1], words[2])
	case words[0] == "make":
		return madeByCI(t, block, words[1])
	default:
		return heldBy(words[0], words[1])
	}
}

// toldBy requires that the story runs the block, and that the block shows no
// output, since no test would check it.
func toldBy(t *testing.T, block pages.Block, story, label string) string {
	text, err := os.ReadFile("../e2e/cluster/stories/" + story + ".txt")
	if err != nil {
		return "story " + story + " does not exist"
	}
	page := strings.TrimPrefix(block.Page, "../") // of docs, or from the top
	if !regexp.MustCompile("(?m)^shown " + regexp.QuoteMeta(page+" "+label) + "( |$)").Match(text) {
		return "story " + story + " does not say: shown " + page + " " + label
	}
	for _, command := range block.Commands() {
		if strings.TrimSpace(command.Shown) != "" {
			return "no test checks the output " + command.Shown
		}
	}
	return ""
}

// madeByCI requires that all commands are `make TARGET`, with targets of `make test`.
func madeByCI(t *testing.T, block pages.Block, target string) string {
	makefile := read(t, "../Makefile") + read(t, "../e2e/cluster/cluster.mk")
	reached := []string{"test"}
	for i := 0; i < len(reached); i++ {
		rule := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(reached[i]) + `:([^#\n]*)`).FindStringSubmatch(makefile)
		if rule != nil {
			reached = append(reached, strings.Fields(rule[1])...)
		}
	}
	if !slices.Contains(reached, target) {
		return "make test does not run " + target
	}
	for _, command := range block.Commands() {
		made := regexp.MustCompile(`^make ([a-z0-9-]+)`).FindStringSubmatch(command.Typed)
		if made == nil || !slices.Contains(reached, made[1]) {
			return "make test does not run: " + command.Typed
		}
	}
	return ""
}

func heldBy(file, test string) string {
	text, err := os.ReadFile(filepath.Join("..", file))
	if err != nil {
		return file + " does not exist"
	}
	if !strings.Contains(string(text), "func "+test+"(") && !strings.HasSuffix(file, ".txt") {
		return file + " has no " + test
	}
	return ""
}
