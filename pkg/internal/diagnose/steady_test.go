package diagnose

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

func TestSteady(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a client's port":       {"read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout", "read tcp: i/o timeout"},
		"a client's port, IPv6": {"read tcp [fd00::7]:43210->[fd00::9]:5000: i/o timeout", "read tcp: i/o timeout"},
		"a resolver":            {"lookup registry on 10.96.0.10:53: no such host", "lookup registry: no such host"},
		"a clock":               {"certificate has expired: current time 2031-07-19T13:47:53Z is after 2031-01-01T00:00:00Z", "certificate has expired"},
		"a token":               {`Get "https://cdn/blob?X-Amz-Date=2031&sig=ab": EOF`, `Get "https://cdn/blob": EOF`},
		"a pod's name":          {`may run as root (pod: "a-x7k2p_ns(0b1c2d3e-1111-2222-3333-444455556666)", container: c)`, "may run as root"},
		"a uid":                 {"volume 0b1c2d3e-1111-2222-3333-444455556666 is busy", "volume is busy"},
		"a back-off":            {"back-off 5m0s restarting failed container", "failed container"},
		"a duration":            {"gave up after 12.5s", "gave up after"},
		"lines":                 {"one\ntwo\tthree\x00", "one two three"},
	}
	for name, test := range tests {
		if got := steady(test.text); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
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
		if got := lastLines(test.output, test.limit); got != test.want {
			t.Errorf("%s: %q, want %q: %s", name, got, test.want, test.reason)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout", 40)
	f.Add("ä\xff\n\tat x", 3)
	f.Fuzz(func(t *testing.T, said string, limit int) {
		limit &= 0xff
		for _, got := range []string{lastLines(said, limit), text.Cut(steady(said), limit)} {
			if len(got) > limit || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\x00") {
				t.Errorf("%d bytes, limit %d: %q", len(got), limit, got)
			}
		}
	})
}
