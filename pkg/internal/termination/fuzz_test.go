package termination

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// FuzzEncode writes any message: the line fits, is one line of JSON, and is read as the
// same message.
func FuzzEncode(f *testing.F) {
	f.Add("JarNotFound", "It is not there. Build it.", "last\nlines", "abc", "/app/x.jar", "remark")
	f.Add("", strings.Repeat("\x00", 4000), strings.Repeat("\u2028<", 4000), "", strings.Repeat("é", 2000), "\xff\xfe")
	f.Fuzz(func(t *testing.T, reason, message, tail, sum, path, remark string) {
		m := Message{Problem: problem.Problem{Reason: reason, Message: message, Tail: tail}, Facts: Facts{SHA256: sum, Path: path, Remark: remark}}
		line := m.Encode()
		switch {
		case len(line) > Limit:
			t.Fatalf("%d bytes", len(line))
		case strings.Contains(line, "\n") || !json.Valid([]byte(line)) || !utf8.ValidString(line):
			t.Fatalf("no line of JSON: %q", line)
		}
		read, ok := Parse(line)
		if !ok {
			t.Fatalf("not understood: %q", line)
		}
		if again, _ := Parse(read.Encode()); again != read {
			t.Fatalf("read, written and read again:\n%+v\n%+v", read, again)
		}
	})
}
