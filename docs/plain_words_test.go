package docs_test

import (
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// plainRoots are the files and folders whose texts use plain words. Of the folders
// testdata only the stories are read: the other goldens follow the code.
var plainRoots = []string{
	"README.md", "SECURITY.md", "CONTRIBUTING.md", "docs", "manifests",
	"pkg", "pkg/topology/testdata", "hooks", "e2e", ".ci", ".golangci.yml", "Makefile", "Dockerfile",
}

// Comments, string literals, pages and manifests use plain words. A word of Storm,
// Kubernetes or Metacontroller, or one that a program prints, may stand in a code
// span or in double quotes, which are not read.
func TestPlainWords(t *testing.T) {
	for _, root := range plainRoots {
		t.Run(root, func(t *testing.T) {
			texts := spoken(t, root)
			if len(texts) == 0 {
				t.Error("no text is read here")
			}
			for _, text := range texts {
				for _, found := range unplain(text.kind, text.words()) {
					t.Errorf("%s:%d: %q: write %s", text.file, text.lineAt(found.at), found.words, found.write)
				}
			}
		})
	}
}

// forbidden are words that a reader has to look up, or that hide the subject of a
// sentence, and what to write instead.
var forbidden = []struct {
	pattern string // matches without regard to case
	write   string
	unless  string // words that make it plain
	in      kind   // the only texts where it is forbidden; 0 is all
}{
	{pattern: `\bmend(s|ed|ing)?\b`, write: "fix, correct"},
	{pattern: `\b(anew|afresh)\b`, write: "again, new"},
	{pattern: `\bnobody\b`, write: "no one, or a sentence with a subject"},
	{pattern: `\b(lets?|letting)( \w+){0,3} (?-i:go)\b`, write: "remove the finalizer, release"},
	{pattern: `\bof (which|whom)\b`, write: "its, whose, a second sentence"},
	{pattern: `\bfor ?ever\b`, write: "without end, indefinitely"},
	{pattern: `\b(bears?|bore|bearing)\b`, write: "has, contains"},
	{pattern: `\bheed(s|ed|ing)?\b`, write: "follow, obey, pay attention to"},
	{pattern: `\bask(s|ed|ing)? for\b`, write: "request"},
	{pattern: `\b(there )?(is|are|was|were) no \w+`, write: "is not a, does not exist", unless: `^there |no (longer|more|one)$`},
	{pattern: `\bthere (is|are|was|were) no \w+`, write: "does not exist", unless: `no (longer|more|one)$`, in: literal},
	{pattern: `\b(comes?|coming|came) to grief\b`, write: "break, fail"},
	{pattern: `\b(be had|at hand)\b`, write: "available"},
	{pattern: `\bwithout a word\b`, write: "silently, without a message"},
	{pattern: `\b(of before|the former)\b`, write: "previous"},
	{pattern: `\b(takes?|taken|taking|took) [^.;:]{0,30}\baway\b`, write: "remove"},
	{pattern: `\b(?-i:[Gg]o|[Gg]oes|[Gg]oing|[Ww]ent) on\b`, write: "continue, keep running"},
	{pattern: `\b(runs?|running|ran) on( *[.,;:!?)]|$| (meanwhile|until|in|under|while|and|without|as|there|unless|whatever|after|for|by|beside|past|or|but|if|it|too|unseen)\b)`, write: "keep running"},
	{pattern: `\b(somebody|something else)\b`, write: "another component, a person, by hand"},
	{pattern: `\b(is no must|shall)\b`, write: "optional; will, must"},
	{pattern: `, say *([.,;:!?)]|$)`, write: "for example"},
	{pattern: `\bstrangers?\b`, write: "a topology that Stormhooks did not submit"},
	{pattern: `\b(ours|yours)\b`, write: "Stormhooks', your, with its noun"},
	{pattern: `\b(makes?|comes?|becomes?|became) of\b`, write: "results in, follows from"},
	{pattern: `\b(ails?|ailed|ailing)\b`, write: "is wrong with"},
	{pattern: `\b(main does not reach nimbus|nothing that (it|main) does can)\b`, write: "what the recorder keeps from Nimbus (a client of main's own reaches it)"},
}

// aside is what a text quotes.
var aside = regexp.MustCompile("`[^`]*`|\"[^\"\n]*\"")

// kubernetes are the texts of Kubernetes' own types, which our CRDs contain.
var kubernetes = func() (texts []string) {
	for _, doc := range (corev1.Toleration{}).SwaggerDoc() {
		texts = append(texts, doc)
	}
	return texts
}()

var compiled = map[string]*regexp.Regexp{}

func anyCase(pattern string) *regexp.Regexp {
	if compiled[pattern] == nil {
		compiled[pattern] = regexp.MustCompile("(?i)" + pattern)
	}
	return compiled[pattern]
}

type unplainWords struct {
	at           int // in the text
	words, write string
}

// unplain finds the forbidden words of a text.
func unplain(in kind, text string) (all []unplainWords) {
	for _, foreign := range kubernetes {
		text = strings.ReplaceAll(text, foreign, strings.Repeat("\x00", len(foreign)))
	}
	text = aside.ReplaceAllStringFunc(text, func(quote string) string { return strings.Repeat("\x00", len(quote)) })
	for _, f := range forbidden {
		if f.in != 0 && f.in != in {
			continue
		}
		for _, found := range anyCase(f.pattern).FindAllStringIndex(text, -1) {
			words := text[found[0]:found[1]]
			if f.unless == "" || !anyCase(f.unless).MatchString(words) {
				all = append(all, unplainWords{found[0], words, f.write})
			}
		}
	}
	return all
}

// The patterns find the words that they are for, and no others.
func TestUnplain(t *testing.T) {
	for text, want := range map[string]int{
		"The image is mended, and runs on.":                          2,
		"Storm keeps it, and the Job runs on the node of the volume": 0,
		"It is no JAR.": 1,
		"There is no JAR, and it is no longer there.": 0,
		"a quota, say":                                            1,
		"a quota, say (or a policy)":                              0,
		"It goes on by itself; it lets the object go.":            2,
		"It lets Go's cache be.":                                  0,
		"a bearer token, by `kubectl mend`, which says \"go on\"": 0,
		"It takes the setting away. Then go away.":                1,
	} {
		if found := unplain(page, text); len(found) != want {
			t.Errorf("%q: found %v, want %d", text, found, want)
		}
	}
	if len(unplain(literal, "there is no JAR")) != 1 {
		t.Error("a message may not say that there is no JAR")
	}
}
