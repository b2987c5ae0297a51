package thousands

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// collectEvery is the period of the garbage collector and the namespace controller.
const collectEvery = 500 * time.Millisecond

// after does something in the cluster later, unless the world has ended.
func (w *World) after(wait time.Duration, do func()) {
	time.AfterFunc(wait, func() {
		if w.ctx.Err() == nil {
			do()
		}
	})
}

// runJob creates a Job's pod and takes it through the life of a pod: each line is one
// write of the scheduler, the kubelet or the Job controller.
func (w *World) runJob(namespace, name string) {
	job, err := w.store.Get(w.ctx, standin.Jobs.Resource, namespace, name)
	if err != nil {
		return
	}
	template, _, _ := unstructured.NestedMap(job.Object, "spec", "template")
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetNamespace(namespace)
	pod.SetName(fmt.Sprintf("%s-%s", name, job.GetUID()[24:]))
	pod.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: name, UID: job.GetUID(), Controller: new(true)}})
	pod, err = w.store.Create(w.ctx, standin.Pods.Resource, pod)
	if err != nil {
		w.fail(fmt.Errorf("the pod of Job %s: %w", name, err))
		return
	}
	w.status(standin.Jobs, job, map[string]any{"startTime": stamp(), "active": int64(1)})
	w.podStatus(pod, map[string]any{"phase": "Pending"})
	w.after(w.options.Times.PodStart, func() {
		w.podStatus(pod, map[string]any{"phase": "Running", "startTime": stamp()})
		if pod.GetLabels()["storm.apache.org/step"] == "Submit" {
			w.after(w.options.Times.Main, func() { w.endPod(job, pod, w.submit(pod)) })
			return
		}
		w.after(w.options.Times.Extract, func() { w.endPod(job, pod, end{container: "extract"}) })
	})
}

// end is how a container ended.
type end struct {
	container, message string
	failed             bool
}

// endPod is the end of a pod, and then of its Job.
func (w *World) endPod(job, pod *unstructured.Unstructured, how end) {
	phase, code, condition, count := "Succeeded", int64(0), "Complete", "succeeded"
	if how.failed {
		phase, code, condition, count = "Failed", 1, "Failed", "failed"
	}
	w.podStatus(pod, map[string]any{"phase": phase, "containerStatuses": []any{map[string]any{
		"name": how.container, "state": map[string]any{"terminated": map[string]any{"exitCode": code, "finishedAt": stamp(), "message": how.message}},
	}}})
	w.after(w.options.Times.PodStart/2, func() {
		w.status(standin.Jobs, job, map[string]any{"active": int64(0), "ready": int64(0), count: int64(1),
			"conditions": []any{map[string]any{"type": condition, "status": "True", "lastTransitionTime": stamp()}}})
	})
}

func stamp() string { return time.Now().UTC().Format(time.RFC3339) }

func (w *World) podStatus(pod *unstructured.Unstructured, set map[string]any) {
	w.store.locked(func(m *standin.Memory) { merge(m, standin.Pods, pod.GetNamespace(), pod.GetName(), set) })
}

// status does not touch a new object of the same name.
func (w *World) status(kind standin.Kind, of *unstructured.Unstructured, set map[string]any) {
	w.store.locked(func(m *standin.Memory) {
		live, err := m.Get(w.ctx, kind.Resource, of.GetNamespace(), of.GetName())
		if err == nil && live.GetUID() == of.GetUID() {
			merge(m, kind, of.GetNamespace(), of.GetName(), set)
		}
	})
}

// merge sets fields of a status. The object may be gone by now.
func merge(m *standin.Memory, kind standin.Kind, namespace, name string, set map[string]any) {
	_ = m.EditStatus(kind.Resource, namespace, name, func(status map[string]any) {
		for key, value := range set {
			status[key] = value
		}
	})
}

// collect is the garbage collector and the namespace controller, until the world ends.
func (w *World) collect() {
	ticker := time.NewTicker(collectEvery)
	defer ticker.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-ticker.C:
			w.store.locked(func(m *standin.Memory) {
				garbage(m)
				emptyNamespaces(m)
			})
		}
	}
}

// garbage deletes what had one owner, which is gone. standin's own collector looks at
// each object for each that is being deleted, which is too slow for thousands.
func garbage(m *standin.Memory) {
	lives := map[types.UID]bool{}
	for _, kind := range []standin.Kind{standin.Topologies, standin.Jobs} {
		for _, object := range m.List(kind.Resource, "") {
			lives[object.GetUID()] = true
		}
	}
	for _, kind := range []standin.Kind{standin.Jobs, standin.Pods, standin.Claims} {
		for _, object := range m.List(kind.Resource, "") {
			if owner := metav1.GetControllerOfNoCopy(object); owner != nil && !lives[owner.UID] {
				remove(m, kind, object)
			}
		}
	}
}

// emptyNamespaces deletes what is in a namespace that is being deleted, and then the
// namespace.
func emptyNamespaces(m *standin.Memory) {
	for _, namespace := range m.List(standin.Namespaces.Resource, "") {
		if namespace.GetDeletionTimestamp() == nil {
			continue
		}
		left := 0
		for _, kind := range []standin.Kind{standin.Topologies, standin.Clusters, standin.Jobs, standin.Pods, standin.Claims} {
			objects := m.List(kind.Resource, namespace.GetName())
			left += len(objects)
			for _, object := range objects {
				if object.GetDeletionTimestamp() == nil {
					remove(m, kind, object)
				}
			}
		}
		if left == 0 {
			_ = m.Edit(standin.Namespaces.Resource, "", namespace.GetName(), func(o *unstructured.Unstructured) { o.SetFinalizers(nil) })
		}
	}
}

// remove deletes an object, which may be gone by now.
func remove(m *standin.Memory, kind standin.Kind, object *unstructured.Unstructured) {
	background := metav1.DeletePropagationBackground
	_ = m.Delete(context.Background(), kind.Resource, object.GetNamespace(), object.GetName(), metav1.DeleteOptions{PropagationPolicy: &background})
}
