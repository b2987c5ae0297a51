package diagnose

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// reportedProblem takes the reason and message that a container of ours wrote before
// it failed. One that was told to stop (PodLost) does not know why: the pod does.
func reportedProblem(v view) *Problem {
	for _, c := range v.containers {
		end, failed := c.failed()
		if !failed || !ours(c.name) {
			continue
		}
		message, ok := termination.Parse(end.Message)
		if !ok || message.Reason == v1beta1.PodLost {
			continue
		}
		if end.Reason == "OOMKilled" && message.Reason == v1beta1.ExtractionFailed {
			continue // the kernel took the user's command, and our helper saw only that it died
		}
		message.Message = text.Capital(text.Cut(text.Clean(message.Message), 700)) // older helpers begin some with a small letter
		if message.Message == "" {
			message.Message = generic(c.name) + ". See its log: " + v.logs() + "."
		}
		if !problem.Reported(message.Reason) {
			message.Reason = failedReason(c.name) // a user's command can write that file
		}
		if message.Reason == v1beta1.VolumeFull {
			message.Message += v.enlarge()
		}
		message.Counts = problem.Counts(message.Reason)
		return &Problem{Problem: message.Problem}
	}
	return nil
}

// failedReason is the reason of a container that failed and did not say why.
func failedReason(container string) string {
	switch container {
	case children.ExtractContainer:
		return v1beta1.ExtractionFailed
	case children.SubmitContainer:
		return v1beta1.SubmissionFailed
	}
	return v1beta1.ContainerFailed
}

// generic says what failed, for want of better words.
func generic(container string) string {
	switch container {
	case children.ExtractContainer:
		return "The extraction of the JAR failed"
	case children.SubmitContainer:
		return "The submission failed"
	}
	return "Container " + quote(container) + " failed"
}

// interrupted says whether a container of ours was told to stop before it was
// done, and wrote so.
func interrupted(message string) bool {
	said, ok := termination.Parse(message)
	return ok && said.Reason == v1beta1.PodLost
}
