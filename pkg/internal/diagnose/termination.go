package diagnose

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// reportedProblem is what the helper reported before its container failed. A helper
// that was told to stop (PodLost) does not know why: the pod does.
func reportedProblem(v view) *Problem {
	for _, c := range v.containers {
		end, failed := c.failed()
		if !failed || !runsHelper(c.name) {
			continue
		}
		message, ok := termination.Reported(end)
		if !ok || message.Reason == v1beta1.PodLost {
			continue
		}
		if end.Reason == "OOMKilled" && message.Reason == v1beta1.ExtractionFailed {
			continue // the kernel killed the user's command, and the helper saw only that it died
		}
		message.Message = text.Capital(text.Cut(text.Clean(message.Message), 700)) // some messages of older helpers begin with a small letter
		if message.Message == "" {
			message.Message = generic(c.name) + ". See its log: " + v.logs(c.name) + "."
		}
		if !problem.Reported(message.Reason) {
			message.Reason = failedReason(c.name) // a user's command can write the termination message, too
		}
		if message.Reason == v1beta1.VolumeFull {
			message.Message += v.enlarge()
		}
		message.Counts = problem.Counts(message.Reason)
		return &Problem{Problem: message.Problem}
	}
	return nil
}

// failedReason is the reason of a container that failed without a report.
func failedReason(container string) string {
	switch container {
	case children.ExtractContainer:
		return v1beta1.ExtractionFailed
	case children.SubmitContainer:
		return v1beta1.SubmissionFailed
	}
	return v1beta1.ContainerFailed
}

// generic says what failed, and no more.
func generic(container string) string {
	switch container {
	case children.ExtractContainer:
		return "The extraction of the JAR failed"
	case children.SubmitContainer:
		return "The submission failed"
	}
	return "Container " + quote(container) + " failed"
}

// interrupted says whether the helper reported that it was told to stop before it was
// done.
func interrupted(end *corev1.ContainerStateTerminated) bool {
	said, ok := termination.Reported(end)
	return ok && said.Reason == v1beta1.PodLost
}
