package topology_test

import (
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Each message in the statuses of a story has the form "What is so. What to do."
func TestTheFormOfMessages(t *testing.T) {
	all, err := stories.Folder(".")
	must(t, err)
	for _, story := range all {
		t.Run(story.Name, func(t *testing.T) {
			for _, fault := range formFaults(t, story) {
				t.Error(fault)
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
		stalled := ""
		for _, condition := range status.Conditions {
			messages = append(messages, condition.Message)
			if condition.Type == v1beta1.ConditionStalled {
				stalled = condition.Message
			}
		}
		for _, message := range messages {
			if checked[message] {
				continue
			}
			checked[message] = true
			for _, fault := range testkit.Form(message, message == stalled) {
				faults = append(faults, step.Name+": "+fault+"\n\t"+message)
			}
		}
	}
	return faults
}
