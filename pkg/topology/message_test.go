package topology_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// pendingForms are stories with messages of another form. Their faults are listed
// with -v, and do not fail yet.
var pendingForms = strings.Fields(`account-pulls child-deleted claim-going helper-image init-container out-of-memory`)

// Each message in the statuses of a story has the form "What is so. What to do."
func TestTheFormOfMessages(t *testing.T) {
	all, err := stories.Folder(".")
	must(t, err)
	for _, story := range all {
		t.Run(story.Name, func(t *testing.T) {
			faults := formFaults(t, story)
			if !slices.Contains(pendingForms, story.Name) {
				for _, fault := range faults {
					t.Error(fault)
				}
				return
			}
			for _, fault := range faults {
				t.Log(fault)
			}
			if len(faults) == 0 {
				t.Log("no fault is left: remove the story from pendingForms")
			}
		})
	}
}

// formFaults looks at each message of a story once.
func formFaults(t *testing.T, story stories.Story) (faults []string) {
	t.Helper()
	told, err := story.Tell()
	must(t, err)
	checked := map[string]bool{}
	for _, step := range told {
		status := step.Answer.Result.Status
		messages := []string{status.Message}
		stalled := false
		for _, condition := range status.Conditions {
			messages = append(messages, condition.Message)
			stalled = stalled || condition.Type == v1beta1.ConditionStalled
		}
		for _, message := range messages {
			if checked[message] {
				continue
			}
			checked[message] = true
			for _, fault := range testkit.Form(message, stalled && message == status.Message) {
				faults = append(faults, step.Name+": "+fault+"\n\t"+message)
			}
		}
	}
	return faults
}
