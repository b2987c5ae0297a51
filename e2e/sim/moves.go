package sim

import (
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// move is something that can happen next.
type move struct {
	name   string
	weight int
	can    func() bool
	do     func()
}

// last are moves after which little more can happen.
var last = []string{"delete", "delete the StormCluster", "delete the namespace", "abandon"}

// machinery are the moves of an undisturbed world.
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
		{"the Job controller", 4, w.jobsToDo, func() {
			for _, job := range w.memory.Cache(standin.Jobs.Resource).List(namespace) {
				w.jobController(job)
			}
		}},
		{"the kubelet", 8, func() bool { return len(w.podsToDo()) > 0 }, func() {
			list := w.podsToDo()
			w.kubelet(list[w.choose(len(list))])
		}},
		{"a ghost acts", 8, func() bool { return len(w.faults.ghosts) > 0 }, func() {
			ghosts := w.ghosts()
			w.haunt(ghosts[w.choose(len(ghosts))])
		}},
		{"the namespace controller", 2, func() bool { return terminating(w.object(standin.Namespaces, namespace)) }, w.namespaceController},
		{"the garbage collector", 1, func() bool { return len(w.memory.Garbage()) > 0 }, func() {
			garbage := w.memory.Garbage()
			_ = w.memory.Collect(garbage[w.choose(len(garbage))])
		}},
		{"time", 4, func() bool { return true }, func() {
			d := []time.Duration{time.Second, 3 * time.Second, 12 * time.Second}[w.choose(3)]
			if w.idle() && w.choose(2) == 0 {
				d = max(d, w.nextDue().Sub(w.now))
			}
			w.passes(d)
		}},
		{"something is fixed", 1, func() bool { return len(w.wrongs()) > 0 }, func() {
			wrongs := w.wrongs()
			wrongs[w.choose(len(wrongs))]()
		}},
	}
}

// idle says whether nothing can happen but that time passes.
func (w *World) idle() bool {
	return len(w.memory.Behind()) == 0 && len(w.ready()) == 0 && len(w.podsToDo()) == 0 && !w.jobsToDo()
}

// people and faults disturb it.
func (w *World) disturbances() []move {
	there := func() bool { return w.parent() != nil && w.parent().GetDeletionTimestamp() == nil }
	inStorm := func() bool { return w.storm.inStorm() != nil && !w.storm.Down }
	return append(slices.Concat(w.faulty(), w.judgedMoves(there), w.greenMoves(there)), []move{
		{"apply", 6, func() bool { return w.parent() == nil && w.namespaceLives() }, w.apply},
		{"another spec", 2, there, w.anotherSpec},
		{"other settings", 2, there, func() {
			pending := int64(w.choose(3) + 1)
			w.note("user: wants topology.max.spout.pending %d", pending)
			w.set(pending, "spec", "topology", "config", "topology.max.spout.pending")
		}},
		{"another spec, and back with other settings", 3, w.wantsAnother, w.revertsSpec},
		{"dependencies or none", 3, there, func() {
			patterns := []any{}
			if w.choose(3) > 0 {
				patterns = append(patterns, "/lib/*.jar")
			}
			w.note("user: wants the dependencies %v", patterns)
			w.set(patterns, "spec", "topology", "jar", "container", "dependencies")
		}},
		{"suspend or resume", 2, there, func() {
			suspended, _, _ := unstructured.NestedBool(w.parent().Object, "spec", "suspend")
			w.suspend(!suspended)
		}},
		{"scale", 1, there, func() {
			workers := int64(w.choose(2) + 1)
			w.note("user: wants %d workers", workers)
			w.set(workers, "spec", "topology", "workers")
		}},
		{"other components", 1, there, w.scalesComponents},
		{"a setting that Storm cannot take", 1, there, func() {
			w.note("user: wants topology.max.spout.pending many")
			w.set("many", "spec", "topology", "config", "topology.max.spout.pending")
		}},
		{"a variable that the pod has, or does not have", 1, there, func() {
			arg := []string{"$(TOPOLOGY_NAME)", "$(TOPOLOGY_NAME)", unsetArg}[w.choose(3)]
			w.note("user: wants the argument %s", arg)
			w.set([]any{arg}, "spec", "topology", "args")
		}},
		{"another variable of the template, which may restart", 2, there, func() {
			if w.choose(2) == 0 {
				w.restartsOn([][]string{nil, {"Template"}}[w.choose(2)]...)
				return
			}
			w.setsVariable([]string{"1", "2"}[w.choose(2)])
		}},
		{"pause or unpause", 1, there, func() {
			paused := "true"
			if w.parent().GetAnnotations()[v1beta1.AnnotationPaused] == paused {
				paused = "false"
			}
			w.note("user: paused %s", paused)
			w.annotate(v1beta1.AnnotationPaused, paused)
		}},
		{"restart", 1, there, func() {
			w.note("user: restarts")
			w.annotate(v1beta1.AnnotationRestartedAt, w.stamp())
		}},
		{"adopt", 2, func() bool { return there() && w.othersTopology() != nil }, func() {
			w.note("user: adopts %s", w.othersTopology().ID)
			w.annotate(v1beta1.AnnotationAdopt, w.othersTopology().ID)
		}},
		{"adopt what cannot be read, and want another", 2, func() bool { return there() && w.othersTopology() != nil }, func() {
			w.note("user: adopts %s, whose conf nimbus keeps to itself", w.othersTopology().ID)
			w.faults.unreadable = confsKept[w.choose(len(confsKept))]
			w.annotate(v1beta1.AnnotationAdopt, w.othersTopology().ID)
			w.anotherSpec()
		}},
		{"delete", 4, there, w.deleteParent},
		{"delete before its Job is seen", 8, func() bool { return there() && w.jobUnseen() }, func() {
			w.deleteParent()
			for slices.Contains(w.memory.Behind(), standin.Topologies.Resource) {
				w.advance(standin.Topologies.Resource)
			}
		}},
		{"delete the StormCluster", 1, func() bool { return w.object(standin.Clusters, "storm") != nil }, func() {
			w.note("user: deletes the StormCluster")
			w.delete(standin.Clusters, "storm")
		}},
		{"apply the StormCluster", 3, func() bool { return w.object(standin.Clusters, "storm") == nil && w.namespaceLives() }, w.applyCluster},
		{"delete the namespace", 1, w.namespaceLives, func() {
			w.note("user: deletes the namespace")
			_ = w.memory.Delete(context.Background(), standin.Namespaces.Resource, "", namespace, metav1.DeleteOptions{})
		}},
		{"abandon", 1, func() bool { return w.parent() != nil }, func() {
			w.note("user: abandons")
			w.annotate(v1beta1.AnnotationAbandon, "true")
		}},
		{"kill by hand", 1, inStorm, w.killByHand},
		{"deactivate by hand", 1, inStorm, func() {
			if t := w.storm.inStorm(); t.Status == storm.Active {
				w.note("hand: deactivates %s", t.ID)
				t.turns(storm.Inactive, w.now)
				t.stopped = true
			}
		}},
		{"another owner submits", 1, func() bool { return !w.storm.Down }, func() {
			w.othersSubmit(w.storm)
		}},
		{"a child is deleted by hand", 1, func() bool { return true }, w.deleteChild},
		{"a pod is deleted by hand", 1, func() bool { return len(w.memory.List(pods.Resource, namespace)) > 0 }, func() {
			list := w.memory.List(pods.Resource, namespace)
			pod := list[w.choose(len(list))]
			w.note("user: deletes pod %s", pod.GetName())
			w.answered = rolledBack{}
			_ = w.memory.Delete(context.Background(), pods.Resource, namespace, pod.GetName(), metav1.DeleteOptions{GracePeriodSeconds: new(int64(30))})
		}},
	}...)
}

// jobUnseen: a Job has just been made, and Metacontroller has not heard of it.
func (w *World) jobUnseen() bool {
	return slices.ContainsFunc(w.memory.Undelivered(standin.Jobs.Resource), func(e standin.Event) bool { return e.Old == nil })
}

// lagsLessThan is how far a cache may be behind while a deletion waits: pkg/topology
// removes the finalizer after a quiet period of 10 s, and relies on complete caches
// by then. At other times it relies on seeing what it requested within a minute, and
// that begins with the first of several requests.
const (
	lagsLessThan      = 10 * time.Second
	lagsOtherwiseLess = 30 * time.Second
)

// passes lets time pass.
func (w *World) passes(d time.Duration) {
	for _, kind := range watched {
		r := kind.Resource
		switch {
		case !slices.Contains(w.memory.Behind(), r):
			delete(w.lag, r)
		case w.going() && w.lag[r]+d >= lagsLessThan, w.lag[r]+d >= lagsOtherwiseLess:
			for slices.Contains(w.memory.Behind(), r) {
				w.advance(r)
			}
			delete(w.lag, r)
		default:
			w.lag[r] += d
		}
	}
	w.now = w.now.Add(d)
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

func (w *World) apply() { w.applies(w.whatIsApplied()) }

// whatIsApplied are a policy, an extraction mode and an update policy.
func (w *World) whatIsApplied() (policy, mode, update string) {
	policy = []string{"Kill", "Kill", "Kill", "Orphan"}[w.choose(4)]
	mode = []string{"copy", "copy", "init-container"}[w.choose(3)]
	update = []string{"Auto", "Auto", "Restart"}[w.choose(3)]
	return policy, mode, update
}

func (w *World) applies(policy, mode, update string) {
	w.note("user: applies, policy %s, extraction %s, update %s", policy, mode, update)
	w.create(standin.Topologies, w.judgedUpdate(topologyObject(policy, mode, update)))
}

func topologyObject(policy, mode, update string) map[string]any {
	return map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormTopology",
		"metadata": map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{
			"clusterRef": "storm", "deletionPolicy": policy, "killWaitSeconds": int64(2), "update": map[string]any{"policy": update, "rebalanceWaitSeconds": int64(2)},
			"topology": map[string]any{
				"name": stormName, "mainClass": "main.A", "workers": int64(2),
				"jar": map[string]any{"container": map[string]any{"image": "jar:1", "path": "/a.jar", "extractionMode": mode}},
			},
		},
		"status": map[string]any{"observedGeneration": int64(-1)},
	}
}

func (w *World) applyCluster() {
	w.note("user: applies the StormCluster")
	w.createCluster(namespace, "nimbus.elsewhere.svc")
}

func (w *World) createCluster(in, seed string) {
	w.create(standin.Clusters, map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormCluster",
		"metadata": map[string]any{"name": "storm", "namespace": in},
		"spec":     map[string]any{"image": "storm:1", "nimbus": map[string]any{"seeds": []any{seed}}},
	})
}

// Classes whose main, or whose topology, does not work out.
const (
	badClass    = "main.Fails"       // main throws
	askedClass  = "main.IsRefused"   // Nimbus refuses it, also where it is asked before
	lateClass   = "main.RefusedLate" // Nimbus refuses it only when it is submitted
	behindClass = "main.FailsBehind" // Nimbus fails at it behind the JAR
	badImage    = "jar:broken"       // its JAR is none
)

func (w *World) anotherSpec() {
	classes := w.classesOf([]string{"main.A", "main.A", "main.B", "main.C", badClass, askedClass, lateClass, behindClass, behindClass})
	class := classes[w.choose(len(classes))]
	image := []string{"jar:1", "jar:2", "jar:1", "jar:2", badImage}[w.choose(5)]
	w.note("user: wants %s from %s", class, image)
	_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, class, "spec", "topology", "mainClass")
		_ = unstructured.SetNestedField(o.Object, image, "spec", "topology", "jar", "container", "image")
	})
}

// setsVariable gives main a variable.
func (w *World) setsVariable(value string) {
	w.note("user: wants the variable V=%s", value)
	w.set([]any{map[string]any{"name": "V", "value": value}}, "spec", "template", "env")
}

// restartsOn says which inputs of main restart.
func (w *World) restartsOn(causes ...string) {
	w.note("user: wants restartOn %v", causes)
	on := []any{}
	for _, cause := range causes {
		on = append(on, cause)
	}
	w.set(on, "spec", "update", "restartOn")
}

// unsetArg is an argument of main whose variable no template sets.
const unsetArg = "$(NOT_SET)"

// wantsAnother says whether another class or image is wanted than that which ran last.
func (w *World) wantsAnother() bool {
	parent := w.parent()
	class := nested(parent, "status", "lastSpec", "topology", "mainClass")
	return class != "" && !terminating(parent) && (class != nested(parent, "spec", "topology", "mainClass") ||
		nested(parent, "status", "lastSpec", "topology", "jar", "container", "image") != nested(parent, "spec", "topology", "jar", "container", "image"))
}

// revertsSpec: wants what ran last after all, but with another setting.
func (w *World) revertsSpec() {
	pending := int64(w.choose(3) + 1)
	w.note("user: wants what ran last after all, with topology.max.spout.pending %d", pending)
	_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		for _, path := range [][]string{{"mainClass"}, {"jar", "container", "image"}} {
			ran, _, _ := unstructured.NestedString(o.Object, append([]string{"status", "lastSpec", "topology"}, path...)...)
			_ = unstructured.SetNestedField(o.Object, ran, append([]string{"spec", "topology"}, path...)...)
		}
		_ = unstructured.SetNestedField(o.Object, pending, "spec", "topology", "config", "topology.max.spout.pending")
	})
}

func (w *World) suspend(suspended bool) {
	w.note("user: suspend %v", suspended)
	w.set(suspended, "spec", "suspend")
}

func (w *World) set(value any, path ...string) {
	_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, value, path...)
	})
}

func (w *World) deleteParent() {
	w.note("user: deletes")
	w.delete(standin.Topologies, name)
}

func (w *World) delete(kind standin.Kind, name string) {
	background := metav1.DeletePropagationBackground
	_ = w.memory.Delete(context.Background(), kind.Resource, namespace, name, metav1.DeleteOptions{PropagationPolicy: &background})
}

func (w *World) othersSubmit(s *Storm) {
	if id, err := s.Submit(submitted{name: stormName, status: storm.Active, fingerprint: storm.Fingerprint{Cluster: "other", Owner: othersOwner, Revision: "x"}}); err == nil {
		w.note("another owner: submits %s", id)
	}
}

// killByHand kills what has the name. Another owner submits its topology again.
func (w *World) killByHand() {
	there := stormName
	if t := w.storm.inStorm(); t != nil {
		there = t.Name
	}
	w.note("hand: kills %s", there)
	killed, _ := w.storm.Kill(there, []*int32{nil, new(int32(1))}[w.choose(2)])
	if killed != nil && killed == w.othersTopology() && w.faults.returning.to == nil {
		w.faults.returning = comeback{killed.goneAt.Add(time.Duration(w.choose(9)) * time.Minute), w.storm}
	}
}

// othersTopology is a topology in Storm that has our name and another owner.
func (w *World) othersTopology() *running {
	if t := w.storm.topologies[stormName]; t != nil && t.Fingerprint.Owner != owner {
		return t
	}
	return nil
}

func (w *World) namespaceLives() bool {
	object := w.object(standin.Namespaces, namespace)
	return object != nil && !terminating(object)
}

// namespaceController deletes what is in a namespace that is being deleted: custom
// resources only after all pods are gone, as the real one does
// (k8s.io/kubernetes: pkg/controller/namespace/deletion, 1.37).
func (w *World) namespaceController() {
	left := 0
	for _, kind := range []standin.Kind{pods, standin.Jobs, standin.Claims, standin.Topologies, standin.Clusters} {
		if (kind.Kind == standin.Topologies.Kind || kind.Kind == standin.Clusters.Kind) && left > 0 {
			return
		}
		for _, object := range w.memory.List(kind.Resource, namespace) {
			if !terminating(object) {
				background := metav1.DeletePropagationBackground
				_ = w.memory.Delete(context.Background(), kind.Resource, namespace, object.GetName(), metav1.DeleteOptions{PropagationPolicy: &background})
			}
		}
		if kind.Kind != standin.Jobs.Kind && kind.Kind != standin.Claims.Kind {
			left += len(w.memory.List(kind.Resource, namespace))
		}
	}
	if left == 0 {
		w.note("namespace: gone")
		_ = w.memory.Edit(standin.Namespaces.Resource, "", namespace, func(o *unstructured.Unstructured) { o.SetFinalizers(nil) })
	}
}

func (w *World) annotate(key, value string) {
	_ = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		annotations := o.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[key] = value
		o.SetAnnotations(annotations)
	})
}

func (w *World) crashes(uids []types.UID) {
	uid := uids[w.choose(len(uids))]
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		if pod.GetUID() == uid {
			w.note("pod %s: crashes", pod.GetName())
			w.endPod(pod, "Failed", "")
			return
		}
	}
}

func (w *World) deleteChild() {
	child := []struct {
		kind standin.Kind
		name string
	}{{standin.Claims, "topology-jar-" + name}, {standin.Jobs, "topology-jar-extract-" + name}, {standin.Jobs, "topology-submit-" + name}}[w.choose(3)]
	w.answered = rolledBack{}
	if w.object(child.kind, child.name) != nil {
		w.note("user: deletes %s", child.name)
		w.delete(child.kind, child.name)
	}
}

// endFairly stops disturbing: other owners and faults are gone, and time passes until
// nothing is left to wait for.
func (w *World) endFairly() {
	w.unfair = false
	w.endFaults()
	if t := w.othersTopology(); t != nil && (t.ID != w.adopted() || !slices.Contains(w.own(w.storm), t)) {
		delete(w.storm.topologies, stormName)
	}
	if w.othersAtGreen() != nil {
		delete(w.storm.topologies, greenName)
	}
	parent, cluster := w.parent(), w.object(standin.Clusters, "storm")
	if parent != nil && parent.GetAnnotations()[v1beta1.AnnotationPaused] == "true" {
		w.annotate(v1beta1.AnnotationPaused, "false")
	}
	switch {
	case cluster == nil && w.namespaceLives():
		w.applyCluster()
	case cluster == nil && parent != nil: // nor can it be applied again: the documented way out
		w.annotate(v1beta1.AnnotationAbandon, "true")
	case terminating(cluster) && parent != nil: // it is held until no StormTopology names it
		w.deleteParent()
	}
	w.check() // what was wanted last, before the object goes
	w.note("fair from here on")
	if w.faults.away {
		w.settle(longAway)
		w.note("main: the service that it needs is back")
		w.faults.away = false
	}
	w.settle(2 * time.Hour) // a JAR that was refused is sent again an hour later
	if w.retries() {
		w.settle(2 * time.Hour)
	}
	if w.violated == "" {
		w.checkEnd()
	}
	if w.violated == "" {
		w.checkStill()
	}
}

// rolledBackNow says whether the status tells of a rollback from the target, whose number of
// workers may have changed since.
func rolledBackNow(parent *unstructured.Unstructured) bool {
	revision := nested(parent, "status", "rollback", "revision")
	scaled, _, _ := unstructured.NestedBool(parent.Object, "status", "rollback", "scaled")
	return revision != "" && (scaled || revision == nested(parent, "status", "targetRevision"))
}

// retries: a revision that can run was rolled back, since Nimbus failed at it behind the
// JAR. Its object says so, and a person tries it again now that nothing is wrong.
func (w *World) retries() bool {
	parent := w.parent()
	if !w.fell || parent == nil || crashes(parent, "spec", "topology") || terminating(parent) || bad(parent) || w.violated != "" || !rolledBackNow(parent) {
		return false
	}
	if wrong := w.cameBack(parent, w.storm.inStorm()); wrong != "" {
		w.violate("Must 2: %s", wrong)
		return false
	}
	w.note("user: tries it again, with another restartNonce")
	w.set(int64(1), "spec", "restartNonce")
	return true
}

const (
	// longAway is longer than all attempts that follow soon.
	longAway = 5 * time.Minute
	// quietFor is longer than any wait but a backoff: workers are given two minutes to
	// restart with new settings, and a poll may be late by longestPoll.
	quietFor = 2*time.Minute + longestPoll
	// longestPoll is longer than any poll; what is due later waits for something.
	longestPoll = 45 * time.Second
)

// settle runs a fair world until nothing has been written for a while, or
// the time is up.
func (w *World) settle(most time.Duration) {
	end := w.now.Add(most)
	last := w.now // when something was last seen to happen
	for w.now.Before(end) && w.violated == "" && w.now.Sub(last) < quietFor {
		writes, counted := w.writes, len(w.ended)
		w.quiesce()
		w.check()
		if w.writes != writes || len(w.ended) != counted || !w.settled() || w.backsOff() {
			last = w.now
		}
		w.now = w.nextDue()
	}
	w.quiesce()
}

// settled says whether nothing is on its way.
func (w *World) settled() bool {
	if nested(w.parent(), "status", "nameConflict", "freeSince") != "" { // it waits for the name
		return false
	}
	if w.triesLater() || w.awaitsDeadline() {
		return false
	}
	for _, name := range bothNames {
		if t := w.storm.topologies[name]; t != nil && (t.Status == storm.Killed || t.Status == storm.Rebalancing) {
			return false
		}
	}
	return len(w.processes) == 0 && len(w.faults.late) == 0 && !terminating(w.parent())
}

// triesLater says whether an attempt follows that can succeed: of what is wanted, or of the
// way back.
func (w *World) triesLater() bool {
	parent := w.parent()
	phase := nested(parent, "status", "phase")
	goesBack := nested(parent, "status", "rollback", "revision") != "" && !neverRuns(parent, "status", "lastSpec", "topology")
	return parent != nil && (!bad(parent) || goesBack) && nested(parent, "status", "attempts", "nextAt") != "" &&
		(phase == string(v1beta1.PhaseFailed) || phase == string(v1beta1.PhaseUpdateFailed))
}

// backsOff says whether a controller waits for longer than a poll.
func (w *World) backsOff() bool {
	for _, c := range w.controllers {
		if at, waits := c.Queue().Due(); waits && at.Sub(w.now) > longestPoll {
			return true
		}
	}
	return false
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
	for _, l := range w.faults.late {
		sooner(l.at)
	}
	sooner(w.faults.returning.at)
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
		for _, job := range w.memory.List(standin.Jobs.Resource, namespace) {
			w.jobController(job)
		}
		for _, pod := range w.memory.List(pods.Resource, namespace) {
			w.kubelet(pod)
		}
		for _, uid := range w.ghosts() {
			w.haunt(uid)
		}
		for _, garbage := range w.memory.Garbage() {
			_ = w.memory.Collect(garbage)
			moved = true
		}
		if terminating(w.object(standin.Namespaces, namespace)) {
			w.namespaceController()
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
