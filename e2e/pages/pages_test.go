package pages

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlocks(t *testing.T) {
	page := "# A\n\n<!-- run: story a b -->\n\n```console\n$ one\nsaid\n```\ntext\n  ```yaml\n  a: b\n  ```\n"
	want := []Block{
		{Page: "p", Line: 5, Lang: "console", Mark: "run: story a b", Text: "$ one\nsaid\n"},
		{Page: "p", Line: 10, Lang: "yaml", Text: "a: b\n"},
	}
	if diff := cmp.Diff(want, Blocks("p", page)); diff != "" {
		t.Error(diff)
	}
}

func TestDocument(t *testing.T) {
	block := Block{Lang: "console", Text: "$ apply -f - <<EOF\na: b\nc: d\nEOF\n$ two\n"}
	var got []string
	for _, command := range block.Commands() {
		got = append(got, command.Document())
	}
	if diff := cmp.Diff([]string{"a: b\nc: d\n", ""}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCommands(t *testing.T) {
	cases := map[string]struct {
		block Block
		want  []Command
	}{
		"a command and what it says": {Block{Lang: "console", Text: "$ one\nsaid\nmore\n$ two\n"}, []Command{{"one\n", "said\nmore\n"}, {"two\n", ""}}},
		"a line that continues":      {Block{Lang: "console", Text: "$ one \\\n  two\nsaid\n"}, []Command{{"one \\\n  two\n", "said\n"}}},
		"a here-document":            {Block{Lang: "console", Text: "$ cat <<'EOF'\na\n$ b\nEOF\nsaid\n"}, []Command{{"cat <<'EOF'\na\n$ b\nEOF\n", "said\n"}}},
		"a script":                   {Block{Lang: "sh", Text: "one\ntwo\n"}, []Command{{"one\ntwo\n", ""}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.block.Commands()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
