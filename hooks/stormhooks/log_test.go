package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// A caller's text, or a Storm's, is one part of one line in the log, and tells a terminal
// nothing.
func TestTheLogIsClean(t *testing.T) {
	const said = "\x1b]0;owned\x07\x1b[2Ja\u202eb\u200bc\nlevel=ERROR msg=forged"
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log, err := newLog(serveOptions{logLevel: "info", logFormat: format}, &out)
		if err != nil {
			t.Fatal(err)
		}
		log.Info(said, "parent", said, "error", errors.New(said), "stack", "one\ntwo")
		line := out.String()
		for _, bad := range []string{"\x1b", `\u001b`, `\x1b`, "\u202e", `\u202e`, "\u200b", `\u200b`, "owned"} {
			if strings.Contains(line, bad) {
				t.Errorf("%s has %q: %s", format, bad, line)
			}
		}
		if strings.Count(line, "\n") != 1 || strings.Count(line, "abc level=ERROR msg=forged") != 3 || !strings.Contains(line, `one\ntwo`) {
			t.Errorf("%s: %s", format, line)
		}
	}
}
