package diagnose

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// The messages of an older helper keep their reason, their count and their words.
func TestMessagesOfAnOlderHelper(t *testing.T) {
	recorded, err := os.ReadFile("../termination/testdata/recorded.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(string(recorded)), "\n") {
		if message, _ := termination.Parse(line); message.Reason == "" {
			continue // a success
		}
		pod := podOf(submitJob(jobFailed), has(children.SubmitContainer, ends("Error", 1, line)))
		problem := Pod(&pod, about, began.Add(soon))
		fmt.Fprintf(&out, "%s, counts %v\n  %s\n", problem.Reason, problem.Counts, problem.Text())
	}
	testkit.Golden(t, "testdata/recorded.golden", []byte(out.String()))
}
