package termination

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// Outcome is how a Job ended, or will.
type Outcome int

// The controller of a Job announces an outcome (SuccessCriteriaMet, FailureTarget) before
// it is final (Complete, Failed), since the pods have to end in between
// (k8s.io/api/batch/v1, JobConditionType). Nothing can change an announced outcome, so
// pkg/internal/diagnose believes it. pkg/topology, which creates the next Job, waits for
// the final outcome: a pod of this Job may still run (Must 1).
const (
	Open Outcome = iota
	Succeeding
	Failing
	Succeeded
	Failed
)

// Success says whether the Job succeeded, or will.
func (o Outcome) Success() bool { return o == Succeeding || o == Succeeded }

// Failure says whether the Job failed, or will.
func (o Outcome) Failure() bool { return o == Failing || o == Failed }

// outcomes are those of a Job by its conditions, the final ones first.
var outcomes = []struct {
	condition batchv1.JobConditionType
	outcome   Outcome
}{
	{batchv1.JobComplete, Succeeded},
	{batchv1.JobFailed, Failed},
	{batchv1.JobSuccessCriteriaMet, Succeeding},
	{batchv1.JobFailureTarget, Failing},
}

// OutcomeOf is the outcome of a Job, and since when its controller knows it.
func OutcomeOf(job *batchv1.Job) (Outcome, time.Time) {
	for _, known := range outcomes {
		for _, condition := range job.Status.Conditions {
			if condition.Type == known.condition && condition.Status == corev1.ConditionTrue {
				return known.outcome, condition.LastTransitionTime.Time
			}
		}
	}
	return Open, time.Time{}
}
