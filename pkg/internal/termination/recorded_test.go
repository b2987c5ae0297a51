package termination

import (
	"os"
	"strings"
	"testing"
)

// testdata/recorded.txt has what the helper of commit 9530203 wrote: such pods
// are there during an upgrade, and their messages stay in statuses of pods. Each
// line is read whole, and would be written in the same way today.
func TestAnOlderHelperIsUnderstood(t *testing.T) {
	recorded, err := os.ReadFile("testdata/recorded.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(recorded)), "\n") {
		message, ok := Parse(line)
		if !ok || message.Reason == "" && message.Facts == (Facts{}) {
			t.Errorf("not understood: %s", line)
		}
		if again := message.Encode(); again != line {
			t.Errorf("it is written otherwise today:\n%s\n%s", line, again)
		}
	}
}
