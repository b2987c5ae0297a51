package v1beta1

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reasons are the constants of reasons.go by name, without the condition types.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reasons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, is := node.(*ast.ValueSpec)
		if !is || strings.HasPrefix(spec.Names[0].Name, "Condition") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found[spec.Names[0].Name] = value
		return true
	})
	if len(found) < 20 {
		t.Fatalf("found only %d reasons: %v", len(found), found)
	}
	return found
}

func TestAReasonIsItsName(t *testing.T) {
	for name, value := range reasons(t) {
		if name != value {
			t.Errorf("constant %s is %q: a person who reads a status could not find it", name, value)
		}
	}
}

// A reason that nothing reports would still be documented.
func TestEveryReasonIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, root := range []string{"../../../pkg", "../../../hooks"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if selector, is := node.(*ast.SelectorExpr); is {
					if of, is := selector.X.(*ast.Ident); is && of.Name == "v1beta1" {
						used[selector.Sel.Name] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range reasons(t) {
		if !used[name] {
			t.Errorf("nothing in pkg or hooks reports the reason %s: remove it", name)
		}
	}
}

// docs/troubleshooting.md has exactly one row for each reason.
func TestEveryReasonIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z]\w+) \| (.+) \| (.+) \|$`).FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, row[1])
	}
	slices.Sort(documented)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(reasons(t))), documented); diff != "" {
		t.Errorf("reasons (-in reasons.go +in docs/troubleshooting.md):\n%s", diff)
	}
}

// Each line of the guide's troubleshooting section leads to reasons that exist.
func TestTheGuidesTroubleshootingHasReasons(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "\n## Troubleshooting\n")
	section, _, _ = strings.Cut(section, "\n## ")
	lines := regexp.MustCompile(`(?m)^- ([^:\n]+)`).FindAllStringSubmatch(section, -1)
	if len(lines) < 9 {
		t.Fatalf("found only %d lines in the guide's troubleshooting", len(lines))
	}
	known := reasons(t)
	for _, line := range lines {
		_, rest, found := strings.Cut(string(page), "| "+line[1]+" | ")
		if !found {
			t.Errorf("docs/troubleshooting.md does not say which reasons belong to the guide's %q", line[1])
			continue
		}
		cell, _, _ := strings.Cut(rest, " |")
		for reason := range strings.SplitSeq(cell, ", ") {
			if known[reason] == "" {
				t.Errorf("%q leads to %q, which is not a reason", line[1], reason)
			}
		}
	}
}
