package topology

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Decision is what a call comes to.
type Decision struct {
	// Rule that claimed the topology.
	Rule string
	// Children says what is done with each child.
	Children Children
	// Calls to Storm. They rest on a fresh look, and on nothing else.
	Calls []storm.Call
	// Says is what a person reads.
	Says Says
	// Remember is what the next call needs to know.
	Remember Memory
	// Look says when and how Storm is checked.
	Look Look
	// Finalized removes the finalizer.
	Finalized bool
}

// Says is what a person reads: the phase, and the condition Ready.
type Says struct {
	Phase           v1beta1.Phase
	Ready           metav1.ConditionStatus
	Reason, Message string
	// Class says who has to act; empty where no one has to.
	Class conditions.Class
	// GaveUp: the attempts are used up, which the history notes.
	GaveUp bool
	// Unchanged: the status knows everything already.
	Unchanged bool
}

// Memory is what has to be remembered until the next call.
type Memory struct {
	Attempts     *v1beta1.Attempts
	MissingSince *metav1.Time
	SilentSince  *metav1.Time
	Deletion     *v1beta1.DeletionStatus
	// DrainingSince is since when what runs has been deactivated for what is beside it.
	DrainingSince *metav1.Time
}

// Look says when and how Storm is checked.
type Look struct {
	// Again is when to call again; 0: events are enough.
	Again time.Duration
	// Fresh: the decision would be another one if Storm had the topology after all,
	// so a cached list is not enough.
	Fresh bool
}

// needsFresh says whether the decision must not rest on a cache, nor on a look without the
// list. A submission that is requested again, since Kubernetes refuses its child, waits.
func (d Decision) needsFresh(seen Observed) bool {
	return len(d.Calls) > 0 || d.Look.Fresh || seen.mustRemember() || d.Children.Submit == Requested && !requestedBefore(seen, d.Remember.Attempts)
}

// mustRemember says whether this answer is the first whose status says that the target is
// rolled back. Until Metacontroller sends that status, the child that failed must stay:
// it is all that tells of the failure, and without it the target would be submitted
// again (Must 2). Nor does the way back begin before that: a target that runs may come up.
func (seen Observed) mustRemember() bool {
	failed, before := seen.Aim.Because, seen.Parent.Status.Rollback
	return failed != nil && (before == nil || failed.Revision != before.Revision || failed.Specs != before.Specs)
}

// requestedBefore says whether the status has the request of an attempt already.
func requestedBefore(seen Observed, attempt *v1beta1.Attempts) bool {
	before := seen.Parent.Status.Attempts
	return before != nil && attempt != nil && before.RequestedAt != nil && before.RequestedAt.Equal(attempt.RequestedAt) &&
		before.Revision == attempt.Revision && before.Step == attempt.Step && before.Number == attempt.Number
}

// pass is the answer of a rule that does not claim the topology.
func pass() (Decision, bool) { return Decision{}, false }

// keep is the decision that keeps every child that exists.
func (seen Observed) keep(phase v1beta1.Phase) Decision {
	return Decision{
		Children: Children{Claim: Kept, Extract: Kept, Submit: Kept},
		Says:     Says{Phase: phase},
		Remember: Memory{Attempts: seen.attemptsSoFar()},
	}
}

// waiting says what the topology waits for. It continues by itself.
func (d Decision) waiting(reason, format string, args ...any) Decision {
	return d.says(metav1.ConditionFalse, conditions.Waiting, reason, fmt.Sprintf(format, args...))
}

// stalled says what a person has to change.
func (d Decision) stalled(reason, format string, args ...any) Decision {
	return d.says(metav1.ConditionFalse, conditions.Stalled, reason, fmt.Sprintf(format, args...))
}

// ready says that the topology is as its object says.
func (d Decision) ready(reason, format string, args ...any) Decision {
	return d.says(metav1.ConditionTrue, "", reason, fmt.Sprintf(format, args...))
}

func (d Decision) says(ready metav1.ConditionStatus, class conditions.Class, reason, message string) Decision {
	d.Says.Ready, d.Says.Class, d.Says.Reason, d.Says.Message = ready, class, reason, message
	return d
}

// again requests another call after at most this time.
func (d Decision) again(after time.Duration) Decision {
	d.Look.Again = max(after, time.Second)
	return d
}

// withProblem says the problem of an attempt, after what keeps running and before
// what follows. A person has to act only once no attempt is left: until then a health
// check must not read that the topology has failed.
func (d Decision) withProblem(at Attempt, before string) Decision {
	class, message := conditions.Waiting, before+sentence(at.problem.Text())
	failures, failed := at.failures()
	switch {
	case at.jarRefused:
		message = followed(message) + at.jarAgain()
	case !at.problem.Counts: // it is retried without end, and its message says so
	case at.Record.Failures >= at.Limit && at.State != Exhausted: // of the way back
		message = followed(message) + " It will be retried."
	case at.State == Exhausted, failures >= at.Limit:
		class = conditions.Stalled
	case failed:
		message = followed(message) + fmt.Sprintf(" It will be retried (%d of %d attempts failed).", failures, at.Limit)
	}
	return d.says(metav1.ConditionFalse, class, at.problem.Reason, message)
}

// wait is what a deletion waits for.
type wait struct {
	reason, message string
	again           time.Duration
	// proof: it ends with a look that proves what Storm does not have.
	proof bool
}

func waitFor(again time.Duration, reason, format string, args ...any) *wait {
	return &wait{reason: reason, message: fmt.Sprintf(format, args...), again: again}
}

func (w wait) apply(d Decision) Decision {
	d.Look.Fresh = w.proof
	return d.waiting(w.reason, "%s", w.message).again(w.again)
}
