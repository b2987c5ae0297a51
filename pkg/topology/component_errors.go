package topology

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// lastError is the error that the status has for as long as components keep
// reporting: the same one again writes nothing, nor do two components in turn, nor a
// text that names another tuple each time. A new one is there after
// anotherErrorAfter at the latest, and at once in a topology that was resubmitted.
func lastError(seen Observed, t *storm.Topology) *v1beta1.ComponentError {
	reported, before := t.LastError, seen.Parent.Status.LastError
	switch {
	case reported == nil && !t.Detailed && seen.Parent.Status.StormID == t.ID:
		return before // it is not known whether there is a newer one
	case reported == nil:
		return nil
	}
	if before != nil && before.Time != nil && seen.Parent.Status.StormID == t.ID {
		younger := time.Duration(reported.Time-before.Time.Unix()) * time.Second
		if younger < anotherErrorAfter || before.Component == reported.Component && steady(before.Message) == steady(reported.Message) {
			return before
		}
	}
	at := metav1.NewTime(time.Unix(reported.Time, 0).UTC())
	return &v1beta1.ComponentError{Component: reported.Component, Message: reported.Message, Host: reported.Host, Time: &at}
}

func topologyErrors(seen Observed, status v1beta1.StormTopologyStatus) conditions.State {
	t := seen.Storm.Topology
	switch {
	case status.LastError == nil && t != nil && !t.Detailed && (t.Counted() || !t.ConfKnown):
		return conditions.Unknown(v1beta1.ErrorsUnknown, "Whether a component has reported an error is not known, since Storm's description of this topology could not be read. See Storm's UI.")
	case status.LastError == nil:
		return conditions.False(v1beta1.NoErrors, "No component has reported an error to Storm.")
	}
	return conditions.True(v1beta1.ErrorsReported, fmt.Sprintf("Component %q reported: %s", status.LastError.Component, sentence(status.LastError.Message)))
}

// steady is what two reports of the same error have in common.
func steady(message string) string { return text.Steady(message, saidLimit) }

// firstLine is what a table can show of a stack trace.
func firstLine(trace string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(trace), "\n")
	return line
}
