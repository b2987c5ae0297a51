package cli

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// A real shell reads the words back as they were.
func TestShellCommand(t *testing.T) {
	words := []string{"a-1-2", "", "two words", "it's", `"`, `\`, "$HOME", "$(touch x)", "`touch x`", "; touch x #", "a\nb", "*", "~", "ä", "-n", "a=b", "!!", "&", "'''"}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", shellCommand(append([]string{"printf", `%s\0`}, words...)...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(words, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := shellCommand("kubectl", "annotate", "a=wordcount-1-1767268800"), "kubectl annotate a=wordcount-1-1767268800"; got != want {
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
	if err := adopt(&script, []Object{object("a", "a-1-1"+hostile), object("b"+hostile, "b-1-1"), object("idle"+hostile, "")}, nil, ""); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh")
	shell.Stdin = strings.NewReader(`kubectl() { printf '%s|' "$@"; }` + "\n" + script.String())
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := "annotate|stormtopology|a|-n|n|--overwrite|" + v1beta1.AnnotationAdopt + "=a-1-1" + hostile + "|" +
		"annotate|stormtopology|b" + hostile + "|-n|n|--overwrite|" + v1beta1.AnnotationAdopt + "=b-1-1|"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("%s\n(-want +got):\n%s", script.String(), diff)
	}
	if ran, _ := filepath.Glob(filepath.Join(dir, "*")); len(ran) > 0 {
		t.Errorf("the id ran a command")
	}
}
