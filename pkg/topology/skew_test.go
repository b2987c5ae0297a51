package topology

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

var aSkew = rapid.Map(rapid.IntRange(-24*3600, 24*3600), func(seconds int) time.Duration { return time.Duration(seconds) * time.Second })

// endedPod is the Pod of init-container mode, whose node's clock is ahead or behind.
func endedPod(t *rapid.T, message string) (Objects, storm.View) {
	objects, view := updatingWith(v1beta1.ExtractionInit)
	pod := children.MakeTopologyPod(planFor(Observe(objects, Config{}, tested), &v1beta1.Attempts{
		Revision: Observe(objects, Config{}, tested).Target.Fingerprint.Revision, Step: children.StepSubmit, Number: 1}))
	pod.UID, pod.CreationTimestamp = "pod", metav1.NewTime(tested.Add(-time.Minute))
	pod.Status.Phase = corev1.PodFailed
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: children.SubmitContainer, State: corev1.ContainerState{
		Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Message: message, FinishedAt: metav1.NewTime(tested.Add(aSkew.Draw(t, "skew")))}}}}
	objects.Pods, objects.StepPods = []corev1.Pod{*pod}, []corev1.Pod{*pod}
	return objects, view
}

// A node's clock that is ahead or behind neither delays the next attempt nor makes an
// answer wait for longer than the backoff.
func TestSkewDelaysNoRetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		objects, view := endedPod(t, `{"reason":"MainFailed","message":"Main failed. Fix it."}`)
		now := tested
		for range 3 {
			seen := Observe(objects, Config{}, now).WithStorm(view)
			d := Decide(seen)
			if d.Children.Submit == Left { // the next attempt
				if waited := now.Sub(tested); waited > v1beta1.DefaultRetryBackoff {
					t.Errorf("the next attempt waits for %s", waited)
				}
				return
			}
			if d.Look.Again <= 0 || d.Look.Again > v1beta1.DefaultRetryBackoff {
				t.Fatalf("rule %q looks again in %s", d.Rule, d.Look.Again)
			}
			objects.Parent.Status = Report(seen, d, nil)
			now = now.Add(d.Look.Again)
		}
		t.Errorf("no attempt after %s", now.Sub(tested))
	})
}

// A node's clock that is behind does not hurry the next attempt, whether the pod has ended
// or a container of another component keeps running in it.
func TestSkewHurriesNoRetry(t *testing.T) {
	for _, beside := range []bool{false, true} {
		rapid.Check(t, func(t *rapid.T) {
			objects, view := endedPod(t, `{"reason":"MainFailed","message":"Main failed. Fix it."}`)
			for _, pods := range [][]corev1.Pod{objects.Pods, objects.StepPods} {
				pods[0].CreationTimestamp = metav1.NewTime(tested)
				if beside {
					pods[0].Status.Phase = corev1.PodRunning
					pods[0].Spec.Containers = append(pods[0].Spec.Containers, corev1.Container{Name: "proxy"})
					pods[0].Status.ContainerStatuses = append(pods[0].Status.ContainerStatuses, corev1.ContainerStatus{
						Name: "proxy", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}})
				}
			}
			now := tested
			for range 5 {
				seen := Observe(objects, Config{}, now).WithStorm(view)
				d := Decide(seen)
				if d.Children.Submit == Left {
					if waited := now.Sub(tested); waited < v1beta1.DefaultRetryBackoff {
						t.Errorf("the next attempt follows after %s", waited)
					}
					return
				}
				objects.Parent.Status = Report(seen, d, nil)
				now = now.Add(d.Look.Again)
			}
			t.Errorf("no attempt after %s", now.Sub(tested))
		})
	}
}

// Must 8: a deletion waits for a submission that Nimbus may be at, for as long as that may
// last by our clock, and not longer.
func TestSkewNeitherShortensNorDelaysADeletion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		objects, _ := endedPod(t, "")
		late, waits := 2*time.Minute, rapid.SampledFrom([]int{0, 30, 600, 3600}).Draw(t, "wait for replicas")
		if waits > 0 {
			objects.Parent.Spec.Topology.Config = v1beta1.Settings{storm.ReplicationWait: waits}
			late = max(late, time.Minute+time.Duration(waits)*time.Second)
		}
		objects.Finalizing = true
		objects.Parent.DeletionTimestamp = &metav1.Time{Time: tested}
		now := tested
		for range 500 {
			seen := Observe(objects, Config{}, now).WithStorm(storm.View{Identity: "s", Listed: true, Fresh: true})
			d := Decide(seen)
			if d.Finalized {
				if waited := now.Sub(tested); waited < late || waited > late+2*quietPeriod {
					t.Errorf("it ends after %s", waited)
				}
				return
			}
			if d.Look.Again <= 0 || d.Look.Again > quietPeriod {
				t.Fatalf("rule %q looks again in %s", d.Rule, d.Look.Again)
			}
			objects.Parent.Status = Report(seen, d, nil)
			now = now.Add(d.Look.Again)
		}
		t.Errorf("it has not ended after %s", now.Sub(tested))
	})
}

// Another hook server wrote when a wait began, and its clock is ahead. The wait is not
// longer for that.
func TestSkewOfAnotherHookServer(t *testing.T) {
	gone := storm.View{Identity: "s", Listed: true, Fresh: true}
	_, running := updatingWith(v1beta1.ExtractionVolume)
	running.Topology.OldestUptime = 3600
	cases := map[string]struct {
		status  func(*v1beta1.StormTopologyStatus, *metav1.Time)
		view    storm.View
		deleted bool
		over    func(Decision) bool
		most    time.Duration
	}{
		"Storm is silent": {
			func(s *v1beta1.StormTopologyStatus, since *metav1.Time) { s.SilentSince = since },
			storm.View{Problem: "Storm cannot be reached."}, false,
			func(d Decision) bool { return !d.Says.Unchanged }, silentAfter + whileSilent,
		},
		"a topology that ran is missing": {
			func(s *v1beta1.StormTopologyStatus, since *metav1.Time) { s.MissingSince = since },
			gone, false, func(d Decision) bool { return d.Says.Reason != v1beta1.Missing }, secondLook,
		},
		"a requested child does not appear": {
			func(s *v1beta1.StormTopologyStatus, since *metav1.Time) {
				s.Attempts = &v1beta1.Attempts{Revision: "?", Step: children.StepSubmit, Number: 1, RequestedAt: since}
				s.StormID = ""
			},
			gone, false, func(d Decision) bool { return d.Says.Reason == v1beta1.ChildRefused }, diagnose.RefusedAfter + time.Second,
		},
		"another StormTopology's topology had the name": {
			func(s *v1beta1.StormTopologyStatus, since *metav1.Time) {
				s.NameConflict = &v1beta1.NameConflictStatus{StormID: "wordcount-9-900", Owner: "ns/other", FreeSince: since}
				s.StormID = ""
			},
			gone, false, func(d Decision) bool { return d.Says.Reason != v1beta1.NameConflict }, ownerReturns + time.Second,
		},
		"a deletion waits for a submission that may come": {
			func(s *v1beta1.StormTopologyStatus, since *metav1.Time) {
				s.Deletion = &v1beta1.DeletionStatus{QuietSince: since, StillQuietSince: since}
			},
			gone, true, func(d Decision) bool { return d.Finalized }, 3 * quietPeriod,
		},
		"workers restart after a rebalance": {
			func(s *v1beta1.StormTopologyStatus, since *metav1.Time) {
				s.History = []v1beta1.HistoryEntry{{StormID: s.StormID, Revision: s.Revision, Time: since}}
			},
			running, false, func(d Decision) bool { return d.Says.Reason == v1beta1.Active }, restartsWithin + whileStarting,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			objects, _ := updatingWith(v1beta1.ExtractionVolume)
			target := Observe(objects, Config{}, tested).Target.Fingerprint.Revision
			if c.view.Topology != nil {
				c.view.Topology.Fingerprint.Revision = target
			}
			status := &objects.Parent.Status
			*status = v1beta1.StormTopologyStatus{StormID: "wordcount-1-900", Revision: target, ObservedGeneration: 2,
				Conditions: []metav1.Condition{{Type: v1beta1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1beta1.Active}}}
			c.status(status, stamp(tested.Add(24*time.Hour)))
			if status.Attempts != nil {
				status.Attempts.Revision = target
			}
			if objects.Finalizing = c.deleted; c.deleted {
				objects.Parent.DeletionTimestamp = &metav1.Time{Time: tested}
			}
			for now := tested; now.Sub(tested) <= c.most; {
				seen := Observe(objects, Config{}, now).WithStorm(c.view)
				d := Decide(seen)
				if c.over(d) {
					return
				}
				if d.Look.Again <= 0 {
					t.Fatalf("rule %q never looks again", d.Rule)
				}
				*status = Report(seen, d, nil)
				now = now.Add(d.Look.Again)
			}
			t.Errorf("it waits longer than %s", c.most)
		})
	}
}

// Nimbus's clock, which an id has, may be ahead: a topology that lacks workers says so as
// soon as it has been seen for long enough.
func TestSkewOfNimbus(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Minute, 24 * time.Hour} {
		objects, view := updatingWith(v1beta1.ExtractionVolume)
		view.Topology.ID = fmt.Sprintf("wordcount-1-%d", tested.Add(ahead).Unix())
		view.Topology.Fingerprint.Revision = Observe(objects, Config{}, tested).Target.Fingerprint.Revision
		view.Topology.Detailed, view.Topology.Workers, view.Topology.WorkersUp, view.Topology.WorkersWanted, view.Topology.Executors = true, 0, 0, 2, 4
		objects.Clusters[0].Status.Slots = &v1beta1.Slots{Total: 4, Used: 4}
		objects.Parent.Status = v1beta1.StormTopologyStatus{}
		for now := tested; ; {
			seen := Observe(objects, Config{}, now).WithStorm(view)
			d := Decide(seen)
			if d.Says.Reason == v1beta1.NotEnoughSlots {
				break
			}
			if now.Sub(tested) > schedulingRounds+whileShort {
				t.Errorf("with a clock that is %s ahead it says %s after %s", ahead, d.Says.Reason, now.Sub(tested))
				break
			}
			objects.Parent.Status = Report(seen, d, nil)
			now = now.Add(d.Look.Again)
		}
	}
}
