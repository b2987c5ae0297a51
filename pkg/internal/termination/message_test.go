package termination

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// sum is the form of a hash.
var sum = strings.Repeat("ab", 32)

var upload = storm.Upload{Location: "/data/inbox/stormjar-1.jar", Leader: storm.Leader{Host: "nimbus-0", Port: 6627, Start: 100}, At: 990, SHA256: sum, Repeated: true}

func TestRoundTrip(t *testing.T) {
	for reason, m := range map[string]Message{
		"a success":             {Facts: Facts{SHA256: strings.Repeat("a", 64), Size: 106658460, Path: "/app/a.jar"}},
		"a submission":          {Facts: Facts{StormID: "a-1-1795507197", Remark: "main ended with exit code 1"}},
		"what a failure killed": {Problem: problem.Problem{Reason: "SubmissionFailed", Message: "Nimbus failed. See its log."}, Facts: Facts{Killed: "a-1-1795507197"}},
		"a refused JAR":         {Problem: problem.Problem{Reason: "ClusterUnreachable", Message: "Nimbus at nimbus-0 does not accept the JAR."}, Facts: Facts{JarRefused: true}},
		"an upload":             {Problem: problem.Problem{Reason: "SubmissionFailed", Message: "Nimbus failed. See its log."}, Facts: Facts{Upload: upload}},
		"a failure":             {Problem: problem.Problem{Reason: "MainFailed", Message: `bolt "sum" is missing. Add it.`, Tail: "one\n\ttwo <three>"}},
		"nothing at all is {}":  {},
	} {
		line := m.Encode()
		got, ok := Parse(" " + line + "\n")
		if diff := cmp.Diff(m, got); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", reason, ok, diff)
		}
		if strings.Contains(line, "\n") || strings.Contains(line, `\u003c`) {
			t.Errorf("%s: %s is not one line that a person can read", reason, line)
		}
	}
}

// A hook server that is older than a field passes over it, and has the rest.
func TestAFieldThatIsUnknown(t *testing.T) {
	got, ok := Parse(`{"reason":"SubmissionFailed","message":"Nimbus failed.","facts":{"stormId":"a-1-1795507197","later":{"than":["this"]}},"too":1}`)
	if want := (Message{Problem: problem.Problem{Reason: "SubmissionFailed", Message: "Nimbus failed."}, Facts: Facts{StormID: "a-1-1795507197"}}); !ok || got != want {
		t.Errorf("%v, %+v", ok, got)
	}
}

func TestEncodeShortens(t *testing.T) {
	long := strings.Repeat("a line of some text\n", 500)
	for _, tc := range []struct {
		reason string
		m      Message
		check  func(Message) bool
	}{
		{"the newest lines of the tail stay, whole", Message{Problem: problem.Problem{Reason: "R", Message: "what", Tail: long + "the last"}},
			func(m Message) bool {
				return m.Message == "what" && strings.HasPrefix(m.Tail, "a line") && strings.HasSuffix(m.Tail, "\nthe last") && len(m.Tail) > 2000
			}},
		{"a tail of one long line keeps its end", Message{Problem: problem.Problem{Tail: strings.Repeat("x", 9000) + "end"}},
			func(m Message) bool { return strings.HasSuffix(m.Tail, "xend") && len(m.Tail) > 2500 }},
		{"the tail goes before the message", Message{Problem: problem.Problem{Message: strings.Repeat("m", 2900), Tail: long}},
			func(m Message) bool { return len(m.Message) == 2900 }},
		{"a message keeps its beginning", Message{Problem: problem.Problem{Reason: "R", Message: "begin " + strings.Repeat("m", 9000)}, Facts: Facts{SHA256: sum}},
			func(m Message) bool {
				return strings.HasPrefix(m.Message, "begin mmm") && len(m.Message) > 2500 && m.Reason == "R" && m.Facts.SHA256 == sum
			}},
		{"a path may have 4096 bytes", Message{Facts: Facts{SHA256: sum, Path: strings.Repeat("p", 4096) + "/a.jar"}},
			func(m Message) bool { return m.Facts.SHA256 == sum && strings.HasSuffix(m.Facts.Path, "/a.jar") }},
		{"each byte is six in JSON", Message{Problem: problem.Problem{Reason: "R", Message: "what", Tail: strings.Repeat("\x01", 5000)}},
			func(m Message) bool { return m.Message == "what" && len(m.Tail) > 400 }},
		{"runes are not torn", Message{Problem: problem.Problem{Tail: strings.Repeat("ä", 5000), Message: strings.Repeat("€", 3000)}},
			func(m Message) bool { return utf8.ValidString(m.Tail) && !strings.Contains(m.Message, "\uFFFD") }},
		{"nonsense in all fields", Message{Problem: problem.Problem{Reason: long, Message: long, Tail: long}, Facts: Facts{SHA256: long, Path: long, StormID: long, Remark: long,
			Upload: storm.Upload{Location: long, SHA256: long, Leader: storm.Leader{Host: long}}}},
			func(Message) bool { return true }},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			line := tc.m.Encode()
			m, ok := Parse(line)
			if !ok || len(line) > Limit || !tc.check(m) {
				t.Errorf("%d bytes, parsed %v: %s", len(line), ok, line)
			}
		})
	}
}

// main can write the file that the helper writes: what does not have the form of a fact is
// left out, and the rest is read.
func TestOnlyFactsAreRead(t *testing.T) {
	for reason, tc := range map[string]struct {
		line string
		want Facts
	}{
		"all of it has its form": {`{"facts":{"sha256":"` + sum + `","size":5,"path":"/a.jar","stormId":"a-1-1795507197","remark":"main ended with exit code 1."}}`,
			Facts{SHA256: sum, Size: 5, Path: "/a.jar", StormID: "a-1-1795507197", Remark: "main ended with exit code 1."}},
		"no hash":                   {`{"facts":{"sha256":"\u001b[31mnot a hash","size":5}}`, Facts{Size: 5}},
		"half a hash":               {`{"facts":{"sha256":"abcd"}}`, Facts{}},
		"a size below nothing":      {`{"facts":{"sha256":"` + sum + `","size":-5}}`, Facts{SHA256: sum}},
		"an id with a command":      {`{"facts":{"stormId":"a-1-1795507197; id","killed":"$(id)-1-1","remark":"r"}}`, Facts{Remark: "r"}},
		"commands for a terminal":   {`{"facts":{"path":"/a\u001b[2J.jar","remark":"\u001b]0;owned\u0007a\u202eb\nc\u0000"}}`, Facts{Path: "/a.jar", Remark: "ab c"}},
		"a remark without an end":   {`{"facts":{"remark":"` + strings.Repeat("A", 3500) + `"}}`, Facts{Remark: strings.Repeat("A", remarkLimit-3) + "…"}},
		"a location with a command": {`{"facts":{"size":5,"upload":{"location":"/inbox/$(id).jar","leader":{"host":"nimbus-0","port":6627,"start":100},"at":990,"sha256":"` + sum + `"}}}`, Facts{Size: 5}},
		"a host for a terminal":     {`{"facts":{"size":5,"upload":{"refused":true,"leader":{"host":"\u001b[2J","port":6627,"start":100},"at":990}}}`, Facts{Size: 5}},
		"a field that is not known": {`{"facts":{"another":[1],"size":5}}`, Facts{Size: 5}},
	} {
		m, ok := Parse(tc.line)
		if diff := cmp.Diff(tc.want, m.Facts); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", reason, ok, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for reason, text := range map[string]string{
		"nothing":               "",
		"a log's last lines":    "exec /stormhooks/bin/stormhooks: exec format error",
		"JSON of another kind":  `["a"]`,
		"a number for a reason": `{"reason":1}`,
		"cut off by something":  `{"reason":"MainFailed","mess`,
		"more behind it":        `{"reason":"MainFailed"} and more`,
	} {
		if m, ok := Parse(text); ok {
			t.Errorf("%s: %q is %+v", reason, text, m)
		}
	}
}
