package nimbus

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// answerOf is what a handover needs to know of an error.
func answerOf(do storm.Do, err error) storm.Answer {
	var unreachable *UnreachableError
	switch {
	case err == nil:
		return storm.Taken
	case as[*NotAliveError](err), as[*AlreadyAliveError](err):
		return storm.Moved
	case as[*InvalidTopologyError](err), as[*AuthorizationError](err), IsTooOld(err):
		return storm.Refused
	case as[*UntypedError](err), as[*blindError](err):
		return storm.Failed
	case errors.As(err, &unreachable) && unreachable.Unsent:
		return storm.Unsent
	case (do == storm.DoUpload || do == storm.DoDepend) && unreachable == nil:
		return storm.Unsent // the file could not be read
	}
	return storm.Lost
}

func messageOf(err error) string {
	if err == nil {
		return ""
	}
	return Message(err)
}

// fixOf says what to do about a topology that Storm rejects.
func fixOf(err error) string {
	if as[*AuthorizationError](err) {
		return "Check who may submit topologies (nimbus.authorizer of Storm)."
	}
	return "Fix main, or its settings (spec.topology.config)."
}

// untypedWords are Nimbus's words in a failure without a type, or the words before.
func untypedWords(err error, before string) string {
	var untyped *UntypedError
	if errors.As(err, &untyped) {
		return text.Cut(strings.TrimRight(untyped.Msg, ". "), 120)
	}
	return before
}

// reasonOf is the reason of an answer with which no handover can begin.
func reasonOf(err error) string {
	if IsTooOld(err) {
		return v1beta1.StormTooOld
	}
	return v1beta1.SubmissionFailed
}

// end words how a handover ended.
func (h *handover) end(step storm.Step) (string, *problem.Problem) {
	name := h.sub.Name
	switch step.Do {
	case storm.Done:
		h.log("Storm shows %s as %s", name, step.ID)
		return step.ID, nil
	case storm.StepBack:
		return "", problem.New(v1beta1.Superseded, "This submission was superseded: %s.", step.Why)
	case storm.NameConflict:
		return "", problem.New(v1beta1.NameConflict, "%s. Stormhooks does not touch it. "+
			"Kill that topology in Storm, or delete this StormTopology and apply it with another spec.topology.name.", strings.TrimRight(text.Capital(step.Why), ". "))
	case storm.OtherStorm:
		return "", problem.New(v1beta1.ClusterChanged, "%s. Nothing is submitted there. Set spec.nimbus of the "+
			"StormCluster to the right Nimbus.", text.Capital(step.Why))
	case storm.Unreachable:
		reason := v1beta1.ClusterUnreachable
		if h.seen.View.TooOld {
			reason = v1beta1.StormTooOld
		}
		return "", problem.New(reason, "%s", step.Why)
	case storm.JarRefused:
		return "", problem.New(v1beta1.ClusterUnreachable, "Nimbus at %s does not accept the JAR (%s). Its disk may be full. See Nimbus's log.", h.seen.Leader.Host, h.untyped)
	case storm.Rejected:
		if h.tooOld {
			return "", problem.New(v1beta1.StormTooOld, "%s", h.withRunning(step.Why))
		}
		failed := problem.New(v1beta1.SubmissionRejected, "%s", h.rejected())
		failed.Tail = step.Why
		return "", failed
	case storm.Stop:
		return "", problem.New(v1beta1.PodLost, "The submission was stopped%s It will be retried.", h.stopped())
	}
	if h.blind && h.seen.View.Topology.Alive() {
		return "", problem.New(v1beta1.SubmissionFailed, "%s", h.unproven())
	}
	if h.seen.Killed != "" && h.untyped != "" {
		return "", problem.New(v1beta1.SubmissionFailed, "%s failed at the submission (%s). See Nimbus's log.", h.afterDryRun(), h.untyped)
	}
	return "", problem.New(v1beta1.SubmissionFailed, "%s", h.withRunning("Storm kept failing: "+step.Why))
}

// unproven says that the dry run proves nothing, and how a person replaces the topology.
func (h *handover) unproven() string {
	running := h.seen.View.Topology.ID
	return fmt.Sprintf("Nimbus fails at every dry run, even where it should reject a wrong setting, so Stormhooks cannot tell whether it accepts the topology. Topology %s keeps running. See Nimbus's log. To replace the topology without a dry run, kill %s in Storm, and then change spec.restartNonce.", running, running)
}

// stopped ends a sentence with what a handover that was told to stop leaves in Storm. It
// cannot know whether a submission got through that no look has shown.
func (h *handover) stopped() string {
	switch {
	case h.seen.Sent():
		return " after it had been sent to Nimbus, and Storm does not show the topology. Nimbus may still start it: the next attempt checks that first."
	case h.seen.HasKilled():
		return " after it had killed the previous topology, and another one has taken its place."
	}
	return ". Nothing was changed in Storm."
}

// rejected says that Storm rejected the topology. The hook server says what follows if
// the previous one was killed.
func (h *handover) rejected() string {
	if h.seen.Killed != "" {
		return h.afterDryRun() + " rejected the submission. " + h.fix
	}
	return h.withRunning("Storm rejected the topology. " + h.fix)
}

// afterDryRun begins a sentence on what Nimbus did after our kill.
func (h *handover) afterDryRun() string {
	if h.onlyNames != "" {
		return "The dry run of revision " + h.sub.Fingerprint.Revision + " proved nothing, since Nimbus refused its name. Nimbus then"
	}
	return "Nimbus accepted the dry run of revision " + h.sub.Fingerprint.Revision + " and then"
}

// withRunning adds whether the previous revision keeps running.
func (h *handover) withRunning(message string) string {
	if t := h.seen.View.Topology; t.Alive() && h.seen.Killed == "" {
		return message + " Topology " + t.ID + " keeps running."
	}
	return message
}

// say logs a step once, and not at each of its looks.
func (h *handover) say(step storm.Step) {
	var line string
	switch step.Do {
	case storm.DoProbe:
		line = "Asking Nimbus whether it would accept the topology"
	case storm.DoKill:
		line = fmt.Sprintf("Nimbus would accept it: killing %s, which is running", step.ID)
		if h.onlyNames != "" {
			line = fmt.Sprintf("Nimbus refuses the name of the dry run (%s), which says nothing about the topology: killing %s, which is running", h.onlyNames, step.ID)
		}
	case storm.DoWaitGone:
		line = fmt.Sprintf("Waiting until the killed topology %s is gone", step.ID)
	case storm.DoSubmit:
		line = fmt.Sprintf("Submitting %s", h.sub.Name)
	case storm.DoWaitShown:
		line = "Waiting until Storm shows it"
	}
	if line != "" {
		h.line(line)
	}
}

// line logs a line, once in a row.
func (h *handover) line(words string) {
	if words != h.said {
		h.log("%s", words)
		h.said = words
	}
}
