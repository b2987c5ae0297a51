package diagnose

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestLive(t *testing.T) {
	phase := func(phase corev1.PodPhase) func(*corev1.Pod) {
		return func(pod *corev1.Pod) { pod.Status.Phase = phase }
	}
	limits := func(deadline, grace int64) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			pod.Spec.ActiveDeadlineSeconds, pod.Spec.TerminationGracePeriodSeconds = &deadline, &grace
		}
	}
	tests := map[string]struct {
		reason  string
		changes []func(*corev1.Pod)
		after   time.Duration
		want    bool
	}{
		"running":                         {"it may be submitting", []func(*corev1.Pod){phase(corev1.PodRunning)}, soon, true},
		"running, being deleted":          {"it runs until its grace ends, and beyond", []func(*corev1.Pod){phase(corev1.PodRunning), deleted}, soon, true},
		"succeeded":                       {"a final phase", []func(*corev1.Pod){phase(corev1.PodSucceeded)}, soon, false},
		"failed":                          {"a final phase", []func(*corev1.Pod){phase(corev1.PodFailed)}, soon, false},
		"unknown phase":                   {"a node that does not answer may run it", []func(*corev1.Pod){phase(corev1.PodUnknown)}, soon, true},
		"at deadline, grace and a minute": {"still within", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20)}, 180 * time.Second, true},
		"after that":                      {"its kubelet has ended it and cannot report that", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20)}, 181 * time.Second, false},
		"deleted with a longer grace": {"the grace of the deletion counts", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20), func(pod *corev1.Pod) {
			pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &metav1.Time{Time: began}, new(int64(300))
		}}, 400 * time.Second, true},
		"no deadline":                   {"nothing ends it on a lost node", []func(*corev1.Pod){phase(corev1.PodRunning), func(pod *corev1.Pod) { pod.Spec.ActiveDeadlineSeconds = nil }}, 1000 * time.Hour, true},
		"no node yet, old":              {"its deadline has not begun", []func(*corev1.Pod){limits(100, 20), notBound("Unschedulable", "")}, 1000 * time.Hour, true},
		"bound late, kubelet silent":    {"its deadline began when it was bound", []func(*corev1.Pod){limits(100, 20), boundAfter(time.Hour)}, time.Hour + 180*time.Second, true},
		"the node's clock is behind":    {"it runs, and its kubelet measures the deadline by that clock", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20), boundAfter(0), startedAfter(-5 * time.Hour)}, 180 * time.Second, true},
		"behind, and lost":              {"it was bound so long ago", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20), boundAfter(0), startedAfter(-5 * time.Hour)}, 181 * time.Second, false},
		"the node's clock is ahead":     {"it counts as lost later, by as much", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20), boundAfter(0), startedAfter(5 * time.Hour)}, 5*time.Hour + 181*time.Second, false},
		"accepted late":                 {"its deadline began when the kubelet accepted it", []func(*corev1.Pod){phase(corev1.PodRunning), limits(100, 20), boundAfter(0), startedAfter(10 * time.Minute)}, 10*time.Minute + 180*time.Second, true},
		"bound late, silent for longer": {"the node is lost", []func(*corev1.Pod){limits(100, 20), boundAfter(time.Hour)}, time.Hour + 181*time.Second, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pod := podOf(submitJob(), test.changes...)
			if got := Live(&pod, began.Add(test.after)); got != test.want {
				t.Errorf("%v: %s", got, test.reason)
			}
		})
	}
}

func boundAfter(wait time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.StartTime = nil
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(began.Add(wait))}}
	}
}

func startedAfter(wait time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.StartTime = &metav1.Time{Time: began.Add(wait)} }
}

// The clock of a node may be ahead or behind: what is said of its pods stays the same.
func TestTheNodesClockChangesNoWords(t *testing.T) {
	for _, r := range rows() {
		first := valueOf(r.ask())
		for _, skew := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
			for i := range r.pods {
				if r.pods[i].Status.StartTime != nil {
					r.pods[i].Status.StartTime = &metav1.Time{Time: began.Add(skew)}
				}
			}
			if second := valueOf(r.ask()); first != second {
				t.Errorf("%s, with a clock that is off by %s:\n%s\n%s", r.story, skew, first.Message, second.Message)
			}
		}
	}
}
