package topology

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// stepVolume is the step before the extraction: the claim.
const stepVolume = "Volume"

// purpose is what a step is wanted for, and by what its child is judged.
type purpose struct {
	// step and revision name it in the status; kind and name are its child.
	step, revision string
	kind, name     string
	// fits says whether a child serves it.
	fits func(children.Serves) bool
	// diagnose says what is wrong with a child.
	diagnose func(Child, diagnose.Subject) *diagnose.Problem
	// specs is the hash of the specs that a child would be created from now.
	specs *specHash
	// initialStatus that a submission gives now.
	initialStatus string
	// beside: a submission now kills nothing.
	beside bool
	// helper that a child would have now.
	helper  children.Helper
	subject diagnose.Subject
	retry   retry
}

// withAttempts says where each step to the goal stands.
func withAttempts(seen Observed, goal Goal, extract, submit Child) Goal {
	common := purpose{
		specs: goal.hash, helper: seen.Config.helper(goal), retry: retryOf(seen), initialStatus: seen.initialStatus(), beside: goal.Parent.BlueGreen(),
		subject: subjectOf(seen, goal.Parent),
	}
	common.diagnose = func(c Child, about diagnose.Subject) *diagnose.Problem { return diagnosed(seen, goal, about, c) }
	name, before := goal.Parent.Name, seen.Parent.Status

	submission := common
	submission.step, submission.revision = children.StepSubmit, goal.Fingerprint.Revision
	submission.kind, submission.name = "Job", children.SubmitJobName(name)
	if goal.Parent.Mode() == v1beta1.ExtractionInit {
		submission.kind, submission.name = "Pod", children.TopologyPodName(name)
	}
	submission.fits = func(serves children.Serves) bool { return serves.Revision == submission.revision }
	goal.Submit = attemptAt(submit, submission, before, seen.Now)

	// The extraction must have used the claim that exists now: a new one is empty.
	extraction := common
	extraction.step, extraction.revision = children.StepExtract, goal.Fingerprint.Jar
	extraction.kind, extraction.name = "Job", children.ExtractJobName(name)
	lost := jarLost(goal, before.Jar, extract, submit)
	extraction.fits = func(serves children.Serves) bool {
		return serves.JarRevision == extraction.revision && goal.Claim != nil && serves.Claim == string(goal.Claim.UID) && !lost
	}
	goal.Extract = Attempt{Child: extract}
	goal.JarReady = !goal.copies()
	if goal.copies() {
		goal.Extract = attemptAt(extract, extraction, before, seen.Now)
		if newer := extract.Job != nil && before.Jar != nil && before.Jar.CopiedAt.Before(&extract.Job.CreationTimestamp); !lost && !newer && goal.copiedBeside(before.Jar) {
			goal.Extract.State, goal.Extract.problem, goal.Extract.Recheck = Succeeded, nil, 0
		}
		goal.JarReady = goal.Claim != nil && goal.Claim.DeletionTimestamp == nil && goal.Extract.State == Succeeded
	}
	if goal.copies() && goal.Claim == nil && goal.givenClaim() == "" {
		goal.Volume = volumeAttempt(goal, common.subject, before.Attempts, seen.Now)
	}
	return goal
}

// attemptAt says where a step stands, given its child, what it is wanted for, and
// what the status remembers.
func attemptAt(c Child, want purpose, before v1beta1.StormTopologyStatus, now time.Time) Attempt {
	at := stateOf(c, want, recordOf(c, want, before.Attempts), now)
	at.Limit, at.later = want.retry.limit, want.retry.later
	at.Record.RequestedAt = requestedAt(at, before, now)
	if at.State == Due {
		return checkRefused(at, want, now)
	}
	return at
}

// recordOf is what the status remembers, or the child where it is ahead of a status
// that lags: the number of an attempt only grows.
func recordOf(c Child, want purpose, before *v1beta1.Attempts) v1beta1.Attempts {
	current := v1beta1.Attempts{Revision: want.revision, Step: want.step, Number: 1}
	if before != nil && before.Revision == want.revision && before.Step == want.step {
		current = *before
	}
	if c.exists() && want.fits(c.serves) && c.serves.Attempt > current.Number {
		current.Number, current.Failures = c.serves.Attempt, max(current.Failures, c.serves.Failures)
		current.FailedAt, current.NextAt = nil, nil
	}
	return current
}

func stateOf(c Child, want purpose, record v1beta1.Attempts, now time.Time) Attempt {
	at := Attempt{Child: c, Record: record, noted: record, Recheck: whileLeftOut}
	switch {
	case c.LeftOver != nil && !c.exists():
		at.State = Outdated
		return at
	case !c.exists() && c.Live:
		at.State = Blocked
		return at
	case !c.exists():
		at.State, at.Recheck = Due, diagnose.RefusedAfter
		return at
	case !want.fits(c.serves):
		at.State = Outdated
		return at
	}
	if record.RequestedAt != nil && record.Number == c.serves.Attempt {
		want.subject.RequestedAt = record.RequestedAt.Time
	}
	if !c.complete() {
		at.problem = want.diagnose(c, want.subject)
	}
	at.Record.Upload = uploadLeft(at, now)
	if at.problem != nil && changedSince(at, want) {
		// Start over. The JAR that the pod left on the leader is the same, and is not sent for the
		// third time (Must 5).
		if record.Number <= c.serves.Attempt {
			at.Record = v1beta1.Attempts{Revision: want.revision, Step: want.step, Number: c.serves.Attempt + 1, Upload: at.Record.Upload}
		}
		at.State, at.problem = Outdated, nil
		return at
	}
	at.lost = want.retry.lost || at.failedWith().Killed != ""
	return stateOfFitting(withRefusal(at, want.retry), want, now)
}

// changedSince says whether what produced the attempt's problem has changed: the spec, or how
// the hook server gives its helper to pods, where the helper could not start.
func changedSince(at Attempt, want purpose) bool {
	if at.problem.Helper && at.helper() != want.helper {
		return true
	}
	return at.serves.Spec != "" && at.serves.Spec != want.specs.get()
}

// withRefusal says whether an attempt failed since Nimbus failed at its JAR, and when the
// next one follows then. The status knows that, too: a pod may be deleted with its node long
// before that.
func withRefusal(at Attempt, retry retry) Attempt {
	if at.problem == nil || !at.ended() {
		return at
	}
	switch _, told := at.reported(); {
	case told:
		at.jarRefused = at.failedWith().JarRefused && !at.problem.Counts
	case refusalKept(at):
		at.jarRefused = true
		at.problem = &diagnose.Problem{Problem: *problem.New(v1beta1.ClusterUnreachable,
			"Nimbus at %s does not accept the JAR. Its disk may be full. See Nimbus's log.", uploadFor(at.Record).Leader.Host)}
	}
	if at.jarRefused {
		at.wait = retry.pause(at)
	}
	return at
}

// refusalKept says whether the status tells that the JAR of this attempt was refused: its
// failure is in the status, or it is on its way out.
func refusalKept(at Attempt) bool {
	record := at.Record
	return uploadFor(record).Refused && record.LastReason == v1beta1.ClusterUnreachable &&
		(record.Number > at.serves.Attempt || record.FailedAt != nil && record.Number == at.serves.Attempt)
}

// stateOfFitting says where a child stands that serves what is wanted.
func stateOfFitting(at Attempt, want purpose, now time.Time) Attempt {
	ended, failedAt := at.failed()
	switch {
	case at.serves.Attempt < at.Record.Number || at.deleting(): // on its way out
		at.State = Outdated
	case at.complete():
		at.State, at.problem, at.Recheck = Succeeded, nil, 0
	case ended && at.problem != nil:
		return afterFailure(at, want.retry, failedAt, now)
	case ended: // how its pod ended has not been seen yet
		at.State = Running
	case at.problem != nil && at.problem.Stale && now.Sub(at.createdAt()) >= stalePodAfter:
		at.State = Outdated
	case at.serves.InitialStatus != "" && at.serves.InitialStatus != want.initialStatus:
		// It would start what is to be suspended, or stop what is to run.
		at.State, at.problem = Outdated, nil
	case want.step == children.StepSubmit && (at.serves.Beside != "") != want.beside: // spec.update.strategy changed
		at.State, at.problem = Outdated, nil
	default:
		at.State, at.Recheck = Running, at.untilRefused(want.subject.RequestedAt, now)
	}
	return at
}

// afterFailure counts a failed attempt, and says when the next one is due. A
// failure that was counted stays counted, though its pod is collected later and
// nothing says any more how it ended.
func afterFailure(at Attempt, retry retry, failedAt, now time.Time) Attempt {
	problem, failures := *at.problem, at.serves.Failures
	if problem.Counts {
		failures++
	}
	if failures >= at.Record.Failures {
		at.Record.Failures, at.Record.LastReason = failures, problem.Reason
	} else {
		problem.Reason, problem.Counts = at.Record.LastReason, true
	}
	at.problem = &problem
	at.Record.FailedAt = failureSeen(at, failedAt, now)
	at.Record.Upload = uploadLeft(at, now)
	pause := retry.pause(at)
	wait := rest(pause, at.Record.FailedAt.Time, now)
	at.Record.NextAt = nil
	switch {
	case retry.ends(at):
		at.State, at.Recheck = Exhausted, 0
	case wait > 0:
		at.State, at.Recheck = Retrying, min(wait, whileRetrying)
		if retry.spent(at.Record.Failures) {
			at.Record.NextAt = stamp(at.Record.FailedAt.Add(pause))
		}
	default:
		at.Record.Number, at.Record.FailedAt = at.serves.Attempt+1, nil
		at.State = Outdated
	}
	return at
}

// failureSeen is when the failure was first seen. When it happened is a time of the node's
// clock or of another one: it counts where it is not later than that of the hook server.
func failureSeen(at Attempt, failedAt, now time.Time) *metav1.Time {
	if before := at.Record.FailedAt; before != nil && at.Record.Number == at.serves.Attempt {
		return before
	}
	if failedAt.IsZero() || failedAt.After(now) {
		failedAt = now
	}
	return stamp(failedAt)
}

// checkRefused reports whether a requested child that does not appear was refused.
func checkRefused(at Attempt, want purpose, now time.Time) Attempt {
	if problem := diagnose.Absent(want.kind, want.name, want.subject, at.Record.RequestedAt.Time, now); problem != nil {
		at.problem, at.Recheck = problem, whileRefused
	}
	return at
}

// requestedAt is when a child that has not been observed was requested. It is not
// cleared as soon as the child appears, since that would be a status write of its
// own, but with the next change. So a time that is left over may be that of a child
// that came and was deleted:
//
//	requested ─ exists ─ runs ───────── deleted ─ requested again
//	time ───────(stays, nothing changes)──────────┴ not since then
func requestedAt(at Attempt, status v1beta1.StormTopologyStatus, now time.Time) *metav1.Time {
	before, current := status.Attempts, at.Record
	same := before != nil && before.Revision == current.Revision && before.Step == current.Step && before.Number == current.Number
	switch {
	case at.State == Due && (!same || before.RequestedAt == nil || cameSince(at, before.RequestedAt, status, now)),
		at.State == Outdated && !same: // it is requested in a moment, when the previous one has gone
		return stamp(now)
	case at.State == Due,
		at.State == Running && same, // its age, by the clock of a hook server
		at.State == Outdated && age(before.RequestedAt, now) <= 2*whileLeftOut:
		return before.RequestedAt
	}
	return nil
}

// cameSince says whether the child must have come since it was requested: it
// created a pod, or nothing has complained for longer than a refusal takes. While Storm was
// silent, nothing was requested.
func cameSince(at Attempt, requested *metav1.Time, status v1beta1.StormTopologyStatus, now time.Time) bool {
	if status.SilentSince != nil {
		return true
	}
	for i := range at.Former {
		if !at.Former[i].CreationTimestamp.Before(requested) {
			return true
		}
	}
	ready, _ := conditions.Find(status.Conditions, v1beta1.ConditionReady)
	return age(requested, now) > requestForgotten && ready.Reason != v1beta1.ChildRefused
}

// volumeAttempt is the claim that is missing. The extraction waits until it is
// seen, since it has its uid.
func volumeAttempt(goal Goal, subject diagnose.Subject, before *v1beta1.Attempts, now time.Time) Attempt {
	at := Attempt{State: Due, Recheck: diagnose.RefusedAfter,
		Record: v1beta1.Attempts{Revision: goal.Fingerprint.Jar, Step: stepVolume, Number: 1, RequestedAt: stamp(now)}}
	if before != nil && before.Step == stepVolume && before.RequestedAt != nil {
		at.Record.RequestedAt = before.RequestedAt
	}
	return checkRefused(at, purpose{kind: "PersistentVolumeClaim", name: children.ClaimName(goal.Parent.Name), subject: subject}, now)
}
