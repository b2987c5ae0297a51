package thousands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// Outcome is what an event of the cluster cost.
type Outcome struct {
	Costs
	// Took is until the last object was as it says.
	Took time.Duration
	// Closest is the shortest time between two calls of one method whose cost grows with
	// the Storm, for each caller.
	Closest map[Caller]time.Duration
}

// lookEvery is how often the live objects are looked at.
const lookEvery = 100 * time.Millisecond

// ComeToRest waits until all topologies are as their objects say, and then limits the live
// calls.
func (w *World) ComeToRest(limit time.Duration) error {
	if w.options.Storm != nil {
		if err := w.submitAndSuspend(limit); err != nil {
			return err
		}
	}
	all := func() bool { return len(w.waiting(0, w.options.Topologies)) == 0 }
	if err := w.until(limit, time.Second, all); err != nil {
		return err
	}
	w.limit.limit()
	return nil
}

// submitAndSuspend suspends each topology once Storm has it: no supervisor would ever start
// its workers, and what is suspended needs none.
func (w *World) submitAndSuspend(limit time.Duration) error {
	return w.until(limit, time.Second, func() bool { return w.suspendSubmitted(0, w.options.Topologies) })
}

// suspendSubmitted suspends those of some topologies that Storm has, and says whether it has
// all of them.
func (w *World) suspendSubmitted(first, many int) bool {
	left := 0
	for i := first; i < first+many; i++ {
		object, err := w.store.Get(w.ctx, standin.Topologies.Resource, w.namespaceOf(i), Name(i))
		if suspend, _, _ := unstructured.NestedBool(object.Object, "spec", "suspend"); err != nil || suspend {
			continue
		}
		if id, _, _ := unstructured.NestedString(object.Object, "status", "stormId"); id == "" {
			left++
			continue
		}
		w.edit(i, func(spec map[string]any) { spec["suspend"] = true })
	}
	return left == 0
}

// edit changes the spec of a topology.
func (w *World) edit(i int, change func(spec map[string]any)) {
	w.store.locked(func(m *standin.Memory) {
		w.fail(m.Edit(standin.Topologies.Resource, w.namespaceOf(i), Name(i), func(o *unstructured.Unstructured) {
			spec, _ := o.Object["spec"].(map[string]any)
			change(spec)
		}))
	})
}

// Rest measures a time in which nothing happens.
func (w *World) Rest(span time.Duration) (Outcome, error) {
	return w.measure(func() error {
		sleep(w.ctx, span)
		return w.failed()
	})
}

// Push changes the specs of topologies at once, as a push to Git does, and waits until
// all of them are what they say. They are those from first on.
func (w *World) Push(first, many int, limit time.Duration, change func(spec map[string]any)) (Outcome, error) {
	return w.measure(func() error {
		for i := first; i < first+many; i++ {
			w.edit(i, change)
		}
		return w.until(limit, lookEvery, func() bool { return len(w.waiting(first, many)) == 0 })
	})
}

// Add creates more topologies at once, and waits until all of them are what they say.
func (w *World) Add(many int, limit time.Duration) (Outcome, error) {
	first := w.options.Topologies
	return w.measure(func() error {
		for i := first; i < first+many; i++ {
			w.apply(i)
		}
		return w.until(limit, lookEvery, func() bool {
			return (w.options.Storm == nil || w.suspendSubmitted(first, many)) && len(w.waiting(first, many)) == 0
		})
	})
}

// Restart is a change that needs a restart, Rebalance one that needs a rebalance.
func Restart(spec map[string]any) { spec["restartNonce"] = int64(1) }

// Rebalance is a change that needs a rebalance. The hook waits two minutes for the
// workers of a topology that was restarted just before it.
func Rebalance(spec map[string]any) {
	of, _ := spec["topology"].(map[string]any)
	of["workers"] = int64(3)
}

// DeleteNamespace deletes a namespace with all that is in it, and waits until it is gone.
func (w *World) DeleteNamespace(name string, limit time.Duration) (Outcome, error) {
	return w.measure(func() error {
		w.delete(standin.Namespaces, "", name)
		return w.until(limit, lookEvery, func() bool {
			_, err := w.store.Get(w.ctx, standin.Namespaces.Resource, "", name)
			return err != nil
		})
	})
}

// DeleteCluster deletes a StormCluster that StormTopologies still name, and waits until
// it is held and each of them has been checked once more.
func (w *World) DeleteCluster(namespace string, limit time.Duration) (Outcome, error) {
	return w.measure(func() error {
		many, before := len(w.store.list(standin.Topologies, namespace)), w.Costs().Syncs
		w.delete(standin.Clusters, namespace, cluster)
		return w.until(limit, lookEvery, func() bool {
			object, err := w.store.Get(w.ctx, standin.Clusters.Resource, namespace, cluster)
			if err != nil {
				w.fail(errors.New("the StormCluster is gone, although StormTopologies name it"))
				return true
			}
			return w.Costs().Syncs-before > many && observed(object)
		})
	})
}

func (w *World) delete(kind standin.Kind, namespace, name string) {
	background := metav1.DeletePropagationBackground
	w.fail(w.store.Delete(context.Background(), kind.Resource, namespace, name, metav1.DeleteOptions{PropagationPolicy: &background}))
}

// measure is what an event cost.
func (w *World) measure(event func() error) (Outcome, error) {
	before, began := w.Costs(), time.Now()
	err := event()
	took := time.Since(began)
	return Outcome{Costs: w.Costs().Since(before), Took: took, Closest: map[Caller]time.Duration{
		HookServer: w.Closest(HookServer, began), Pods: w.Closest(Pods, began),
	}}, err
}

// until waits until something is so.
func (w *World) until(limit, every time.Duration, so func() bool) error {
	for end := time.Now().Add(limit); !so(); time.Sleep(every) {
		if err := w.failed(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("not done in %s. %s", limit, w.stuck())
		}
	}
	return w.failed()
}

// stuck says why the first of those that wait do.
func (w *World) stuck() string {
	waiting := w.waiting(0, w.options.Topologies)
	text := fmt.Sprintf("%d topologies wait", len(waiting))
	for _, object := range waiting[:min(3, len(waiting))] {
		message, _, _ := unstructured.NestedString(object.Object, "status", "message")
		text += fmt.Sprintf("; %s: %s", object.GetName(), message)
	}
	return text
}

// waiting are those of some topologies that are not what they say.
func (w *World) waiting(first, many int) (objects []*unstructured.Unstructured) {
	for i := first; i < first+many; i++ {
		object, err := w.store.Get(w.ctx, standin.Topologies.Resource, w.namespaceOf(i), Name(i))
		if err == nil && !(observed(object) && (ready(object) || suspended(object))) {
			objects = append(objects, object)
		}
	}
	return objects
}

func observed(object *unstructured.Unstructured) bool {
	generation, _, _ := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	return generation == object.GetGeneration()
}

func ready(object *unstructured.Unstructured) bool {
	status, _ := object.Object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	return slices.ContainsFunc(conditions, func(c any) bool {
		condition, _ := c.(map[string]any)
		return condition["type"] == "Ready" && condition["status"] == "True"
	})
}

// suspended says whether Storm has the target revision, and does not run it.
func suspended(object *unstructured.Unstructured) bool {
	status, _ := object.Object["status"].(map[string]any)
	return status["phase"] == "Suspended" && status["revision"] == status["targetRevision"] && status["stormId"] != nil
}
