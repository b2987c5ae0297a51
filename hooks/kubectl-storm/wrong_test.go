package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/hooks/internal/cli"
)

// TestWrongFiles: mistakes that people make, and what validate says of each. A file of
// testdata/wrong is a theme; after each input is what validate prints, and its exit code.
func TestWrongFiles(t *testing.T) {
	themes, err := filepath.Glob("testdata/wrong/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, theme := range themes {
		archive, err := txtar.ParseFile(theme)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			cases++
			input, want := archive.Files[i], &archive.Files[i+1]
			t.Run(filepath.Base(theme)+"/"+input.Name, func(t *testing.T) {
				got := judged(t, input)
				if testkit.Update() {
					want.Data = []byte(got)
				} else if diff := cmp.Diff(string(want.Data), got); diff != "" || want.Name != "want" {
					t.Errorf("(-want +got; to accept it: make golden)\n%s", diff)
				}
			})
		}
		if testkit.Update() {
			if err := os.WriteFile(theme, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if cases < 150 {
		t.Errorf("only %d files", cases)
	}
}

// raw are words of libraries and of Go, which say nothing to a person.
var raw = regexp.MustCompile(`interface \{\}|<nil>|in body|rpc error|yaml: |json: |evaluating rule|unmarshal|map\[|\*?v1beta1\.Storm|%!`)

// judged is what validate prints of a file. What validate refuses, render and plan refuse,
// too.
func judged(t *testing.T, input txtar.File) string {
	t.Helper()
	t.Chdir(t.TempDir())
	name, data := input.Name, input.Data
	if quoted, is := strings.CutSuffix(name, ".quoted"); is {
		text, err := strconv.Unquote(strings.TrimSpace(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		name, data = quoted, []byte(text)
	}
	for file, text := range map[string][]byte{name: data, "live.json": []byte(`{"apiVersion": "v1", "kind": "List", "items": []}`)} {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	said, code := called(t, "validate", "-f", name)
	if raw.MatchString(said) {
		t.Errorf("words of a library: %s", said)
	}
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, name+":1:1: error:") && bytes.Count(data, []byte("\n")) > 1 && !firstLine.MatchString(line) {
			t.Errorf("without a place: %s", line)
		}
	}
	for _, args := range [][]string{{"render", "-f", name}, {"plan", "-f", name, "--live", "live.json", "--exit-code"}} {
		other, otherCode := called(t, args...)
		if code != 0 && otherCode == 0 || raw.MatchString(other) {
			t.Errorf("validate ends with %d, and %s with %d: %s", code, args[0], otherCode, other)
		}
	}
	return fmt.Sprintf("%sexit code %d\n", said, code)
}

// firstLine are problems whose place is the first character.
var firstLine = regexp.MustCompile("no apiVersion and no kind|kind is missing|apiVersion|metadata is missing|spec is missing|metadata.name|Markdown|found a list|found a single|unknown field|never|UTF-8")

// called is the output and the exit code of a command line.
func called(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	command := newCommand()
	command.SetArgs(args)
	command.SetOut(&out)
	command.SetErr(&out)
	command.SetIn(strings.NewReader(""))
	executed, err := command.ExecuteContextC(context.Background())
	code := cli.End("kubectl storm", executed, err, &out, &out)
	return out.String(), code
}
