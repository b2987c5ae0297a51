package diagnose

import (
	"regexp"
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
		if tail := lastLines(words.Tail, messageLimit-len(message)-40); tail != "" && !strings.Contains(message, tail) {
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

// logStamp is what log lines often begin with: a date and time, or log4j's
// milliseconds since the start.
var logStamp = regexp.MustCompile(`^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?\s*|\d\d:\d\d:\d\d[.,]\d+\s*|\d+ +(?:\[))`)

// terminalColour is a terminal's escape sequence.
var terminalColour = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// lastLines are the last lines of output that tell something, joined in one
// line: a stack trace's own lines are left out, its causes are kept.
func lastLines(output string, limit int) string {
	const between = " | "
	lines := strings.Split(terminalColour.ReplaceAllString(strings.ToValidUTF8(output, ""), ""), "\n")
	var kept string
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "at ") || strings.HasPrefix(line, "... ") {
			continue
		}
		line = text.Cut(text.Clean(logStamp.ReplaceAllString(line, "")), 300)
		if kept == "" {
			kept = line
			continue
		}
		if len(line)+len(between)+len(kept) > limit {
			break
		}
		kept = line + between + kept
	}
	return text.Cut(kept, limit)
}

// interrupted says whether a container of ours was told to stop before it was
// done, and wrote so.
func interrupted(message string) bool {
	words, ok := termination.Parse(message)
	return ok && words.Reason == v1beta1.PodLost
}
