package diagnose

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// told is a message, and the world that leads to it.
type told struct {
	story   string
	problem *Problem
}

// allTold are the messages of all rows, and of the functions beside Job.
func allTold() (all []told) {
	for _, r := range rows() {
		if problem := r.ask(); problem != nil {
			all = append(all, told{r.story, problem})
		}
	}
	bare := podOf(submitJob(), has("submit", ends("Error", 2, "")), func(pod *corev1.Pod) { pod.OwnerReferences, pod.Name = nil, "topology-wc" })
	lost := podOf(submitJob(), disruptedBy("EvictionByEvictionAPI"), func(pod *corev1.Pod) { pod.OwnerReferences, pod.Name = nil, "topology-wc" })
	return append(all,
		told{"a pod without a Job", Pod(&bare, about, began)},
		told{"a pod without a Job, evicted", Pod(&lost, about, began)},
		told{"a claim, absent", Absent("PersistentVolumeClaim", "topology-jar-wc", about, began, began.Add(late))},
		told{"a Pod, absent", Absent("Pod", "topology-wc", about, began, began.Add(late))},
		told{"an image volume, dropped", ImageVolumeDropped(submitJob())},
		told{"the helper's image volume, dropped", HelperDropped(submitJob(), nil)},
		told{"the helper's image volume, dropped from a Pod", HelperDropped(nil, &bare)},
	)
}

// The messages, as one page to read.
func TestMessagesGolden(t *testing.T) {
	var page strings.Builder
	for _, m := range allTold() {
		said := m.problem.Text()
		fmt.Fprintf(&page, "%s [%s]\n  %s\n\n", m.story, m.problem.Reason, said)
		for _, fault := range testkit.Form(said, m.problem.Counts) {
			t.Errorf("%s: %s: %s", m.story, fault, said)
		}
		if guess := guesses.FindString(said); guess != "" {
			t.Errorf("%s: a message says what was observed, and this guesses (%q): %s", m.story, guess, said)
		}
	}
	testkit.Golden(t, "testdata/messages.golden", []byte(page.String()))
}

var guesses = regexp.MustCompile(`(?i)\b(usual(ly)?|most often|probably|perhaps|maybe|common)\b`)

// Each text of the package that is a part of a message is in a message of a row. The texts
// are read from the source, so none can be forgotten.
func TestEveryMessageHasARow(t *testing.T) {
	var page strings.Builder
	for _, m := range allTold() {
		page.WriteString(m.problem.Text() + "\n")
	}
	for _, c := range securityCases() { // one row names two of them
		page.WriteString(strings.Join(c.Broken, "\n") + "\n")
	}
	texts := textsOfMessages(t)
	if len(texts) < 80 {
		t.Errorf("only %d texts were found in the source", len(texts))
	}
	for place, text := range texts {
		if !asPattern(text).MatchString(page.String()) {
			t.Errorf("%s: no row has this text in its message: %q", place, text)
		}
	}
}

// TestEveryMessageHasARow must notice a text that no row has.
func TestATextWithoutARowIsNoticed(t *testing.T) {
	for text, want := range map[string]bool{
		"the %s is gone, and %s too": true, "The job is gone, and %s too": true,
		"the %s went": false, "is gone, and %s two": false, "%s too, and the job is gone": false,
	} {
		if got := asPattern(text).MatchString("The job is gone, and the pod too\n"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

var verb = regexp.MustCompile(`%[a-z]`)

// asPattern matches a line with the text, whatever stands for its verbs.
func asPattern(text string) *regexp.Regexp {
	parts := verb.Split(strings.TrimSpace(text), -1)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile(`(?i)` + strings.Join(parts, ".*"))
}

// readers take a text of Kubernetes apart: no message has their arguments.
var readers = map[string]bool{
	"Contains": true, "HasPrefix": true, "HasSuffix": true, "ReplaceAll": true, "Cut": true, "Split": true, "MustCompile": true,
	"DeepCopy": true,
}

// textsOfMessages are the texts with a space in the source, but for what is only compared
// with the texts of Kubernetes.
func textsOfMessages(t *testing.T) map[string]string {
	t.Helper()
	files, texts := token.NewFileSet(), map[string]string{}
	collect := func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			if called, is := n.Fun.(*ast.SelectorExpr); is && readers[called.Sel.Name] {
				return false
			}
		case *ast.ImportSpec:
			return false
		case *ast.CompositeLit: // lists of words to look for
			if list, is := n.Type.(*ast.ArrayType); is {
				if of, is := list.Elt.(*ast.Ident); is && of.Name == "string" {
					return false
				}
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && strings.Contains(strings.TrimSpace(text), " ") {
				texts[files.Position(n.Pos()).String()] = text
			}
		}
		return true
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, collect)
	}
	return texts
}
