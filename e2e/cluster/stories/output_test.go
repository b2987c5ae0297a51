package stories

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

var (
	// printing are the commands whose output a story may check.
	printing = regexp.MustCompile(`^(! )?(exec|kubectl|apply|obey|shown|inline|sampled|gaps|figures$|storm (list|conf)|door knock|release install)\b`)
	// checking are the lines that read the output of the last command.
	checking = regexp.MustCompile(`^(! )?(stdout|stderr|(cp|cmp|cmpenv) (stdout|stderr))\b`)
)

// misplaced lists the checks of a story that do not stand right after a command
// that prints, or after another check of its output.
func misplaced(script string) []string {
	var wrong []string
	previous, printed := "the beginning", false
	for i, line := range strings.Split(script, "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case checking.MatchString(line):
			if !printed {
				wrong = append(wrong, fmt.Sprintf("line %d: %q reads the output of %q, which prints nothing", i+1, line, previous))
			}
			continue
		}
		previous, printed = line, printing.MatchString(line)
	}
	return wrong
}

func TestChecksStandAfterTheirCommand(t *testing.T) {
	files, err := filepath.Glob("*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		story, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range misplaced(string(story.Comment)) {
			t.Errorf("%s: %s. Move the check to its command", file, check)
		}
	}
}

func TestMisplaced(t *testing.T) {
	for script, want := range map[string]int{
		"storm list\nstdout a\n! stdout b":                     0,
		"storm list\n\n# The same list.\nstdout a":             0,
		"! kubectl get job x\nstderr 'not found'":              0,
		"kubectl get jobs\ncp stdout before\ncmp stdout other": 0,
		"kubectl get jobs\nuntil pod/x gone 9s\n! stdout x":    1,
		"storm list\nstorm id x ID\n! stdout x\nstderr y":      2,
		"figures start\nstdout x":                              1,
		"cmp stdout before":                                    1,
	} {
		if got := misplaced(script); len(got) != want {
			t.Errorf("%q: got %q, want %d", script, got, want)
		}
	}
}

// TestOwnOutput runs small stories of commands that print, or do not.
func TestOwnOutput(t *testing.T) {
	run := func(t *testing.T, script string) {
		file := filepath.Join(t.TempDir(), "story.txt")
		if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
		testscript.Run(t, testscript.Params{Files: []string{file}, Cmds: map[string]command{
			"print": ownOutput(func(ts *testscript.TestScript, _ bool, args []string) {
				fmt.Fprintln(ts.Stdout(), strings.Join(args, " "))
			}),
			"run":   ownOutput(func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(ts.Exec(args[0], args[1:]...)) }),
			"quiet": ownOutput(func(*testscript.TestScript, bool, []string) {}),
		}})
	}
	for name, script := range map[string]string{
		"what it printed":                   "print one\nstdout one\n",
		"what its program printed":          "run echo one\nstdout one\n",
		"nothing after another command":     "print one\nquiet\n! stdout .\n",
		"nothing after a program":           "exec echo one\nquiet\n! stdout .\n",
		"nothing on stderr after a program": "exec sh -c 'echo one >&2'\nquiet\n! stderr .\n",
	} {
		t.Run(name, func(t *testing.T) { run(t, script) })
	}
}
