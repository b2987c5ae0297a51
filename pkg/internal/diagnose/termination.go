package diagnose

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// reportedProblem takes the reason and message that a container of ours wrote before
// it failed. One that was told to stop (PodLost) does not know why: the pod does.
func reportedProblem(v view) (Problem, bool) {
	for _, c := range v.containers {
		end, failed := c.failed()
		if !failed || !ours(c.name) {
			continue
		}
		words, ok := termination.Parse(end.Message)
		if !ok || words.Reason == v1beta1.PodLost {
			continue
		}
		if end.Reason == "OOMKilled" && words.Reason == v1beta1.ExtractionFailed {
			continue // the kernel took the user's command, and our helper saw only that it died
		}
		reason, mend := known(words.Reason, c.name)
		message := text.Cut(text.Clean(words.Message), 700)
		if message == "" {
			message = generic(c.name) + "."
		}
		if reason == v1beta1.VolumeFull {
			message += v.enlarge()
		}
		if tail := text.LastLines(words.Tail, messageLimit-len(message)-40); tail != "" && !strings.Contains(message, tail) {
			message += " It printed last: " + tail
		}
		if mend {
			return waiting(reason, "%s", message)
		}
		return counted(reason, "%s", message)
	}
	return nothing()
}

// known gives the reason that a container may have ended for, and whether it
// goes on by itself when that is mended. The termination message lies in a
// file that a user's command can write, so any other reason is none.
func known(reason, container string) (name string, mend bool) {
	switch reason {
	case v1beta1.ClusterUnreachable, v1beta1.ClusterChanged, v1beta1.NameConflict, v1beta1.Superseded,
		v1beta1.Killing, v1beta1.VolumeFull, v1beta1.VolumePending:
		return reason, true
	case v1beta1.InvalidSpec, v1beta1.VolumeNotWritable,
		v1beta1.JarNotFound, v1beta1.JarAmbiguous, v1beta1.JarUnreadable, v1beta1.JarInvalid,
		v1beta1.ChecksumMismatch, v1beta1.MainClassNotFound,
		v1beta1.ExtractionFailed, v1beta1.ExtractionTimedOut, v1beta1.OutOfMemory,
		v1beta1.MainFailed, v1beta1.MainTimedOut, v1beta1.NothingSubmitted, v1beta1.SubmittedTwice,
		v1beta1.SubmissionRejected, v1beta1.SubmissionFailed:
		return reason, false
	}
	return failedReason(container), false
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
		return "the extraction of the JAR failed"
	case children.SubmitContainer:
		return "the submission failed"
	}
	return "container " + quote(container) + " failed"
}

// interrupted says whether a container of ours was told to stop before it was
// done, and wrote so.
func interrupted(message string) bool {
	words, ok := termination.Parse(message)
	return ok && words.Reason == v1beta1.PodLost
}
