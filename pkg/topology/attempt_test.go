package topology

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

var tested = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// A row is a submission of revision r1: what exists of it, what is wrong with it,
// and what the status remembers.
type attemptRow struct {
	child   Child
	problem *diagnose.Problem
	status  v1beta1.StormTopologyStatus
	// specs is the hash of the specs of now.
	specs string

	state   State
	left    string // the reason that is left
	number  int64
	recheck time.Duration
}

var (
	crashed  = &diagnose.Problem{Problem: *problem.New(v1beta1.SubmissionFailed, "Main failed.")}
	nodeLost = &diagnose.Problem{Problem: *problem.New(v1beta1.PodLost, "The node is lost.")}
	noImage  = &diagnose.Problem{Problem: *problem.New(v1beta1.ImagePullFailed, "No such image.")}
	noHelper = &diagnose.Problem{Problem: *problem.New(v1beta1.ImagePullFailed, "No such image."), Helper: true}
	noExec   = &diagnose.Problem{Problem: *problem.New(v1beta1.ImageVolumeUnsupported, "It may not run."), Helper: true}
	stale    = &diagnose.Problem{Problem: *problem.New(v1beta1.ImagePullFailed, "No secret."), Stale: true}
)

func TestAttemptAt(t *testing.T) {
	for reason, row := range map[string]attemptRow{
		"the child of the previous mode goes first: two submitting children could both submit (Must 1)": {
			child: Child{LeftOver: &Child{Pod: &corev1.Pod{}}},
			state: Outdated, number: 1, recheck: whileLeftOut},
		"a pod of a Job that is gone may still submit (Must 1)": {
			child: Child{Live: true},
			state: Blocked, number: 1, recheck: whileLeftOut},
		"nothing exists: the child is requested, and looked for when it counts as refused": {
			state: Due, number: 1, recheck: diagnose.RefusedAfter},
		"the status remembers the third attempt: it is not forgotten with its Job": {
			status: remembers(3, 2), state: Due, number: 3, recheck: diagnose.RefusedAfter},
		"a request that nothing came of is a refusal, which a person must see": {
			status: requested(tested.Add(-diagnose.RefusedAfter)), state: Due, left: v1beta1.ChildRefused, number: 1, recheck: whileRefused},
		"the child is for another revision": {
			child: job(1, serving("r0")), state: Outdated, number: 1, recheck: whileLeftOut},
		"the specs have changed since this failure: start over, with a new number": {
			child: job(1, failedAgo(time.Second)), problem: crashed, specs: "s2", state: Outdated, number: 2, recheck: whileLeftOut},
		"the specs have changed, but nothing is wrong: what runs is left alone (Must 7)": {
			child: job(1), specs: "s2", state: Running, number: 1, recheck: eventLost},
		"the status is ahead: this child is on its way out": {
			child: job(1), status: remembers(2, 1), state: Outdated, number: 2, recheck: whileLeftOut},
		"the child is ahead of a status that lags": {
			child: job(2), status: remembers(1, 0), state: Running, number: 2, recheck: eventLost},
		"the child is being deleted": {
			child: job(1, dying), state: Outdated, number: 1, recheck: whileLeftOut},
		"the Job is complete": {
			child: job(1, condition(batchv1.JobComplete, 0)), state: Succeeded, number: 1},
		"the pod has ended well, which its Job says 2 s later": {
			child: job(1, pods(corev1.PodSucceeded)), state: Succeeded, number: 1},
		"a failure waits before the next attempt": {
			child: job(1, failedAgo(time.Second)), problem: crashed, state: Retrying, left: v1beta1.SubmissionFailed, number: 1, recheck: 9 * time.Second},
		"the wait is over: the next attempt": {
			child: job(1, failedAgo(11*time.Second)), problem: crashed, state: Outdated, left: v1beta1.SubmissionFailed, number: 2, recheck: whileLeftOut},
		"three failures that count are enough": {
			child: job(3, failedAgo(time.Hour), failures(2)), problem: crashed, state: Exhausted, left: v1beta1.SubmissionFailed, number: 3},
		"a lost node does not count, however often": {
			child: job(9, failedAgo(time.Hour), failures(2)), problem: nodeLost, state: Outdated, left: v1beta1.PodLost, number: 10, recheck: whileLeftOut},
		"a failure that was counted stays counted after its pod is collected": {
			child: job(1, failedAgo(time.Second)), problem: nodeLost, status: remembers(1, 1), state: Retrying, left: v1beta1.SubmissionFailed, number: 1, recheck: 9 * time.Second},
		"failed, and its pod's end has not been seen": {
			child: job(1, failedAgo(time.Second)), state: Running, number: 1, recheck: whileLeftOut},
		"its helper image cannot be pulled, and the hook server has another one by now": {
			child: job(1, helper("helper:old")), problem: noHelper, state: Outdated, number: 2, recheck: whileLeftOut},
		"its helper image cannot be pulled, and is still the one to use": {
			child: job(1, helper("helper:new")), problem: noHelper, state: Running, left: v1beta1.ImagePullFailed, number: 1, recheck: eventLost},
		"its helper cannot run as it is mounted, and the hook server has it installed by now": {
			child: job(3, mounted("helper:new"), failedAgo(time.Hour), failures(2)), problem: noExec, state: Outdated, number: 4, recheck: whileLeftOut},
		"its helper cannot run as it is installed, which is still how the hook server has it": {
			child: job(3, helper("helper:new"), failedAgo(time.Hour), failures(2)), problem: noExec, state: Exhausted, left: v1beta1.ImageVolumeUnsupported, number: 3},
		"the user's image cannot be pulled: another helper is not a reason to start over (Must 7)": {
			child: job(1, helper("helper:old")), problem: noImage, state: Running, left: v1beta1.ImagePullFailed, number: 1, recheck: eventLost},
		"main failed: another helper is not a reason to start over (Must 7)": {
			child: job(1, mounted("helper:new"), failedAgo(time.Second)), problem: crashed, state: Retrying, left: v1beta1.SubmissionFailed, number: 1, recheck: 9 * time.Second},
		"that the helper is mounted another way is not a reason to start over (Must 7)": {
			child: job(1, mounted("helper:new")), state: Running, number: 1, recheck: eventLost},
		"another helper image is not a reason to start over (Must 7)": {
			child: job(1, helper("helper:old")), state: Running, number: 1, recheck: eventLost},
		"the pod lacks what only a new one can have, for long enough": {
			child: job(1, createdAgo(stalePodAfter)), problem: stale, state: Outdated, left: v1beta1.ImagePullFailed, number: 1, recheck: whileLeftOut},
		"the pod lacks what only a new one can have, since a moment ago": {
			child: job(1), problem: stale, state: Running, left: v1beta1.ImagePullFailed, number: 1, recheck: eventLost},
		"it would start what is suspended by now": {
			child: job(1, starting(storm.Inactive)), state: Outdated, number: 1, recheck: whileLeftOut},
		"the Job has no pod yet: its refusal is due in 10 s": {
			child: job(1, startedAgo(4*time.Second)), state: Running, number: 1, recheck: 7 * time.Second},
	} {
		t.Run(reason, func(t *testing.T) {
			got := attemptAt(row.child, row.purpose(), row.status, tested)
			found := ""
			if got.problem != nil {
				found = got.problem.Reason
			}
			if got.State != row.state || found != row.left || got.Record.Number != row.number || got.Recheck != row.recheck {
				t.Errorf("state %d, problem %q, attempt %d, again in %s; want %d, %q, %d, %s",
					got.State, found, got.Record.Number, got.Recheck, row.state, row.left, row.number, row.recheck)
			}
		})
	}
}

func (row attemptRow) purpose() purpose {
	specs := row.specs
	if specs == "" {
		specs = "s1"
	}
	return purpose{
		step: children.StepSubmit, revision: "r1", kind: "Job", name: "topology-submit-x",
		fits:     func(serves children.Serves) bool { return serves.Revision == "r1" },
		diagnose: func(Child, diagnose.Subject) *diagnose.Problem { return row.problem },
		specs:    &specHash{taken: specs}, initialStatus: storm.Active, helper: children.Helper{Image: "helper:new"},
		retry: retry{limit: 3, first: 10 * time.Second, most: 5 * time.Minute},
	}
}

func remembers(number int64, failures int32) v1beta1.StormTopologyStatus {
	attempts := &v1beta1.Attempts{Revision: "r1", Step: children.StepSubmit, Number: number, Failures: failures}
	if failures > 0 {
		attempts.LastReason = v1beta1.SubmissionFailed
	}
	return v1beta1.StormTopologyStatus{Attempts: attempts}
}

func requested(at time.Time) v1beta1.StormTopologyStatus {
	status := remembers(1, 0)
	status.Attempts.RequestedAt = stamp(at)
	return status
}

// job is a Job that serves what the rows want, with a pod that runs.
func job(attempt int64, changes ...func(*Child)) Child {
	c := Child{
		Job:    &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "topology-submit-x", CreationTimestamp: *stamp(tested)}},
		Pods:   []corev1.Pod{{Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: children.SubmitContainer}}}}},
		serves: children.Serves{Revision: "r1", Attempt: attempt, Spec: "s1", InitialStatus: storm.Active},
		Live:   true,
	}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func serving(revision string) func(*Child) { return func(c *Child) { c.serves.Revision = revision } }

func starting(status string) func(*Child) { return func(c *Child) { c.serves.InitialStatus = status } }

func failures(n int32) func(*Child) { return func(c *Child) { c.serves.Failures = n } }

func dying(c *Child) { c.Job.DeletionTimestamp = stamp(tested) }

func pods(phase corev1.PodPhase) func(*Child) {
	return func(c *Child) { c.Pods[0].Status.Phase = phase }
}

func condition(kind batchv1.JobConditionType, ago time.Duration) func(*Child) {
	return func(c *Child) {
		c.Job.Status.Conditions = []batchv1.JobCondition{{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: *stamp(tested.Add(-ago))}}
	}
}

func failedAgo(ago time.Duration) func(*Child) { return condition(batchv1.JobFailed, ago) }

func createdAgo(ago time.Duration) func(*Child) {
	return func(c *Child) { c.Job.CreationTimestamp = *stamp(tested.Add(-ago)) }
}

func startedAgo(ago time.Duration) func(*Child) {
	return func(c *Child) { c.Job.Status.StartTime, c.Pods = stamp(tested.Add(-ago)), nil }
}

// helper has an init container of the image install the helper, and mounted mounts the image.
func helper(image string) func(*Child) {
	return func(c *Child) {
		c.Job.Spec.Template.Spec.InitContainers = []corev1.Container{{Name: children.HelperContainer, Image: image}}
	}
}

func mounted(image string) func(*Child) {
	return func(c *Child) {
		c.Job.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: children.HelperVolume,
			VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: image}}}}
	}
}
