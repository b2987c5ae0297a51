package topology

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
)

// missed says whether a child that is asked for, and does not come, is refused.
func (seen Observed) missed(at standing, now time.Time) standing {
	kind, child := seen.childOf(at.attempts.Step)
	at.problem, at.ails = diagnose.Absent(kind, child, seen.subject(), at.attempts.NamedAt.Time, now)
	if at.ails {
		at.wait = whileRefused
	}
	return at
}

// askedSince is since when a child is asked for that has not been seen yet. That it
// is there now is worth no write: the time goes with the next thing that is told.
// So a time that is left over may be of a child that came and was deleted:
//
//	asked for ─ there ─ runs ────────── deleted ─ asked for again
//	time ───────(stays, nothing is told)──────────┴ not since then
func (seen Observed) askedSince(s Step, at standing, now time.Time) *metav1.Time {
	before, current := seen.Parent.Status.Attempts, at.attempts
	same := before != nil && before.Revision == current.Revision && before.Step == current.Step && before.Number == current.Number
	switch {
	case at.at == due && (!same || before.NamedAt == nil || seen.cameSince(s, before.NamedAt, now)),
		at.at == outdated && !same: // it is asked for in a moment, when the one of before has gone
		return stamp(now)
	case at.at == due,
		at.at == working && same && !at.ails,
		at.at == outdated && age(before.NamedAt, now) <= 2*soon:
		return before.NamedAt
	}
	return nil
}

// cameSince says whether the child must have come since it was asked for: it made a
// pod, or nobody has missed it for longer than it is waited for.
func (seen Observed) cameSince(s Step, asked *metav1.Time, now time.Time) bool {
	for i := range s.Others {
		if !s.Others[i].CreationTimestamp.Before(asked) {
			return true
		}
	}
	ready, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionReady)
	return age(asked, now) > time.Minute && ready.Reason != v1beta1.ChildRefused
}
