package topology

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

const labelTopology = children.LabelTopology

// soon is when a child that was named or left out is looked for again, should
// its event be lost.
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
	current := seen.attempts(s, name, revision, fits)
	switch {
	case s.Stray != nil && !s.there():
		return standing{at: outdated, attempts: current, wait: soon}
	case !s.there() && s.live(now):
		current.NamedAt = nil
		return standing{at: blocked, attempts: current, wait: soon}
	case !s.there():
		return seen.absent(name, current, now)
	}
	current.NamedAt = nil // it is there
	if !fits(s.Serves) {
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
	}
	return standing{at: working, attempts: current, problem: problem, ails: ails, wait: s.untilRefused(now)}
}

// absent says that the child is to be named, and whether it is refused.
func (seen Observed) absent(name string, current v1beta1.Attempts, now time.Time) standing {
	if current.NamedAt == nil {
		current.NamedAt = stamp(now)
	}
	kind, child := seen.childOf(name)
	problem, ails := diagnose.Absent(kind, child, seen.subject(), current.NamedAt.Time, now)
	at := standing{at: due, attempts: current, problem: problem, ails: ails, wait: soon}
	if ails {
		at.wait = whileRefused
	}
	return at
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

// imageVolumeDropped says whether the API server left the image volume out of the
// Job, as it silently does where the feature is off
// (k8s.io/kubernetes/pkg/api/pod/util.go).
func (seen Observed) imageVolumeDropped(s Step) bool {
	if seen.Parent.Mode() != v1beta1.ExtractionVolume || s.Job == nil || s.Job.Name != children.SubmitJobName(seen.Parent.Name) {
		return false
	}
	for _, volume := range s.Job.Spec.Template.Spec.Volumes {
		if volume.Image != nil {
			return false
		}
	}
	return true
}

func (s Step) there() bool { return s.Job != nil || s.Pod != nil }

// ended says whether the step's child is there and over: Complete or Failed, not
// merely on its way there.
func (s Step) ended() bool {
	failed, _ := s.failed()
	return s.complete() || failed
}

func (s Step) complete() bool {
	if s.Pod != nil {
		return s.Pod.Status.Phase == corev1.PodSucceeded
	}
	return s.Job != nil && finished(s.Job, batchv1.JobComplete)
}

// failed says whether the child failed, and when.
func (s Step) failed() (bool, time.Time) {
	switch {
	case s.Pod != nil:
		return s.Pod.Status.Phase == corev1.PodFailed, podEndedAt(s.Pod)
	case s.Job != nil && finished(s.Job, batchv1.JobFailed):
		return true, endedAt(s.Job)
	}
	return false, time.Time{}
}

func (s Step) deleting() bool {
	return s.Pod != nil && s.Pod.DeletionTimestamp != nil || s.Job != nil && s.Job.DeletionTimestamp != nil
}

// made is when the child was made.
func (s Step) made() time.Time {
	if s.Pod != nil {
		return s.Pod.CreationTimestamp.Time
	}
	return s.Job.CreationTimestamp.Time
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
	return s.Stray != nil && s.Stray.live(now)
}

// untilRefused is when a Job without a pod will have waited long enough to say
// that its pod is refused; a minute where it has one, should an event be lost.
func (s Step) untilRefused(now time.Time) time.Duration {
	if s.Job != nil && len(s.Pods) == 0 && s.Job.Status.StartTime != nil {
		if rest := diagnose.RefusedAfter - now.Sub(s.Job.Status.StartTime.Time); rest > 0 {
			return rest + time.Second
		}
	}
	return time.Minute
}

// helperLacks says whether a pod waits for the helper's own image.
func (s Step) helperLacks() bool {
	for i := range s.Pods {
		for _, status := range s.Pods[i].Status.InitContainerStatuses {
			if status.Name == children.HelperContainer && status.State.Waiting != nil {
				return true
			}
		}
	}
	return false
}

// otherHelper says whether the child's helper image is not the one of now.
func (seen Observed) otherHelper(s Step) bool {
	spec := corev1.PodSpec{}
	if s.Pod != nil {
		spec = s.Pod.Spec
	} else if s.Job != nil {
		spec = s.Job.Spec.Template.Spec
	}
	for _, container := range spec.InitContainers {
		if container.Name == children.HelperContainer {
			return container.Image != seen.Config.HelperImage
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

// podEndedAt is when the last of the pod's containers ended.
func podEndedAt(pod *corev1.Pod) time.Time {
	last := pod.CreationTimestamp.Time
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, status := range statuses {
			if end := status.State.Terminated; end != nil && end.FinishedAt.After(last) {
				last = end.FinishedAt.Time
			}
		}
	}
	return last
}

// retry is how often, and after which wait, something is tried again.
type retry struct {
	limit       int32
	first, most time.Duration
}

// retry is the topology's, else the StormCluster's, else the default, each field
// by itself.
func (seen Observed) retry() retry {
	r := retry{limit: v1beta1.DefaultRetryLimit, first: v1beta1.DefaultRetryBackoff, most: v1beta1.DefaultRetryBackoffLimit}
	if seen.Cluster != nil {
		r = r.over(seen.Cluster.Spec.Retry)
	}
	return r.over(seen.Parent.Spec.Retry)
}

func (r retry) over(spec *v1beta1.Retry) retry {
	if spec == nil {
		return r
	}
	if spec.Limit != nil {
		r.limit = *spec.Limit
	}
	if spec.BackoffSeconds != nil {
		r.first = time.Duration(*spec.BackoffSeconds) * time.Second
	}
	if spec.MaxBackoffSeconds != nil {
		r.most = time.Duration(*spec.MaxBackoffSeconds) * time.Second
	}
	return r
}

// backoff is how long the attempt after this one waits: the first wait, doubled
// each time, up to the longest.
func (r retry) backoff(attempt int64) time.Duration {
	wait := r.first
	for ; attempt > 1 && wait < r.most; attempt-- {
		wait *= 2
	}
	return min(wait, r.most)
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
