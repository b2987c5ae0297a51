package nimbus

import (
	"errors"
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// answerOf sorts an error into what a handover needs to know of it.
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
		return storm.Failed // reading the file
	}
	return storm.Lost
}

func problemOf(err error) string {
	if err == nil {
		return ""
	}
	return Problem(err)
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
		return "", problem.New(v1beta1.Superseded, "This submission stepped back: %s.", step.Why)
	case storm.NameConflict:
		return "", problem.New(v1beta1.NameConflict, "%s. It is left alone. Choose another spec.topology.name, "+
			"or kill it in Storm.", text.Capital(step.Why))
	case storm.OtherStorm:
		return "", problem.New(v1beta1.ClusterChanged, "Nothing was submitted: %s. Set spec.nimbus of the "+
			"StormCluster to the right Nimbus.", step.Why)
	case storm.Unreachable:
		return "", problem.New(v1beta1.ClusterUnreachable, "%s", step.Why)
	case storm.Rejected:
		return "", problem.New(v1beta1.SubmissionRejected, "%s", h.before("Storm refuses the topology: "+step.Why))
	case storm.Stop:
		return "", problem.New(v1beta1.PodLost, "The submission was told to stop, and did, with nothing changed in Storm.")
	}
	return "", problem.New(v1beta1.SubmissionFailed, "%s", h.before("Storm failed at it again and again: "+step.Why))
}

// before adds whether what ran before runs on.
func (h *handover) before(message string) string {
	switch t := h.seen.View.Topology; {
	case h.seen.Killed != "":
		return message + " The topology that ran before was killed already."
	case t.Alive():
		return message + " What runs was left alone: " + t.ID + "."
	}
	return message
}

// say logs a step once, not at each of its looks.
func (h *handover) say(step storm.Step) {
	var line string
	switch step.Do {
	case storm.DoProbe:
		line = "asking Nimbus whether it takes the topology"
	case storm.DoKill:
		line = fmt.Sprintf("Nimbus takes it: killing %s, which runs now", step.ID)
	case storm.DoWaitGone:
		line = fmt.Sprintf("waiting until %s, which is killed, is gone", step.ID)
	case storm.DoSubmit:
		line = fmt.Sprintf("submitting %s", h.sub.Name)
	case storm.DoWaitShown:
		line = "waiting until Storm shows it"
	}
	if line != "" && line != h.said {
		h.log("%s", line)
		h.said = line
	}
}
