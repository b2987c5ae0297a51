package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

type kind int

const (
	page    kind = iota + 1 // a paragraph of a document, a manifest or a script
	comment                 // a comment of Go code
	literal                 // a string literal of Go code
)

// spokenText is a paragraph that a person reads.
type spokenText struct {
	kind  kind
	file  string
	lines []string // without the signs of a comment
	first int      // number of the first line
}

// words is the paragraph in one line.
func (s spokenText) words() string { return strings.Join(s.lines, " ") }

// lineAt is the line of a place in words.
func (s spokenText) lineAt(at int) int {
	for i, line := range s.lines {
		if at -= len(line) + 1; at < 0 {
			return s.first + i
		}
	}
	return s.first + len(s.lines) - 1
}

// spoken reads a file or folder of the repository, without the folders testdata in
// it.
func spoken(t *testing.T, root string) (texts []spokenText) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", root), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file := strings.TrimPrefix(filepath.ToSlash(path), "../")
		if entry.IsDir() {
			if file != root && entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() { // the chart links to the CRDs
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		texts = append(texts, spokenIn(t, file, string(text))...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// spokenIn reads one file. The guide keeps its text, the next file has the
// forbidden words themselves, and a recording is of an older build.
func spokenIn(t *testing.T, file, text string) []spokenText {
	switch extension := filepath.Ext(file); {
	case file == "docs/guide.md", file == "docs/plain_words_test.go", extension == ".recorded":
		return nil
	case extension == ".go":
		return spokenGo(t, file, text)
	case extension == ".md", extension == ".json":
		return paragraphs(file, text, "")
	case extension == ".lua":
		return paragraphs(file, text, "--")
	default: // YAML and the like
		return paragraphs(file, text, "#")
	}
}

// paragraphs are separated by empty lines. sign begins a comment.
func paragraphs(file, text, sign string) (texts []spokenText) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if sign != "" {
			line = strings.TrimSpace(strings.TrimPrefix(line, sign))
		}
		last := len(texts) - 1
		switch {
		case line == "", strings.HasPrefix(line, "```"): // what a page shows is read, too
		case last >= 0 && texts[last].first+len(texts[last].lines) == i+1:
			texts[last].lines = append(texts[last].lines, line)
		default:
			texts = append(texts, spokenText{page, file, []string{line}, i + 1})
		}
	}
	return texts
}

// spokenGo reads the comments and the string literals of a Go file, unless a
// program wrote it.
func spokenGo(t *testing.T, file, text string) (texts []spokenText) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if ast.IsGenerated(tree) {
		return nil
	}
	line := func(node ast.Node) int { return files.Position(node.Pos()).Line }
	for _, group := range tree.Comments {
		said := spokenText{kind: comment, file: file, first: line(group)}
		for _, one := range group.List {
			for _, words := range strings.Split(one.Text, "\n") {
				said.lines = append(said.lines, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(words), "//")))
			}
		}
		texts = append(texts, said)
	}
	ast.Inspect(tree, func(node ast.Node) bool {
		if found, is := node.(*ast.BasicLit); is && found.Kind == token.STRING {
			said, err := strconv.Unquote(found.Value)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, spokenText{literal, file, strings.Split(said, "\n"), line(found)})
		}
		return true
	})
	return texts
}
