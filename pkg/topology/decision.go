package topology

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Decision is what a call comes to.
type Decision struct {
	// Rule that claimed the topology.
	Rule string
	// Claim, Extract and Submit say what becomes of the children.
	Claim, Extract, Submit Want
	// Calls to Storm; they rest on a fresh look, and on nothing else.
	// Outcomes are what became of them.
	Calls    []storm.Call
	Outcomes []storm.Outcome
	// restsOnAbsence: the decision would be another one if Storm had the
	// topology after all, so a cached list is not enough.
	restsOnAbsence bool

	Phase v1beta1.Phase
	Ready conditions.State
	// Class says who has to act; empty where nobody has.
	Class diagnose.Class
	// asBefore: nothing is known better than the status says already.
	asBefore bool

	// What has to be remembered until the next call.
	Attempts     *v1beta1.Attempts
	MissingSince *metav1.Time
	SilentSince  *metav1.Time
	Deletion     *v1beta1.DeletionStatus

	// Rollback says which revision failed, while it is gone back from.
	Rollback *v1beta1.Rollback
	// made is the world that children are made from, where it is another one: that
	// of the spec that is gone back to.
	made *Observed

	// LookAgain asks for another call; 0: events are enough.
	LookAgain time.Duration
	// Finalized lets the object go.
	Finalized bool
}

// Want says what becomes of a child.
type Want int

const (
	// Absent: it is left out of the answer, and deleted where it is there.
	Absent Want = iota
	// Kept: it stays where it is there, and is not made where it is not.
	Kept
	// Made: it is made where it is not there.
	Made
)

// needsFresh says whether the decision must not rest on a cache.
func (d Decision) needsFresh() bool {
	return len(d.Calls) > 0 || d.restsOnAbsence || d.Extract == Made || d.Submit == Made
}

// keeping is the decision that keeps every child that is there.
func (seen Observed) keeping(phase v1beta1.Phase) Decision {
	return Decision{Claim: Kept, Extract: Kept, Submit: Kept, Phase: phase, Attempts: seen.tried()}
}

// tried are the attempts that the status remembers. A status that lags remembers
// none, and the next answer may leave the child out: so it is read off a child that
// has not ended. Must 8: that something was submitted is never forgotten.
//
//	sync ─ child made ─ status: attempts ─┐ (the parent's watch is late)
//	sync ─ sees the child, not the status ┴ leaves it out, writes its status
//	finalize ────────────────────────────── was anything ever tried?
func (seen Observed) tried() *v1beta1.Attempts {
	before, serves := seen.Parent.Status.Attempts, seen.Submit.Serves
	if before != nil || !seen.Submit.there() || seen.Submit.ended() {
		return before
	}
	return &v1beta1.Attempts{Revision: serves.Revision, Step: children.StepSubmit, Number: max(serves.Attempt, 1), Failures: serves.Failures}
}

// waiting says what is waited for; it goes on by itself.
func (d Decision) waiting(reason, format string, args ...any) Decision {
	d.Ready = conditions.False(reason, fmt.Sprintf(format, args...))
	d.Class = diagnose.Waiting
	return d
}

// stalled says what a person has to change.
func (d Decision) stalled(reason, format string, args ...any) Decision {
	d.Ready = conditions.False(reason, fmt.Sprintf(format, args...))
	d.Class = diagnose.Stalled
	return d
}

// ailing says what a child's trouble is.
func (d Decision) ailing(problem diagnose.Problem) Decision {
	d.Ready = conditions.False(problem.Reason, problem.Message)
	d.Class = problem.Class
	return d
}

// again asks for another call after at most this time.
func (d Decision) again(after time.Duration) Decision {
	d.LookAgain = max(after, time.Second)
	return d
}
