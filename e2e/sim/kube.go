package sim

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

var (
	pods = graceful(standin.Pods)
	// watched in a fixed order, so that a choice means the same in every run.
	watched = []standin.Kind{standin.Topologies, standin.Clusters, standin.Jobs, pods, standin.Claims, standin.Namespaces}
)

func graceful(kind standin.Kind) standin.Kind {
	kind.Graceful = true
	return kind
}

// jobController does one Job's next act. It goes by its own, lagging cache, so a
// pod may be made for a Job that has just been deleted; the garbage collector
// finds that one.
func (w *World) jobController(job *unstructured.Unstructured) {
	if job.GetDeletionTimestamp() != nil || conditionOf(job, "Complete") || conditionOf(job, "Failed") {
		return
	}
	pod := w.podOf(job)
	if pod == nil {
		if _, made := w.podMade[job.GetUID()]; made {
			w.finishJob(job, "Failed") // backoffLimit 0: a pod that is gone has failed
			return
		}
		w.createPod(job)
		return
	}
	switch phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase"); phase {
	case "Succeeded":
		w.finishJob(job, "Complete")
	case "Failed":
		w.finishJob(job, "Failed")
	}
}

// jobsToDo says whether the Job controller has anything to do.
func (w *World) jobsToDo() bool {
	for _, job := range w.memory.Cache(standin.Jobs.Resource).List(namespace) {
		if job.GetDeletionTimestamp() != nil || conditionOf(job, "Complete") || conditionOf(job, "Failed") {
			continue
		}
		pod := w.podOf(job)
		if phase := nested(pod, "status", "phase"); pod == nil || phase == "Succeeded" || phase == "Failed" {
			return true
		}
	}
	return false
}

func (w *World) createPod(job *unstructured.Unstructured) {
	if w.faults.quota {
		if nested(job, "status", "startTime") == "" {
			_ = w.memory.EditStatus(standin.Jobs.Resource, job.GetNamespace(), job.GetName(), func(status map[string]any) { status["startTime"] = w.stamp() })
		}
		return
	}
	template, _, _ := unstructured.NestedMap(job.Object, "spec", "template")
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetNamespace(job.GetNamespace())
	w.podCounter++
	pod.SetName(fmt.Sprintf("%s-%d", job.GetName(), w.podCounter))
	pod.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: "batch/v1", Kind: "Job", Name: job.GetName(), UID: job.GetUID(), Controller: new(true), BlockOwnerDeletion: new(true),
	}})
	_ = unstructured.SetNestedField(pod.Object, "node", "spec", "nodeName")
	if _, err := w.memory.Create(context.Background(), pods.Resource, pod); err != nil {
		return
	}
	w.podMade[job.GetUID()] = pod.GetName()
	_ = w.memory.EditStatus(standin.Jobs.Resource, job.GetNamespace(), job.GetName(), func(status map[string]any) {
		status["startTime"], status["active"] = w.stamp(), int64(1)
	})
}

func (w *World) finishJob(job *unstructured.Unstructured, condition string) {
	live, err := w.memory.Get(context.Background(), standin.Jobs.Resource, job.GetNamespace(), job.GetName())
	if err != nil || live.GetUID() != job.GetUID() {
		return
	}
	_ = w.memory.EditStatus(standin.Jobs.Resource, job.GetNamespace(), job.GetName(), func(status map[string]any) {
		delete(status, "active")
		status["conditions"] = []any{map[string]any{"type": condition, "status": "True", "lastTransitionTime": w.stamp()}}
	})
}

func (w *World) podOf(job *unstructured.Unstructured) *unstructured.Unstructured {
	pod := w.memory.Live(pods.Resource, job.GetNamespace()+"/"+w.podMade[job.GetUID()])
	if pod == nil || !ownedBy(pod, job.GetUID()) {
		return nil
	}
	return pod
}

// ownedBy reads without a copy what metav1.GetControllerOf copies.
func ownedBy(object *unstructured.Unstructured, owner types.UID) bool {
	metadata, _ := object.Object["metadata"].(map[string]any)
	refs, _ := metadata["ownerReferences"].([]any)
	for _, ref := range refs {
		if ref, ok := ref.(map[string]any); ok && ref["uid"] == string(owner) {
			return true
		}
	}
	return false
}

func conditionOf(job *unstructured.Unstructured, kind string) bool {
	status, _ := job.Object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		if c.(map[string]any)["type"] == kind {
			return true
		}
	}
	return false
}

func (w *World) stamp() string { return w.now.UTC().Format("2006-01-02T15:04:05Z") }
