package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// SECURITY.md names a test, or a story on the real cluster, for each line. All of
// them exist.
func TestSecurityIsHeld(t *testing.T) {
	have := map[string]bool{}
	test := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, folder := range []string{"../pkg", "../hooks", "../e2e/lyingstorm", "../e2e/sim", "../e2e/manifests"} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, found := range test.FindAllStringSubmatch(string(text), -1) {
				have[found[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range strings.Split(read(t, "../SECURITY.md"), "| | tests |\n|---|---|\n")[1:] {
		rows, _, _ := strings.Cut(table, "\n\n")
		for row := range strings.Lines(rows) {
			if !regexp.MustCompile("\\| [^|]*`(?:Test|Fuzz|e2e/)[^|]* \\|\n?$").MatchString(row) {
				t.Errorf("SECURITY.md names no test for %s", row)
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, "../SECURITY.md"), -1)
	if len(named) < 20 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !have[name[1]] {
			t.Errorf("SECURITY.md names %s, which does not exist", name[1])
		}
	}
	stories := regexp.MustCompile("`(e2e/cluster/stories/[a-z-]+\\.txt)`").FindAllStringSubmatch(read(t, "../SECURITY.md"), -1)
	if len(stories) < 3 {
		t.Errorf("only %d stories are named", len(stories))
	}
	for _, story := range stories {
		read(t, "../"+story[1])
	}
}
