package topology

import (
	"encoding/json"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// The pod of a submission has time for main, for the drain of what runs and for the
// handover, with the topology's own wait for replicas, whatever the specs say and whatever
// runs; and as long a grace period.
func TestTheDeadlineKnowsTheDrain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		objects, runs := updating(t)
		seen := Observe(objects, Config{HelperImage: "h"}, tested).WithStorm(runs)
		pod := submitPodOf(seen)
		spec := seen.Parent.Spec
		main := v1beta1.DefaultMainTimeout
		if seconds := spec.Topology.MainTimeoutSeconds; seconds != nil {
			main = time.Duration(*seconds) * time.Second
		}
		drain := time.Duration(runs.Topology.MessageTimeout) * time.Second
		if wait := spec.KillWaitSeconds; wait != nil {
			drain = time.Duration(*wait) * time.Second
		}
		const handover = 10 * time.Minute
		replication := ownReplicationWait(spec)
		if least := main + drain + handover + replication; time.Duration(*pod.ActiveDeadlineSeconds)*time.Second < least {
			t.Errorf("the deadline is %d s, and main, drain, handover and replication may take %s", *pod.ActiveDeadlineSeconds, least)
		}
		if time.Duration(*pod.TerminationGracePeriodSeconds)*time.Second < drain+replication+time.Minute {
			t.Errorf("the grace period is %d s, and drain and replication may take %s", *pod.TerminationGracePeriodSeconds, drain+replication)
		}
	})
}

// ownReplicationWait is the wait for replicas that a spec sets; below 1 Storm waits without
// end, and Stormhooks for an hour.
func ownReplicationWait(spec v1beta1.StormTopologySpec) time.Duration {
	seconds, set := spec.Topology.Config[storm.ReplicationWait].(int)
	switch {
	case !set:
		return 0
	case seconds < 1:
		return time.Hour
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}

// A message timeout may have any int of Java; Kubernetes takes no deadline above that.
func TestTheDeadlineIsOneThatKubernetesTakes(t *testing.T) {
	objects, runs := updatingWith(v1beta1.ExtractionCopy)
	runs.Topology.MessageTimeout = 1 << 40
	pod := submitPodOf(Observe(objects, Config{HelperImage: "h"}, tested).WithStorm(runs))
	if *pod.ActiveDeadlineSeconds != 1<<31-1 {
		t.Errorf("the deadline is %d s", *pod.ActiveDeadlineSeconds)
	}
}

// Must 7: a Job that was created with another deadline works on.
func TestAnotherDeadlineRecreatesNoJob(t *testing.T) {
	objects, runs := updatingWith(v1beta1.ExtractionVolume)
	runs.Topology.MessageTimeout = 7200
	objects.Parent.Spec.Topology.Config = v1beta1.Settings{storm.ReplicationWait: 3600}
	seen := Observe(objects, Config{HelperImage: "h"}, tested).WithStorm(runs)
	job := children.MakeSubmitJob(planFor(seen, &v1beta1.Attempts{Revision: seen.Target.Fingerprint.Revision, Step: children.StepSubmit, Number: 1}))
	job.UID, job.CreationTimestamp = "job", metav1.NewTime(tested)
	job.Status.StartTime = &metav1.Time{Time: tested}
	job.Spec.Template.Spec.ActiveDeadlineSeconds = new(int64(2100)) // as of an older Stormhooks
	objects.Jobs = append(objects.Jobs, *job)
	d := Decide(Observe(objects, Config{HelperImage: "h"}, tested).WithStorm(runs))
	if d.Children.Submit != Kept {
		t.Errorf("rule %q leaves it out or creates it: %v", d.Rule, d.Children.Submit)
	}
}

// updating draws an object whose target is not what runs.
func updating(t *rapid.T) (Objects, storm.View) {
	mode := rapid.SampledFrom([]v1beta1.ExtractionMode{v1beta1.ExtractionCopy, v1beta1.ExtractionInit, v1beta1.ExtractionVolume}).Draw(t, "mode")
	objects, runs := updatingWith(mode)
	spec, optional := &objects.Parent.Spec, rapid.Ptr(rapid.Int32Range(0, 86400), true)
	spec.KillWaitSeconds, spec.Topology.MainTimeoutSeconds = optional.Draw(t, "killWaitSeconds"), optional.Draw(t, "mainTimeoutSeconds")
	if timeout := rapid.IntRange(0, 100_000).Draw(t, "message timeout of the target"); timeout > 0 {
		spec.Topology.Config = v1beta1.Settings{storm.MessageTimeout: timeout}
	}
	if wait := rapid.Ptr(rapid.IntRange(-1, 10_000), true).Draw(t, "wait for replicas"); wait != nil {
		if spec.Topology.Config == nil {
			spec.Topology.Config = v1beta1.Settings{}
		}
		spec.Topology.Config[storm.ReplicationWait] = *wait
	}
	runs.Topology.MessageTimeout = rapid.IntRange(1, 100_000).Draw(t, "message timeout of what runs")
	return objects, runs
}

func updatingWith(mode v1beta1.ExtractionMode) (Objects, storm.View) {
	parent := &v1beta1.StormTopology{ObjectMeta: metav1.ObjectMeta{Name: "wordcount", Namespace: "ns", UID: "u", Generation: 2}}
	parent.Spec.ClusterRef = "storm"
	parent.Spec.Topology.MainClass = "a.B"
	parent.Spec.Topology.Jar.Container = v1beta1.JarContainer{Image: "jar:1", Path: "/a.jar", ExtractionMode: mode}
	cluster := v1beta1.StormCluster{ObjectMeta: metav1.ObjectMeta{Name: "storm", Namespace: "ns"}}
	cluster.Spec.Nimbus.Seeds, cluster.Spec.Image = []string{"nimbus.elsewhere.svc"}, "storm:1"
	objects := Objects{Parent: parent, Clusters: []v1beta1.StormCluster{cluster}, Namespaces: []corev1.Namespace{
		{ObjectMeta: metav1.ObjectMeta{Name: "ns"}}, {ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceSystem, UID: "kube"}}}}
	return objects, storm.View{Identity: "s", Listed: true, Fresh: true, Topology: &storm.Topology{
		ID: "wordcount-1-900", Name: "wordcount", Status: storm.Active, ConfKnown: true,
		Fingerprint: storm.Fingerprint{Cluster: "kube", Owner: "ns/wordcount", UID: "u", Generation: 1, Revision: "before"},
		Workers:     1, WorkersUp: 1, WorkersWanted: 1, Executors: 1, Detailed: true}}
}

// submitPodOf is the pod of the next submission.
func submitPodOf(seen Observed) corev1.PodSpec {
	child := submitChild(seen.Aim, planFor(seen, &v1beta1.Attempts{Revision: seen.Aim.Fingerprint.Revision, Step: children.StepSubmit, Number: 1}))
	var both struct {
		Spec struct {
			corev1.PodSpec
			Template struct{ Spec corev1.PodSpec }
		}
	}
	text, err := json.Marshal(child)
	if err == nil {
		err = json.Unmarshal(text, &both)
	}
	if err != nil {
		panic(err)
	}
	if len(both.Spec.Template.Spec.Containers) > 0 {
		return both.Spec.Template.Spec
	}
	return both.Spec.PodSpec
}
