package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// hostileTexts are what a file or an object of a cluster may contain.
var hostileTexts = []string{
	"a\n---\nkind: Secret", "\x1b]0;owned\x07\x1b[2J", "$(id)`id`; id #", "\u202eevil\u200b", "<script>alert(1)</script>\r", strings.Repeat("a", 1<<17), "\xff\x00",
}

// say puts a text into every field that is a text.
func say(value reflect.Value, said string) {
	switch value.Kind() {
	case reflect.String:
		value.SetString(said)
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Field(i).CanSet() {
				say(value.Field(i), said)
			}
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		say(value.Index(0), said)
	}
}

// cleanLines holds an output for people: so many lines, each clean.
func cleanLines(t *testing.T, out string, lines int) {
	t.Helper()
	if got := strings.Count(out, "\n"); lines >= 0 && got != lines {
		t.Errorf("%d lines, want %d: %.300q", got, lines, out)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if shown := strings.Trim(line, " "); preview.Line(shown) != shown {
			t.Errorf("%.300q", line)
		}
	}
}

// What is printed for people has no text of a file or of a cluster as it is: it neither
// begins a line, or a YAML document, of its own, nor tells a terminal what to do.
func TestHostileTextsArePrintedClean(t *testing.T) {
	for _, said := range hostileTexts {
		var plan planned
		say(reflect.ValueOf(&plan).Elem(), said)
		plan.kind = KindTopology
		kinds := []preview.Kind{preview.Waits, preview.Create, preview.Suspend, preview.Rebalance, preview.Restart, preview.Finish, preview.Cancel}
		if len(said) > 1000 {
			kinds = kinds[:1] // it takes a while
		}
		for _, kind := range kinds {
			plan.Kind = kind
			var out bytes.Buffer
			plan.write(&out)
			cleanLines(t, out.String(), -1)
			if lines := strings.Count(out.String(), "\n"); lines < 4 || lines > 11 {
				t.Errorf("%s: %d lines", kind, lines)
			}
		}
		var r rendered
		say(reflect.ValueOf(&r).Elem(), said)
		r.Stages[0].Created = nil
		var out bytes.Buffer
		if err := r.write(&out); err != nil {
			t.Fatal(err)
		}
		cleanLines(t, out.String(), 3)
		for line := range strings.Lines(out.String()) {
			if !strings.HasPrefix(line, "# ") {
				t.Errorf("no comment: %.300q", line)
			}
		}
	}
}

// An error about a file says what is in it, on one line.
func TestHostileErrors(t *testing.T) {
	for _, said := range hostileTexts {
		said = said[:min(len(said), 1<<14)] // YAML takes long
		file := filepath.Join(t.TempDir(), "a.yaml")
		for _, content := range []string{said, "kind: " + said, "apiVersion: storm.apache.org/v1beta1\nkind: StormTopology\nmetadata: {name: \"" + said + "\"}\nspec: " + said} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			command := NewRender("v", nil)
			command.SilenceUsage, command.SilenceErrors = true, true
			command.SetArgs([]string{"-f", file})
			var out bytes.Buffer
			command.SetOut(&out)
			command.SetErr(&out)
			if err := command.Execute(); err != nil {
				Print(&out, "", "stormhooks: %s", err)
			}
			cleanLines(t, out.String(), -1)
		}
	}
}
