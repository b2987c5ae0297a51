package inpod

import (
	"encoding/json"
	"os/exec"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestShellWords has what Python's shlex.split answers; nil is an error there, too.
func TestShellWords(t *testing.T) {
	for line, want := range map[string][]string{
		``:                           {},
		" \t\r\n":                    {},
		`-Da=b  -Xmx2g`:              {"-Da=b", "-Xmx2g"},
		`-Denv.name="my env" -Dx=y`:  {"-Denv.name=my env", "-Dx=y"},
		`-Denv.name='my env'-more`:   {"-Denv.name=my env-more"},
		`"-Da=b c" 'd e'`:            {"-Da=b c", "d e"},
		`'' "" a''`:                  {"", "", "a"},
		`-Da=b\ c \"d\" \\`:          {"-Da=b c", `"d"`, `\`},
		`"a\"b" "c\\d" "e\f" "g\'h"`: {`a"b`, `c\d`, `e\f`, `g\'h`},
		`'a\' 'b"c'`:                 {`a\`, `b"c`},
		`-Da=#b # c`:                 {"-Da=#b", "#", "c"},
		`-Da=$HOME;x|y&z`:            {"-Da=$HOME;x|y&z"},
		"-Da=\u00a0\u00e9":           {"-Da=\u00a0\u00e9"},
		`-Da="b`:                     nil,
		`-Da='b`:                     nil,
		`-Da=b\`:                     nil,
	} {
		if got, err := shellWords(line); !slices.Equal(got, want) || (err != nil) != (want == nil) {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
}

// TestShellWordsOfPython compares any line with Python itself.
func TestShellWordsOfPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || testing.Short() {
		t.Skip("needs python3")
	}
	part := rapid.StringOfN(rapid.RuneFrom([]rune("ab= \t\n\"'\\#$\u00e9")), 0, 12, -1)
	var lines []string
	for seed := range 2000 {
		lines = append(lines, part.Example(seed))
	}
	text, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	const script = "import json, shlex, sys\nout = []\nfor line in json.loads(sys.argv[1]):\n  try: out.append(shlex.split(line))\n  except ValueError: out.append(None)\nprint(json.dumps(out))"
	out, err := exec.Command(python, "-c", script, string(text)).Output()
	var all [][]string
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range all {
		if got, err := shellWords(lines[i]); !slices.Equal(got, want) || (err != nil) != (want == nil) {
			t.Errorf("%q: %q, %v; want %q", lines[i], got, err, want)
		}
	}
}
