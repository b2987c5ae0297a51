// Package docs_test checks the documents: what they name exists, and what they
// show is run.
package docs_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allPages are the documents, from the top of the repository.
func allPages(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"../*.md", "../.github/*.md", "*.md", "reference/*.md", "../manifests/examples/*.md", "../e2e/cluster/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	if len(found) < 6 {
		t.Fatalf("found only %v", found)
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A link leads to a file that exists, and to a heading in it.
func TestLinksLeadSomewhere(t *testing.T) {
	for _, page := range allPages(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]+))?\)`).FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			target := page
			if link[1] != "" {
				target = filepath.Join(filepath.Dir(page), link[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, link[1])
			} else if link[2] != "" && !slices.Contains(anchors(read(t, target)), link[2]) {
				t.Errorf("%s links to %s#%s, a heading that does not exist", page, link[1], link[2])
			}
		}
	}
}

// anchors are the names that GitHub gives to headings.
func anchors(text string) []string {
	var found []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(name, " ", "-"))
	}
	return found
}

// Every page of docs is in the table of contents.
func TestTheIndexIsWhole(t *testing.T) {
	index := read(t, "README.md")
	for _, page := range allPages(t) {
		contained := filepath.Dir(page) == "." || filepath.Dir(page) == "reference"
		if contained && page != "README.md" && !strings.Contains(index, "]("+page+")") {
			t.Errorf("docs/README.md has no row for %s", page)
		}
	}
}

// CONTRIBUTING's table "Where things are in the code" has every package once, and
// names folders and files that exist.
func TestWhereThingsAre(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "../CONTRIBUTING.md"), "\n## Where things are in the code\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := map[string]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| .+ \\| `([^`]+)` \\| (.+) \\|$").FindAllStringSubmatch(table, -1) {
		rows[row[1]]++
		for _, file := range quoted.FindAllStringSubmatch(row[2], -1) {
			if _, err := os.Stat(filepath.Join("..", row[1], file[1])); err != nil {
				t.Errorf("CONTRIBUTING sends readers to %s/%s, which does not exist", row[1], file[1])
			}
		}
	}
	for _, folder := range packages(t) {
		if rows[folder] != 1 {
			t.Errorf("CONTRIBUTING has %d rows for %s, want one", rows[folder], folder)
		}
	}
}

// packages are the folders of pkg and hooks that have Go code, and those of e2e
// at its top.
func packages(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, root := range []string{"pkg", "hooks"} {
		err := filepath.WalkDir("../"+root, func(path string, entry fs.DirEntry, err error) error {
			name := entry.Name()
			if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				found = append(found, strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../"))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	folders, err := filepath.Glob("../e2e/*/")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		found = append(found, "e2e/"+filepath.Base(folder))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// A document shows only targets of make that exist.
func TestMakeKnowsWhatIsShown(t *testing.T) {
	known := read(t, "../Makefile") + read(t, "../e2e/cluster/cluster.mk")
	for _, page := range allPages(t) {
		for _, command := range regexp.MustCompile("(?m)(?:^\\$ |`)make ([a-z0-9-]+)").FindAllStringSubmatch(read(t, page), -1) {
			if !strings.Contains(known, "\n"+command[1]+":") {
				t.Errorf("%s shows make %s, which is not a target", page, command[1])
			}
		}
	}
}

// The guide keeps its text: every example in it works as written.
func TestTheGuideIsUnchanged(t *testing.T) {
	const want = "e017981919459d9ac5180571b14cd3e93f39f5408e504cfdd822fbb92de86517"
	sum := sha256.Sum256([]byte(read(t, "guide.md")))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("guide.md has sha256 %s, want %s: leave the guide, and change what does not fit it", got, want)
	}
}
