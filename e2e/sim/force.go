package sim

import (
	"context"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// kubectl delete pod --force --grace-period=0 removes a pod's object at once.
// If its kubelet does not hear of that, its process keeps running up to its deadline,
// unseen, beside the next pod.
//
// The simulation leaves out what no product can hold then. Storm kills by name: of two
// processes that look and then kill, one may kill what the other has just submitted
// (counted, see podKills), or what a rebalance has changed in between. And when a
// StormTopology is deleted while such a process keeps running, its finalizer is
// removed, since nothing reports that process. So ghosts end with the
// deletion of their StormTopology, and the documents warn of --force.

// forceable are the submitting pods that run, on whatever node.
func (w *World) forceable() []*unstructured.Unstructured {
	if w.going() {
		return nil
	}
	var found []*unstructured.Unstructured
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		if p := w.processes[pod.GetUID()]; p != nil && p.submission.Name != "" {
			found = append(found, pod)
		}
	}
	return found
}

func (w *World) deleteByForce() {
	pod := w.forceable()[w.choose(len(w.forceable()))]
	w.note("user: deletes pod %s by force; its process keeps running", pod.GetName())
	if w.choose(2) == 0 { // it hung, with its node, and is made otherwise
		p := w.processes[pod.GetUID()]
		p.next = w.now.Add(time.Duration(w.choose(120)) * time.Second)
		class := []string{"main.B", "main.C"}[w.choose(2)]
		w.note("user: wants %s", class)
		w.set(class, "spec", "topology", "mainClass")
	}
	w.answered = rolledBack{}
	delete(w.faults.nodes, pod.GetUID())
	w.faults.ghosts[pod.GetUID()] = pod
	_ = w.memory.Delete(context.Background(), pods.Resource, namespace, pod.GetName(), metav1.DeleteOptions{GracePeriodSeconds: new(int64(0))})
}

// haunt runs the next act of a ghost's process.
func (w *World) haunt(uid types.UID) {
	pod, p := w.faults.ghosts[uid], w.processes[uid]
	if w.now.After(p.deadline) {
		w.podEnds(uid)
		return
	}
	w.runPod(pod, p)
}

// ghosts in a fixed order.
func (w *World) ghosts() []types.UID { return slices.Sorted(maps.Keys(w.faults.ghosts)) }

// dropGhosts ends ghosts with the deletion of their StormTopology.
func (w *World) dropGhosts() {
	if len(w.faults.ghosts) == 0 || !w.going() {
		return
	}
	for _, uid := range w.ghosts() {
		w.note("kubelet: ends what was left of pod %s", w.faults.ghosts[uid].GetName())
		w.podEnds(uid)
	}
}

// going says whether the StormTopology is being deleted, or gone.
func (w *World) going() bool {
	parent := w.parent()
	return parent == nil || terminating(parent) || terminating(w.object(standin.Namespaces, namespace))
}
