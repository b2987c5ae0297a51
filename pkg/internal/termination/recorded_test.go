package termination

import (
	"os"
	"strings"
	"testing"
)

// testdata/recorded.txt has the messages of the helper of commit 9530203. Such pods exist
// during an upgrade. Every line is read completely, and written in the same way.
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
			t.Errorf("it is now written as:\n%s\n%s", line, again)
		}
	}
}
