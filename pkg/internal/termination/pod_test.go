package termination

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestOf(t *testing.T) {
	ended := func(name, message string) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{Message: message}}}
	}
	pod := &corev1.Pod{}
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{ended("helper", "not JSON"), ended("extract", `{"reason":"JarNotFound"}`)}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{
		{Name: "submit", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	for name, code := range map[string]int32{"failed": 1, "panicked": 2, "killed": 137} {
		status := ended(name, `{"reason":"MainFailed"}`)
		status.State.Terminated.ExitCode = code
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, status)
	}
	for container, test := range map[string]struct {
		want   string
		ok     bool
		reason string
	}{
		"extract":  {"JarNotFound", true, "an init container, too"},
		"helper":   {"", false, "what it wrote is not a message"},
		"submit":   {"", false, "it still runs"},
		"sidecar":  {"", false, "the kubelet has reported no such container"},
		"killed":   {"", false, "main wrote it: a helper that a signal ended reports nothing"},
		"panicked": {"", false, "main wrote it: a helper that panics reports nothing"},
		"failed":   {"MainFailed", true, "a helper that failed ends with exit code 1"},
	} {
		if got, ok := Of(pod, container); got.Reason != test.want || ok != test.ok {
			t.Errorf("%s: %q, %v: %s", container, got.Reason, ok, test.reason)
		}
	}
	var names string
	for status := range Statuses(pod) {
		if names += status.Name + " "; status.Name == "extract" {
			break
		}
	}
	if names != "helper extract " {
		t.Errorf("statuses: %s", names)
	}
}

func TestOutcomeOf(t *testing.T) {
	at := func(second int) metav1.Time { return metav1.NewTime(time.Unix(int64(second), 0)) }
	is := func(kind batchv1.JobConditionType, second int) batchv1.JobCondition {
		return batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: at(second)}
	}
	for reason, test := range map[string]struct {
		conditions []batchv1.JobCondition
		want       Outcome
		since      int
	}{
		"no condition: it runs or waits":                   {nil, Open, 0},
		"suspended is not an end":                          {[]batchv1.JobCondition{is(batchv1.JobSuspended, 1)}, Open, 0},
		"announced: its pods may still run":                {[]batchv1.JobCondition{is(batchv1.JobFailureTarget, 1)}, Failing, 1},
		"announced, too":                                   {[]batchv1.JobCondition{is(batchv1.JobSuccessCriteriaMet, 1)}, Succeeding, 1},
		"the announcement stays beside the final outcome":  {[]batchv1.JobCondition{is(batchv1.JobFailureTarget, 1), is(batchv1.JobFailed, 2)}, Failed, 2},
		"in whatever order":                                {[]batchv1.JobCondition{is(batchv1.JobComplete, 2), is(batchv1.JobSuccessCriteriaMet, 1)}, Succeeded, 2},
		"a condition that is False says that it is not so": {[]batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionFalse}}, Open, 0},
	} {
		got, since := OutcomeOf(&batchv1.Job{Status: batchv1.JobStatus{Conditions: test.conditions}})
		if got != test.want || test.since != 0 && since.Unix() != int64(test.since) {
			t.Errorf("%s: %v since %v", reason, got, since)
		}
	}
}
