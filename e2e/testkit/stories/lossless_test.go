package stories

import (
	"fmt"
	"testing"
	"time"
)

// oneIn is which share of all changes is tried: a hundred thousand take minutes.
const oneIn = 97

// Nothing in an answer can change without a change of what is printed of it.
func TestNothingIsLost(t *testing.T) {
	all, err := Folder("../../../pkg/topology")
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, story := range all {
		told, err := story.Tell()
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range told {
			tree := step.Answer.Tree()
			want := step.print(step.Answer.Tree())
			mutate("", tree, func(any) {}, func(where string) {
				if changed++; changed%oneIn != 0 {
					return
				}
				if got := step.print(tree); got == want {
					t.Errorf("%s/%s: another %s prints the same:\n%s", story.Name, step.Name, where, got)
				}
			})
		}
	}
	if changed < 50_000 {
		t.Errorf("only %d changes of answers were found", changed)
	}
}

// mutate makes one change after the other to a tree, calls try, and takes it back.
// set puts another value where the node is.
func mutate(where string, node any, set func(any), try func(where string)) {
	change := func(to any) {
		set(to)
		try(fmt.Sprintf("%s (%v)", where, to))
		set(node)
	}
	switch node := node.(type) {
	case map[string]any:
		keys := make([]string, 0, len(node))
		for key := range node {
			keys = append(keys, key)
		}
		for _, key := range keys {
			value := node[key]
			mutate(where+"."+key, value, func(to any) { node[key] = to }, try)
			delete(node, key)
			try(where + "." + key + " (gone)")
			node[key] = value
		}
		node["another"] = "x"
		try(where + ".another")
		delete(node, "another")
	case []any:
		for i, value := range node {
			mutate(fmt.Sprintf("%s[%d]", where, i), value, func(to any) { node[i] = to }, try)
			change(append(append([]any{}, node[:i]...), node[i+1:]...))
			change(append(append([]any{}, node[:i]...), append([]any{value}, node[i:]...)...))
		}
		for i := 1; i < len(node); i++ {
			node[i-1], node[i] = node[i], node[i-1]
			try(fmt.Sprintf("%s[%d] (swapped)", where, i))
			node[i-1], node[i] = node[i], node[i-1]
		}
	case string:
		change(node + "x")
		change(`"` + node + `"`)
		if node != "" {
			change("")
			change(node[1:])
		}
		if at, err := time.Parse(time.RFC3339, node); err == nil {
			change(at.Add(time.Second).Format(time.RFC3339))
		}
	case float64:
		change(node + 1)
		change(fmt.Sprint(node))
	case bool:
		change(!node)
		change(fmt.Sprint(node))
	}
	if node != nil && where != "" {
		change(nil)
	}
}

// A step's text and its commands come back as they stand in the file.
func TestText(t *testing.T) {
	const text = "# One.\nsync one at=1s storm=ACTIVE(0/2, a b)\nextractPod=exited(1, {\"message\":\"a (b) c\"})\nparent: {spec: {suspend: true}}\n----\nrunning: Running: yes\n" +
		"\n# Two,\n# in two lines.\nfinalize two at=1m like=running whole\n----\n"
	steps, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := Text(steps); got != text {
		t.Errorf("got\n%s\nwant\n%s", got, text)
	}
	one, two := steps[0], steps[1]
	if one.Name != "01-one" || one.At != time.Second || len(one.builds) != 2 || one.builds[0] != (build{"storm", "ACTIVE(0/2, a b)"}) || one.patch["parent"] == nil {
		t.Errorf("%+v", one)
	}
	if two.Name != "02-two" || two.Why != "Two,\nin two lines." || !two.Finalize || two.like != "running" || !two.whole {
		t.Errorf("%+v", two)
	}
	for _, wrong := range []string{"sync a at=1s", "# A.\nfinalise a at=1s", "# A.\nsync at=1s", "# A.\nsync a at=1", "# A.\nsync a at=1s\nparent: ["} {
		if _, err := read(wrong); err == nil {
			t.Errorf("taken: %q", wrong)
		}
	}
}

// What no builder knows is an error, not an empty world.
func TestBuildersRefuse(t *testing.T) {
	for _, b := range []build{{"extract", "done"}, {"extractPod", "exited(x)"}, {"extractPod", "going"}, {"storm", "ACTIVE(two)"}, {"parent", "big"}, {"extract", "failed(8)"}} {
		if patch, err := (World{}).built(b, 0); err == nil {
			t.Errorf("%s=%s makes %v", b.part, b.words, patch)
		}
	}
}
