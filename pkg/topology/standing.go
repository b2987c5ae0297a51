package topology

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

const labelTopology = children.LabelTopology

// soon is when a child that was left out is looked for again, should its event be
// lost. One that was named is looked for when it counts as refused.
const soon = 2 * time.Second

// whileRefused is how often a child that is refused is asked for.
const whileRefused = 10 * time.Second

// staleAfter is how old a pod may be that lacks what only a new one can have.
const staleAfter = 2 * time.Minute

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

// stand says where a step stands. fits says whether a child serves what is wanted.
func (seen Observed) stand(s Step, name, revision string, fits func(children.Serves) bool, now time.Time) standing {
	at := seen.standOf(s, name, revision, fits, now)
	at.attempts.NamedAt = seen.askedSince(s, at, now)
	if at.at == due {
		return seen.missed(at, now)
	}
	return at
}

func (seen Observed) standOf(s Step, name, revision string, fits func(children.Serves) bool, now time.Time) standing {
	current := seen.attempts(s, name, revision, fits)
	switch {
	case s.Stray != nil && !s.there():
		return standing{at: outdated, attempts: current, wait: soon}
	case !s.there() && s.live(now):
		return standing{at: blocked, attempts: current, wait: soon}
	case !s.there():
		return standing{at: due, attempts: current, wait: diagnose.RefusedAfter}
	case !fits(s.Serves):
		return standing{at: outdated, attempts: current, wait: soon}
	}
	problem, ails := seen.diagnose(s, now)
	ended, failedAt := s.failed()
	switch {
	case ails && s.Serves.Spec != "" && s.Serves.Spec != seen.specs():
		// What failed or hangs would be made otherwise now: begin anew.
		if current.Number <= s.Serves.Attempt {
			current = v1beta1.Attempts{Revision: revision, Step: name, Number: s.Serves.Attempt + 1}
		}
		return standing{at: outdated, attempts: current, wait: soon}
	case s.Serves.Attempt < current.Number || s.deleting(): // on its way out
		return standing{at: outdated, attempts: current, problem: problem, ails: ails, wait: soon}
	case s.complete():
		return standing{at: done, attempts: current}
	case ended && ails:
		return seen.afterFailure(s, current, problem, failedAt, now)
	case ended: // how its pod ended has not been seen yet
		return standing{at: working, attempts: current, wait: soon}
	case ails && imageTrouble(problem) && s.helperLacks() && seen.otherHelper(s):
		// A helper image that could not be had has been mended at the hook server.
		return standing{at: outdated, attempts: current, wait: soon}
	case ails && problem.Stale && now.Sub(s.made()) >= staleAfter:
		return standing{at: outdated, attempts: current, problem: problem, ails: true, wait: soon}
	case s.Serves.InitialStatus != "" && s.Serves.InitialStatus != seen.initialStatus():
		// It would start what is to be suspended, or stop what is to run.
		return standing{at: outdated, attempts: current, wait: soon}
	}
	return standing{at: working, attempts: current, problem: problem, ails: ails, wait: s.untilRefused(now)}
}

// afterFailure counts a failed attempt, and says when the next one is due. A
// failure that was counted stays counted, though its pod is collected later and
// nothing says any more how it ended.
func (seen Observed) afterFailure(s Step, current v1beta1.Attempts, problem diagnose.Problem, failedAt, now time.Time) standing {
	failures := s.Serves.Failures
	if problem.Counts {
		failures++
	}
	if failures >= current.Failures {
		current.Failures, current.LastReason = failures, problem.Reason
	} else {
		problem.Reason, problem.Counts = current.LastReason, true
	}
	retry := seen.retry()
	if current.Failures >= retry.limit {
		return standing{at: exhausted, attempts: current, problem: problem, ails: true}
	}
	wait := retry.backoff(s.Serves.Attempt) - now.Sub(failedAt)
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
	if s.there() && fits(s.Serves) && s.Serves.Attempt > current.Number {
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
		Spec:        seen.specs(),
	}
	if seen.Claim != nil {
		serves.Claim = string(seen.Claim.UID)
	}
	if at.Step == children.StepSubmit {
		serves.InitialStatus = seen.initialStatus()
	}
	return serves
}

// extraction says where the extraction of the target's JAR stands. It must have
// used the claim that is there: one made anew is empty.
func (seen Observed) extraction(now time.Time) standing {
	jar := seen.Target.Fingerprint.Jar
	return seen.stand(seen.Extract, children.StepExtract, jar, func(serves children.Serves) bool {
		return serves.JarRevision == jar && seen.Claim != nil && serves.Claim == string(seen.Claim.UID) && !seen.jarLost()
	}, now)
}

// jarLost says whether a submission found the volume without the JAR that the
// extraction had copied there: something else removed it.
func (seen Observed) jarLost() bool {
	if !seen.copies() || seen.Extract.Job == nil || seen.Submit.Job == nil ||
		!seen.Extract.Job.CreationTimestamp.Before(&seen.Submit.Job.CreationTimestamp) {
		return false
	}
	for i := range seen.Submit.Pods {
		for _, status := range seen.Submit.Pods[i].Status.ContainerStatuses {
			if end := status.State.Terminated; end != nil && status.Name == children.SubmitContainer {
				message, ok := termination.Parse(end.Message)
				return ok && message.Reason == v1beta1.JarNotFound
			}
		}
	}
	return false
}

// submission says where the submission of the target stands.
func (seen Observed) submission(now time.Time) standing {
	revision := seen.Target.Fingerprint.Revision
	return seen.stand(seen.Submit, children.StepSubmit, revision, func(serves children.Serves) bool {
		return serves.Revision == revision
	}, now)
}

// specs is the hash of the specs that a child would be made from now.
func (seen Observed) specs() string { return revision.OfSpecs(seen.Parent, seen.Cluster) }

func (seen Observed) diagnose(s Step, now time.Time) (diagnose.Problem, bool) {
	if seen.imageVolumeDropped(s) {
		return diagnose.Problem{Class: diagnose.Stalled, Reason: v1beta1.ImageVolumeUnsupported, Counts: true, Message: "This Kubernetes took the image volume out of job " +
			s.Job.Name + ": it does not mount images (on by default since Kubernetes 1.35; before, the feature gate ImageVolume). Set spec.topology.jar.container.extractionMode to copy or init-container."}, true
	}
	if s.Pod != nil {
		return diagnose.Pod(s.Pod, seen.subject(), now)
	}
	return diagnose.Job(s.Job, s.Pods, seen.Claim, seen.subject(), now)
}

// childOf is the kind and name of a step's child.
func (seen Observed) childOf(step string) (kind, name string) {
	switch {
	case step == children.StepExtract:
		return "Job", children.ExtractJobName(seen.Parent.Name)
	case seen.Parent.Mode() == v1beta1.ExtractionInit:
		return "Pod", children.TopologyPodName(seen.Parent.Name)
	}
	return "Job", children.SubmitJobName(seen.Parent.Name)
}

func (seen Observed) subject() diagnose.Subject {
	var secrets []string
	for _, secret := range children.PullSecrets(seen.Parent, seen.Cluster) {
		secrets = append(secrets, secret.Name)
	}
	return diagnose.Subject{
		PullSecrets:   secrets,
		Namespace:     seen.Parent.Namespace,
		Topology:      seen.Parent.Name,
		Cluster:       seen.Parent.Spec.ClusterRef,
		EnforcedLevel: seen.PodSecurity,
	}
}
