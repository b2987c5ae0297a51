package topology

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
)

const labelTopology = children.LabelTopology

// soon is when a child that was named or left out is looked for again, should
// its event be lost.
const soon = 2 * time.Second

// whileRefused is how often a child that is refused is asked for.
const whileRefused = 10 * time.Second

// standing is where a step stands on its way to what it is wanted for.
type standing struct {
	at standingAt
	// attempts as the status should remember them.
	attempts v1beta1.Attempts
	// problem of the current attempt; ails is false where there is none.
	problem diagnose.Problem
	ails    bool
	// wait is when to look again.
	wait time.Duration
}

type standingAt int

const (
	// due: the Job is to be named.
	due standingAt = iota
	// blocked: a pod of the Job before may still run (Must 1).
	blocked
	// outdated: the Job is for something else and is left out first.
	outdated
	// working: the Job is at it.
	working
	// done: the Job is complete.
	done
	// retrying: the Job failed and the next attempt waits for its time.
	retrying
	// exhausted: the Job failed and the attempts are used up.
	exhausted
)

// stand says where a step stands. fits says whether a Job serves what is wanted.
func (seen Observed) stand(s Step, name, revision string, fits func(children.Serves) bool, now time.Time) standing {
	current := seen.attempts(s, name, revision, fits)
	switch {
	case s.Job == nil && s.live(now):
		current.NamedAt = nil
		return standing{at: blocked, attempts: current, wait: soon}
	case s.Job == nil:
		if current.NamedAt == nil {
			current.NamedAt = stamp(now)
		}
		problem, ails := diagnose.Absent("Job", seen.jobName(name), seen.subject(), current.NamedAt.Time, now)
		at := standing{at: due, attempts: current, problem: problem, ails: ails, wait: soon}
		if ails {
			at.wait = whileRefused
		}
		return at
	}
	current.NamedAt = nil // it is there
	if !fits(s.Serves) {
		return standing{at: outdated, attempts: current, wait: soon}
	}
	problem, ails := diagnose.Job(s.Job, s.Pods, seen.Claim, seen.subject(), now)
	switch {
	case s.Serves.Attempt < current.Number || s.Job.DeletionTimestamp != nil: // on its way out
		return standing{at: outdated, attempts: current, problem: problem, ails: ails, wait: soon}
	case finished(s.Job, batchv1.JobComplete):
		return standing{at: done, attempts: current}
	case finished(s.Job, batchv1.JobFailed) && ails:
		return seen.afterFailure(s, current, problem, now)
	case finished(s.Job, batchv1.JobFailed): // how its pod ended has not been seen yet
		return standing{at: working, attempts: current, wait: soon}
	case ails && imageTrouble(problem) && seen.otherImages(s.Job):
		// The image that could not be had has been mended on the StormCluster or
		// the hook server: a Job keeps the one that it was made with.
		return standing{at: outdated, attempts: current, wait: soon}
	}
	return standing{at: working, attempts: current, problem: problem, ails: ails, wait: s.untilRefused(now)}
}

// afterFailure counts a failed attempt, and says when the next one is due. A
// failure that was counted stays counted, though its pod is collected later and
// nothing says any more how it ended.
func (seen Observed) afterFailure(s Step, current v1beta1.Attempts, problem diagnose.Problem, now time.Time) standing {
	failures := s.Serves.Failures
	if problem.Counts {
		failures++
	}
	if failures >= current.Failures {
		current.Failures, current.LastReason = failures, problem.Reason
	} else {
		problem.Reason, problem.Counts = current.LastReason, true
	}
	if current.Failures >= v1beta1.DefaultRetryLimit {
		return standing{at: exhausted, attempts: current, problem: problem, ails: true}
	}
	wait := backoff(s.Serves.Attempt) - now.Sub(endedAt(s.Job))
	if wait > 0 {
		return standing{at: retrying, attempts: current, problem: problem, ails: true, wait: wait}
	}
	current.Number = s.Serves.Attempt + 1
	return standing{at: outdated, attempts: current, problem: problem, ails: true, wait: soon}
}

// attempts are those that the status remembers, or the observed Job where it is
// ahead of a status that lags: their number only grows.
func (seen Observed) attempts(s Step, name, revision string, fits func(children.Serves) bool) v1beta1.Attempts {
	current := v1beta1.Attempts{Revision: revision, Step: name, Number: 1}
	if before := seen.Parent.Status.Attempts; before != nil && before.Revision == revision && before.Step == name {
		current = *before
	}
	if s.Job != nil && fits(s.Serves) && s.Serves.Attempt > current.Number {
		current.Number, current.Failures = s.Serves.Attempt, max(current.Failures, s.Serves.Failures)
	}
	return current
}

// serves is what the next Job of a step is made for.
func (seen Observed) serves(at v1beta1.Attempts) children.Serves {
	serves := children.Serves{
		Revision:    seen.Target.Fingerprint.Revision,
		JarRevision: seen.Target.Fingerprint.Jar,
		Attempt:     at.Number,
		Failures:    at.Failures,
	}
	if seen.Claim != nil {
		serves.Claim = string(seen.Claim.UID)
	}
	return serves
}

// extraction says where the extraction of the target's JAR stands. It must have
// used the claim that is there: one made anew is empty.
func (seen Observed) extraction(now time.Time) standing {
	jar := seen.Target.Fingerprint.Jar
	return seen.stand(seen.Extract, children.StepExtract, jar, func(serves children.Serves) bool {
		return serves.JarRevision == jar && seen.Claim != nil && serves.Claim == string(seen.Claim.UID)
	}, now)
}

// submission says where the submission of the target stands.
func (seen Observed) submission(now time.Time) standing {
	revision := seen.Target.Fingerprint.Revision
	return seen.stand(seen.Submit, children.StepSubmit, revision, func(serves children.Serves) bool {
		return serves.Revision == revision
	}, now)
}

// ended says whether the step's Job is there and over: Complete or Failed, not
// merely on its way there.
func (s Step) ended() bool {
	return s.Job != nil && (finished(s.Job, batchv1.JobComplete) || finished(s.Job, batchv1.JobFailed))
}

// live says whether a pod of the step may still run.
func (s Step) live(now time.Time) bool {
	for _, pods := range [][]corev1.Pod{s.Pods, s.Others} {
		for i := range pods {
			if diagnose.Live(&pods[i], now) {
				return true
			}
		}
	}
	return false
}

// untilRefused is when a Job without a pod will have waited long enough to say
// that its pod is refused; a minute where it has one, should an event be lost.
func (s Step) untilRefused(now time.Time) time.Duration {
	if len(s.Pods) == 0 && s.Job.Status.StartTime != nil {
		if rest := diagnose.RefusedAfter - now.Sub(s.Job.Status.StartTime.Time); rest > 0 {
			return rest + time.Second
		}
	}
	return time.Minute
}

// otherImages says whether the Job's images are not the ones that it would be
// made with now.
func (seen Observed) otherImages(job *batchv1.Job) bool {
	for _, container := range job.Spec.Template.Spec.InitContainers {
		if container.Name == children.HelperContainer && container.Image != seen.Config.HelperImage {
			return true
		}
	}
	for _, container := range job.Spec.Template.Spec.Containers {
		if container.Name == children.SubmitContainer && container.Image != seen.Cluster.Spec.Image {
			return true
		}
	}
	return false
}

func imageTrouble(problem diagnose.Problem) bool {
	return problem.Reason == v1beta1.ImagePullFailed || problem.Reason == v1beta1.ImageNotFound
}

func finished(job *batchv1.Job, kind batchv1.JobConditionType) bool {
	for _, condition := range job.Status.Conditions {
		if condition.Type == kind && condition.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func endedAt(job *batchv1.Job) time.Time {
	for _, condition := range job.Status.Conditions {
		if condition.Type == batchv1.JobFailed && condition.Status == corev1.ConditionTrue {
			return condition.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

// backoff is how long the attempt after this one waits: 10 s, doubled each time, at most 5 min.
func backoff(attempt int64) time.Duration {
	wait := v1beta1.DefaultRetryBackoff
	for ; attempt > 1 && wait < v1beta1.DefaultRetryBackoffLimit; attempt-- {
		wait *= 2
	}
	return min(wait, v1beta1.DefaultRetryBackoffLimit)
}

func (seen Observed) jobName(step string) string {
	if step == children.StepExtract {
		return children.ExtractJobName(seen.Parent.Name)
	}
	return children.SubmitJobName(seen.Parent.Name)
}

func (seen Observed) subject() diagnose.Subject {
	return diagnose.Subject{
		Namespace:     seen.Parent.Namespace,
		Topology:      seen.Parent.Name,
		Cluster:       seen.Parent.Spec.ClusterRef,
		EnforcedLevel: seen.PodSecurity,
	}
}
