package diagnose

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// FuzzTermination ends the containers with any message, as a user's command can. The
// problem is a text that a terminal can show.
func FuzzTermination(f *testing.F) {
	f.Add(`{"reason":"JarNotFound","message":"It is not there.","tail":"a\nb"}`, "Error", int32(1))
	f.Add(`{"reason":"Active","message":"\u001b[31mred\u0000"}`, "OOMKilled", int32(137))
	f.Add("\x1b]0;title\x07 not JSON at all \xff", "ContainerCannotRun", int32(127))
	f.Add(`{"message":`+strings.Repeat("[", 5000), "", int32(0))
	f.Fuzz(func(t *testing.T, message, reason string, code int32) {
		pod := podOf(submitJob(), has(children.SubmitContainer, ends(reason, code, message)))
		problem := Pod(&pod, about, began.Add(late))
		if problem == nil {
			return
		}
		said := problem.Text()
		if problem.Reason == "" || said == "" || !utf8.ValidString(said) || len(said) > 1024 {
			t.Fatalf("%+v", *problem)
		}
		for _, r := range said {
			if unicode.IsControl(r) {
				t.Fatalf("%q in %q", r, said)
			}
		}
	})
}
