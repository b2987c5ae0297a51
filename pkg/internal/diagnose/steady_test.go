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

func FuzzText(f *testing.F) {
	f.Add("read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout", 40)
	f.Add("ä\xff\n\tat x", 3)
	f.Fuzz(func(t *testing.T, said string, limit int) {
		limit &= 0xff
		for _, got := range []string{text.LastLines(said, limit), text.Cut(steady(said), limit)} {
			if len(got) > limit || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\x00") {
				t.Errorf("%d bytes, limit %d: %q", len(got), limit, got)
			}
		}
	})
}
