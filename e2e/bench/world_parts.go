package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// runJob creates a Job's pod and takes it through the life of a pod: each
// line is one write of the scheduler, the kubelet or the Job controller, at about
// the time after the last that it had on the real cluster.
func (w *world) runJob(job string) {
	object, err := w.memory.Get(context.Background(), standin.Jobs.Resource, namespace, job)
	if err != nil {
		return
	}
	template, _, _ := unstructured.NestedMap(object.Object, "spec", "template")
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetNamespace(namespace)
	pod.SetName(fmt.Sprintf("%s-%d", job, object.GetCreationTimestamp().Unix()))
	pod.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: job, UID: object.GetUID(), Controller: new(true)}})
	if _, err := w.memory.Create(context.Background(), standin.Pods.Resource, pod); err != nil {
		w.failed = err
		return
	}
	w.jobStatus(object, map[string]any{"startTime": w.stamp(), "active": int64(1)})
	name, container := pod.GetName(), "extract"
	submits := pod.GetLabels()["storm.apache.org/step"] == "Submit"
	if submits {
		container = "submit"
	}
	w.after(10*time.Millisecond, func() { w.podStatus(name, map[string]any{"phase": "Pending"}) }) // scheduled
	w.after(2*time.Second, func() { w.podStatus(name, map[string]any{"phase": "Running", "startTime": w.stamp()}) })
	end := func() { w.endPod(object, name, container) }
	if submits {
		w.after(7*time.Second, func() { w.submit(pod, end) })
	} else {
		w.after(3*time.Second, end)
	}
}

// endPod is the end of a Job and its pod: the Job first removes its finalizer from the pod, and
// is complete then.
func (w *world) endPod(job *unstructured.Unstructured, pod, container string) {
	w.podStatus(pod, map[string]any{"phase": "Succeeded", "containerStatuses": []any{map[string]any{
		"name": container, "state": map[string]any{"terminated": map[string]any{"exitCode": int64(0), "finishedAt": w.stamp()}},
	}}})
	w.after(time.Second, func() { w.jobStatus(job, map[string]any{"active": int64(0), "ready": int64(0)}) })
	w.after(1100*time.Millisecond, func() {
		w.jobStatus(job, map[string]any{"succeeded": int64(1), "conditions": []any{map[string]any{"type": "Complete", "status": "True", "lastTransitionTime": w.stamp()}}})
	})
}

func (w *world) stamp() string { return w.now.UTC().Format(time.RFC3339) }

func (w *world) podStatus(name string, set map[string]any) {
	_ = w.memory.EditStatus(standin.Pods.Resource, namespace, name, func(status map[string]any) {
		for key, value := range set {
			status[key] = value
		}
	})
}

// jobStatus does not touch a new Job of the same name.
func (w *world) jobStatus(job *unstructured.Unstructured, set map[string]any) {
	live, err := w.memory.Get(context.Background(), standin.Jobs.Resource, namespace, job.GetName())
	if err != nil || live.GetUID() != job.GetUID() {
		return
	}
	_ = w.memory.EditStatus(standin.Jobs.Resource, namespace, job.GetName(), func(status map[string]any) {
		for key, value := range set {
			status[key] = value
		}
	})
}

// submit is the end of the handover: what runs under the name is killed first,
// and holds the name for the kill wait. Storm's scheduler comes by each 10 s, and
// a worker needs 8 s to report.
func (w *world) submit(pod *unstructured.Unstructured, end func()) {
	containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
	args, _, _ := unstructured.NestedStringSlice(containers[0].(map[string]any), "args")
	submission, err := submissionOf(args)
	if err != nil {
		w.failed = err
		return
	}
	if old := w.storm[submission.Name]; old != nil {
		old.Status = storm.Killed
		w.after(10*time.Second, func() {
			delete(w.storm, submission.Name)
			w.submit(pod, end)
		})
		return
	}
	w.submissions++
	t := &storm.Topology{
		ID:   fmt.Sprintf("%s-%d-%d", submission.Name, w.submissions, w.now.Unix()),
		Name: submission.Name, Status: storm.Active, Fingerprint: submission.Fingerprint, ConfKnown: true,
		WorkersWanted: 2, Detailed: true,
	}
	w.storm[submission.Name] = t
	w.after(time.Second, end)
	w.after(w.round(), func() {
		t.Workers, t.Executors, t.Tasks = 2, 4, 4
		w.startWorkers(t)
	})
}

// round is how long until Storm's scheduler comes by.
func (w *world) round() time.Duration {
	return w.now.Truncate(10 * time.Second).Add(10 * time.Second).Sub(w.now)
}

func (w *world) startWorkers(t *storm.Topology) {
	t.WorkersUp = 0
	w.started[t.ID] = w.now.Add(8 * time.Second)
	w.after(8*time.Second, func() { t.WorkersUp = t.Workers })
}

// edge is Storm as the hooks see it.
type edge struct{ w *world }

func (e edge) Look(q topology.Question, fresh bool) (storm.View, error) {
	e.w.count.looks++
	view := storm.View{Identity: "storm-1", Listed: true, Fresh: true}
	if t := e.w.storm[q.Name]; t != nil {
		copied := *t
		if t.WorkersUp > 0 {
			copied.OldestUptime = int(e.w.now.Sub(e.w.started[t.ID]).Seconds())
		}
		view.Topology = &copied
		view.Listed = q.ID != t.ID
	}
	return view, nil
}

func (e edge) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	e.w.count.calls++
	t := e.w.storm[call.Name]
	switch call.Verb {
	case storm.Deactivate:
		t.Status = storm.Inactive
	case storm.Activate:
		t.Status = storm.Active
	case storm.Rebalance:
		t.Status = storm.Rebalancing
		e.w.after(time.Duration(*call.WaitSeconds)*time.Second, func() {
			t.Status, t.Fingerprint = storm.Active, storm.FingerprintOf(call.Overrides)
			t.WorkersWanted, t.Workers = int(call.Workers), int(call.Workers)
			e.w.startWorkers(t)
		})
	}
	return storm.Outcome{Call: call}, nil
}

func (e edge) Cluster([]string, int32, *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	return storm.ClusterView{Identity: "storm-1", Version: "2.8.1", Leader: "nimbus:6627", Supervisors: 2, SlotsTotal: 8}, nil
}
