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
	case as[*InvalidTopologyError](err), as[*AuthorizationError](err):
		return storm.Refused
	case as[*UntypedError](err):
		return storm.Failed
	case errors.As(err, &unreachable) && unreachable.Unsent:
		return storm.Unsent
	case do == storm.DoUpload:
		return storm.Failed // the file could not be read
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

func reasonOf(err error) string {
	if as[*UnreachableError](err) {
		return v1beta1.ClusterUnreachable
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
		return "", problem.New(v1beta1.ClusterChanged, "Nothing was submitted: %s. Set spec.nimbus of the "+
			"StormCluster to the right Nimbus.", step.Why)
	case storm.Unreachable:
		return "", problem.New(v1beta1.ClusterUnreachable, "%s", step.Why)
	case storm.Rejected:
		failed := problem.New(v1beta1.SubmissionRejected, "%s", h.withRunning("Storm rejected the topology. "+h.fix))
		failed.Tail = step.Why
		return "", failed
	case storm.Stop:
		return "", problem.New(v1beta1.PodLost, "The submission was stopped. Nothing was changed in Storm. It will be retried.")
	}
	return "", problem.New(v1beta1.SubmissionFailed, "%s", h.withRunning("Storm kept failing: "+step.Why))
}

// withRunning adds whether the previous revision keeps running.
func (h *handover) withRunning(message string) string {
	switch t := h.seen.View.Topology; {
	case h.seen.Killed != "":
		return message + " The previous topology has already been killed."
	case t.Alive():
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
	case storm.DoWaitGone:
		line = fmt.Sprintf("Waiting until the killed topology %s is gone", step.ID)
	case storm.DoSubmit:
		line = fmt.Sprintf("Submitting %s", h.sub.Name)
	case storm.DoWaitShown:
		line = "Waiting until Storm shows it"
	}
	if line != "" && line != h.said {
		h.log("%s", line)
		h.said = line
	}
}
