package diagnose

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

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
