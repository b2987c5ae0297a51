package sim

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// move is something that can happen next.
type move struct {
	name   string
	weight int
	can    func() bool
	do     func()
}

// machinery are the moves of a world that nobody disturbs.
func (w *World) machinery() []move {
	return []move{
		{"a cache moves", 8, func() bool { return len(w.memory.Behind()) > 0 }, func() {
			behind := w.memory.Behind()
			w.advance(behind[w.choose(len(behind))])
		}},
		{"a sync", 6, func() bool { return len(w.ready()) > 0 }, func() {
			ready := w.ready()
			c := w.controllers[ready[w.choose(len(ready))]]
			c.Step(context.Background())
		}},
		{"the Job controller", 4, func() bool { return len(w.memory.List(jobs.Resource, namespace)) > 0 }, func() {
			for _, job := range w.memory.Cache(jobs.Resource).List(namespace) {
				w.jobController(job)
			}
		}},
		{"the kubelet", 8, func() bool { return len(w.memory.List(pods.Resource, namespace)) > 0 }, func() {
			list := w.memory.List(pods.Resource, namespace)
			w.kubelet(list[w.choose(len(list))])
		}},
		{"the garbage collector", 1, func() bool { return len(w.memory.Garbage()) > 0 }, func() {
			garbage := w.memory.Garbage()
			_ = w.memory.Collect(garbage[w.choose(len(garbage))])
		}},
		{"time", 5, func() bool { return true }, func() {
			w.now = w.now.Add([]time.Duration{time.Second, 3 * time.Second, 12 * time.Second}[w.choose(3)])
		}},
	}
}

// people and faults disturb it.
func (w *World) disturbances() []move {
	there := func() bool { return w.parent() != nil && w.parent().GetDeletionTimestamp() == nil }
	inStorm := func() bool { return w.storm.topologies[stormName] != nil && !w.storm.Down }
	return []move{
		{"apply", 6, func() bool { return w.parent() == nil }, w.apply},
		{"another spec", 2, there, w.anotherSpec},
		{"other settings", 2, there, func() {
			pending := int64(w.choose(3) + 1)
			w.note("user: wants topology.max.spout.pending %d", pending)
			_ = w.memory.Edit(topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
				_ = unstructured.SetNestedField(o.Object, pending, "spec", "topology", "config", "topology.max.spout.pending")
			})
		}},
		{"suspend or resume", 2, there, func() {
			_ = w.memory.Edit(topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
				suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend")
				w.note("user: suspend %v", !suspended)
				_ = unstructured.SetNestedField(o.Object, !suspended, "spec", "suspend")
			})
		}},
		{"delete", 2, there, w.deleteParent},
		{"abandon", 1, func() bool { return w.parent() != nil }, func() {
			w.note("user: abandons")
			w.annotate("storm.apache.org/abandon", "true")
		}},
		{"kill by hand", 1, inStorm, func() {
			w.note("hand: kills %s", stormName)
			_, _ = w.storm.Kill(stormName, new(int32(1)))
		}},
		{"deactivate by hand", 1, inStorm, func() {
			if t := w.storm.topologies[stormName]; t.Status == storm.Active {
				w.note("hand: deactivates %s", t.ID)
				t.Status = storm.Inactive
			}
		}},
		{"a stranger submits", 1, func() bool { return !w.storm.Down }, func() {
			if id, err := w.storm.Submit(stormName, storm.Fingerprint{Cluster: "other", Owner: "somebody/else", Revision: "x"}, storm.Active); err == nil {
				w.note("stranger: submits %s", id)
			}
		}},
		{"Nimbus goes or comes", 2, func() bool { return true }, func() {
			w.storm.Down = !w.storm.Down
			w.note("nimbus: down %v", w.storm.Down)
		}},
		{"Metacontroller restarts", 1, func() bool { return true }, func() {
			w.note("metacontroller: restarts")
			w.startControllers()
		}},
		{"a pod crashes", 1, func() bool { return len(w.processes) > 0 }, w.crashPod},
		{"a child is deleted by hand", 1, func() bool { return true }, w.deleteChild},
		{"a pod is deleted by hand", 1, func() bool { return len(w.memory.List(pods.Resource, namespace)) > 0 }, func() {
			list := w.memory.List(pods.Resource, namespace)
			pod := list[w.choose(len(list))]
			w.note("user: deletes pod %s", pod.GetName())
			_ = w.memory.Delete(context.Background(), pods.Resource, namespace, pod.GetName(), metav1.DeleteOptions{GracePeriodSeconds: new(int64(30))})
		}},
	}
}

func (w *World) ready() []int {
	var ready []int
	for i, c := range w.controllers {
		if len(c.Queue().Ready()) > 0 {
			ready = append(ready, i)
		}
	}
	return ready
}

func (w *World) apply() {
	policy := []string{"Kill", "Kill", "Kill", "Orphan"}[w.choose(4)]
	w.note("user: applies, policy %s", policy)
	w.create(topologies, map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormTopology",
		"metadata": map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{
			"clusterRef": "storm", "deletionPolicy": policy, "killWaitSeconds": int64(2),
			"topology": map[string]any{
				"name": stormName, "mainClass": "main.A",
				"jar": map[string]any{"container": map[string]any{"image": "jar:1", "path": "/a.jar"}},
			},
		},
		"status": map[string]any{"observedGeneration": int64(-1)},
	})
}

func (w *World) anotherSpec() {
	class := []string{"main.A", "main.B", "main.C", badClass}[w.choose(4)]
	image := fmt.Sprintf("jar:%d", w.choose(2)+1)
	w.note("user: wants %s from %s", class, image)
	_ = w.memory.Edit(topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, class, "spec", "topology", "mainClass")
		_ = unstructured.SetNestedField(o.Object, image, "spec", "topology", "jar", "container", "image")
	})
}

func (w *World) deleteParent() {
	w.note("user: deletes")
	background := metav1.DeletePropagationBackground
	_ = w.memory.Delete(context.Background(), topologies.Resource, namespace, name, metav1.DeleteOptions{PropagationPolicy: &background})
}

func (w *World) annotate(key, value string) {
	_ = w.memory.Edit(topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		annotations := o.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[key] = value
		o.SetAnnotations(annotations)
	})
}

func (w *World) crashPod() {
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		if w.processes[pod.GetUID()] != nil {
			w.note("pod %s: crashes", pod.GetName())
			w.endPod(pod, "Failed", "")
			return
		}
	}
}

func (w *World) deleteChild() {
	background := metav1.DeletePropagationBackground
	kind := []struct {
		r    func() error
		name string
	}{
		{func() error {
			return w.memory.Delete(context.Background(), claims.Resource, namespace, "topology-jar-"+name, metav1.DeleteOptions{PropagationPolicy: &background})
		}, "the claim"},
		{func() error {
			return w.memory.Delete(context.Background(), jobs.Resource, namespace, "topology-jar-extract-"+name, metav1.DeleteOptions{PropagationPolicy: &background})
		}, "the extraction Job"},
		{func() error {
			return w.memory.Delete(context.Background(), jobs.Resource, namespace, "topology-submit-"+name, metav1.DeleteOptions{PropagationPolicy: &background})
		}, "the submit Job"},
	}[w.choose(3)]
	if kind.r() == nil {
		w.note("user: deletes %s", kind.name)
	}
}

// endFairly stops disturbing: strangers and faults go, and time passes until
// nothing more is to be waited for.
func (w *World) endFairly() {
	w.unfair = false
	w.storm.Down = false
	if t := w.storm.topologies[stormName]; t != nil && t.Fingerprint.Owner != owner {
		delete(w.storm.topologies, stormName)
	}
	w.note("fair from here on")
	w.settle(40 * time.Minute)
	if w.violated == "" {
		w.checkEnd()
	}
	if w.violated == "" {
		w.checkStill()
	}
}

// quietFor is longer than any wait but a backoff, which a write announces: two
// polls of a steady topology, and then some.
const quietFor = 90 * time.Second

// settle lets a fair world go on until nothing has been written for a while, or
// the time is up.
func (w *World) settle(most time.Duration) {
	end := w.now.Add(most)
	last := w.now // when something was last seen to happen
	for w.now.Before(end) && w.violated == "" && w.now.Sub(last) < quietFor {
		writes, counted := w.writes, len(w.ended)
		w.quiesce()
		w.check()
		if w.writes != writes || len(w.ended) != counted || !w.settled() {
			last = w.now
		}
		w.now = w.nextDue()
	}
	w.quiesce()
}

// settled says whether nothing is on its way.
func (w *World) settled() bool {
	t := w.storm.topologies[stormName]
	return len(w.processes) == 0 && (t == nil || t.Status != storm.Killed && t.Status != storm.Rebalancing)
}

// nextDue is when something happens next by the mere passing of time.
func (w *World) nextDue() time.Time {
	due := w.now.Add(5 * time.Minute)
	sooner := func(at time.Time) {
		if at.After(w.now) && at.Before(due) {
			due = at
		}
	}
	for _, c := range w.controllers {
		if at, waits := c.Queue().Due(); waits {
			sooner(at)
		}
	}
	for _, t := range w.storm.topologies {
		sooner(t.goneAt)
		sooner(t.balancedAt)
	}
	for _, p := range w.processes {
		sooner(p.next)
		sooner(p.killUntil.Add(time.Second))
	}
	return due
}

// quiesce lets the machinery run until nothing moves without time passing.
func (w *World) quiesce() {
	for i := 0; ; i++ {
		if i > 500 {
			w.violate("Must 5: a hot loop: 500 rounds without time passing")
			return
		}
		moved := false
		for len(w.memory.Behind()) > 0 {
			w.advance(w.memory.Behind()[0])
			moved = true
		}
		version := w.writes + w.podCounter + len(w.ended)
		for _, job := range w.memory.List(jobs.Resource, namespace) {
			w.jobController(job)
		}
		for _, pod := range w.memory.List(pods.Resource, namespace) {
			w.kubelet(pod)
		}
		for _, garbage := range w.memory.Garbage() {
			_ = w.memory.Collect(garbage)
			moved = true
		}
		for _, c := range w.controllers {
			for c.Step(context.Background()) {
				moved = true
			}
		}
		if !moved && len(w.memory.Behind()) == 0 && version == w.writes+w.podCounter+len(w.ended) {
			return
		}
	}
}
