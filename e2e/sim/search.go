package sim

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Search tries every order of a small world's moves, to a depth. States that are
// the same are gone on from once; the orders that lead through them are counted.
type Search struct {
	// Disturbances is how many of a path's moves may be a person's or a fault.
	Disturbances int
	// Ends: from each state a fair ending must reach the fixed point, too.
	Ends bool
	// Stop bounds the states, 0 does not.
	Stop int

	hashes map[*unstructured.Unstructured]uint64
	nodes  map[uint64]*node
}

// node is a state, and the states that its moves lead to.
type node struct {
	searched int // how deep the orders from here have been tried
	next     []uint64
}

// Found is what a search came by.
type Found struct {
	Depth, States, Ended int
	Orders               float64 // they are many: 53 bits of it are right
	Violation            *Violation
}

// From searches the orders of depth moves from a world on.
func (s *Search) From(w *World, depth int) Found {
	s.hashes, s.nodes = map[*unstructured.Unstructured]uint64{}, map[uint64]*node{}
	found := Found{Depth: depth}
	root := s.walk(w, depth, s.Disturbances, nil, &found)
	found.States = len(s.nodes)
	found.Orders = s.orders(root, depth, map[[2]uint64]float64{})
	return found
}

func (s *Search) walk(w *World, depth, left int, path []string, found *Found) uint64 {
	key := s.hash(w, left)
	n := s.nodes[key]
	if n == nil {
		n = &node{searched: -1}
		s.nodes[key] = n
		if s.Ends && found.Violation == nil {
			end := w.clone()
			end.endFairly()
			found.Ended++
			s.judge(end, path, found)
		}
	}
	if n.searched >= depth || found.Violation != nil || s.Stop > 0 && len(s.nodes) > s.Stop {
		return key
	}
	n.searched, n.next = depth, nil
	if depth == 0 {
		return key
	}
	for _, m := range w.orderable(left > 0) {
		next := w.clone()
		for _, again := range next.orderable(left > 0) { // the same move, of the clone
			if again.name == m.name {
				again.do()
				break
			}
		}
		next.losesNext = 0
		next.check()
		to := append(slices.Clone(path), m.name)
		if next.violated != "" {
			s.judge(next, to, found)
			return key
		}
		rest := left - m.weight
		n.next = append(n.next, s.walk(next, depth-1, rest, to, found))
	}
	return key
}

func (s *Search) judge(w *World, path []string, found *Found) {
	if w.violated != "" && found.Violation == nil {
		found.Violation = &Violation{What: w.violated, Timeline: append(slices.Clone(path), w.timeline...)}
	}
}

// orders counts the paths of a length.
func (s *Search) orders(at uint64, depth int, known map[[2]uint64]float64) float64 {
	n := s.nodes[at]
	if depth == 0 || len(n.next) == 0 {
		return 1
	}
	key := [2]uint64{at, uint64(depth)}
	if count, found := known[key]; found {
		return count
	}
	var count float64
	for _, next := range n.next {
		count += s.orders(next, depth-1, known)
	}
	known[key] = count
	return count
}

// orderable are the moves of a small world. Each always does the same.
// The weight of a disturbance is 1, of all else 0.
func (w *World) orderable(disturbed bool) []move {
	var moves []move
	add := func(weight int, name string, do func()) {
		moves = append(moves, move{name: name, weight: weight, do: do})
	}
	for _, r := range w.memory.Behind() {
		add(0, "the cache of "+r.Resource+" moves", func() { w.advance(r) })
	}
	for _, i := range w.ready() {
		c := w.controllers[i]
		add(0, c.Name()+" syncs", func() { c.Step(context.Background()) })
		if disturbed {
			add(1, c.Name()+" syncs, and the hook's answer is lost", func() { w.losesNext = 1; c.Step(context.Background()) })
			add(1, c.Name()+" syncs, and the answer to a POST is lost", func() { w.losesNext = 2; c.Step(context.Background()) })
		}
	}
	for _, job := range w.memory.List(standin.Jobs.Resource, namespace) {
		if !conditionOf(job, "Complete") && !conditionOf(job, "Failed") {
			add(0, "the Job controller sees "+job.GetName(), func() { w.jobController(job) })
		}
	}
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		w.orderablePod(pod, disturbed, add)
	}
	if garbage := w.memory.Garbage(); len(garbage) > 0 {
		add(0, "the garbage collector", func() { _ = w.memory.Collect(garbage[0]) })
	}
	add(0, "12 s pass", func() { w.passes(12 * time.Second) })
	if disturbed {
		w.orderableDisturbances(add)
	}
	return moves
}

func (w *World) orderablePod(pod *unstructured.Unstructured, disturbed bool, add func(int, string, func())) {
	phase, p := nested(pod, "status", "phase"), w.processes[pod.GetUID()]
	if (phase == "Succeeded" || phase == "Failed") && !terminating(pod) || p != nil && w.now.Before(p.next) && !terminating(pod) {
		return
	}
	add(0, "the kubelet sees "+pod.GetName(), func() { w.kubelet(pod) })
	if disturbed && p != nil {
		add(1, "the kubelet sees "+pod.GetName()+", and Storm's answer is lost", func() { w.losesNext = 1; w.kubelet(pod) })
		add(1, pod.GetName()+" crashes", func() { w.endPod(pod, "Failed", "") })
	}
}

func (w *World) orderableDisturbances(add func(int, string, func())) {
	if parent := w.parent(); parent != nil && !terminating(parent) {
		add(1, "the topology is deleted", w.deleteParent)
		add(1, "the spec wants main.D", func() { w.set("main.D", "spec", "topology", "mainClass") })
		add(1, "it is suspended", func() { w.set(true, "spec", "suspend") })
	}
	if t := w.storm.inStorm(); t != nil && t.Status != storm.Killed {
		add(1, "it is killed by hand", func() { _, _ = w.storm.Kill(t.Name, new(int32(1))) })
	}
	add(1, "Metacontroller restarts", w.startControllers)
	add(1, "another hook server answers", func() { w.serving = 1 - w.serving })
}

// hash is a state's. Versions of objects are left out: they count writes, and two
// orders of the same writes are the same state.
func (s *Search) hash(w *World, left int) uint64 {
	h := fnv.New64a()
	put := func(values ...any) { fmt.Fprintln(h, values...) }
	put(w.now.Unix(), left, w.policy, w.held, w.leaves, w.tells, w.left, w.violated)
	for _, kind := range watched {
		for _, object := range w.memory.List(kind.Resource, "") {
			put(s.content(object))
		}
		put("cached")
		for _, object := range w.memory.Cache(kind.Resource).List("") {
			put(s.content(object))
		}
		for _, event := range w.memory.Undelivered(kind.Resource) {
			put("event", s.content(event.Old), s.content(event.New))
		}
	}
	for _, c := range w.controllers {
		put(c.Queue().Ready(), c.Queue().Waiting(), c.Queue().Failures(owner))
	}
	for _, pod := range w.memory.List(pods.Resource, "") {
		if p := w.processes[pod.GetUID()]; p != nil {
			put(pod.GetName(), p.seen, p.next.Unix(), p.killUntil.Unix(), p.seen.View.Topology)
		}
	}
	for _, st := range w.storms {
		put(st.Down, len(st.topologies))
		for _, name := range bothNames {
			if t := st.topologies[name]; t != nil {
				put(fmt.Sprintf("%+v", *t))
			}
		}
	}
	put(w.serving, w.clock().Unix(), w.serverKeeps())
	put(len(w.faults.late), len(w.ended), len(w.podMade))
	return h.Sum64()
}

// content is the hash of one version of an object.
func (s *Search) content(object *unstructured.Unstructured) uint64 {
	if object == nil {
		return 0
	}
	if known, found := s.hashes[object]; found {
		return known
	}
	bare := object.DeepCopy()
	bare.SetResourceVersion("")
	text, err := utiljson.Marshal(bare.Object)
	if err != nil {
		panic(err)
	}
	h := fnv.New64a()
	h.Write(text)
	s.hashes[object] = h.Sum64()
	return s.hashes[object]
}

// Roots are the worlds that small searches begin with.
func Roots(manifests []*standin.CompositeController) map[string]*World {
	roots := map[string]*World{}
	judges := false
	begin := func(name string, until func(w *World) bool, then func(w *World)) {
		w := NewWorld(manifests)
		w.recording, w.judges = true, judges
		w.applies("Kill", "copy", "Auto")
		w.runUntil(until)
		then(w)
		w.check()
		w.recording, w.timeline = false, append(w.timeline, "from here on, in this order:")
		roots[name] = w
	}
	submitting := func(do storm.Do) func(w *World) bool {
		return func(w *World) bool { return w.last == do }
	}
	running := func(w *World) bool { return nested(w.parent(), "status", "phase") == "Running" }
	nothing := func(*World) {}
	begin("a topology is applied", func(*World) bool { return true }, nothing)
	begin("its JAR has been uploaded", submitting(storm.DoUpload), nothing)
	begin("it has just been submitted", submitting(storm.DoSubmit), nothing)
	begin("it runs, and another class is wanted", running, func(w *World) { w.set("main.B", "spec", "topology", "mainClass") })
	begin("it runs, and is deleted", running, (*World).deleteParent)
	begin("its update is about to kill", running, func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.runUntil(submitting(storm.DoProbe))
	})
	begin("its update has killed", running, func(w *World) {
		w.set("main.B", "spec", "topology", "mainClass")
		w.runUntil(submitting(storm.DoKill))
	})
	judges = true
	begin("the deadline of what crashes is nearly over", running, func(w *World) {
		for !w.hasProgressed() {
			w.settle(10 * time.Second)
		}
		w.set(crashClass, "spec", "topology", "mainClass")
		for !w.crashRuns() {
			w.settle(10 * time.Second)
		}
		w.now = w.now.Add((deadline - 5) * time.Second)
	})
	return roots
}

// runUntil runs a fair world, a move at a time, until something is so.
func (w *World) runUntil(until func(w *World) bool) {
	for range 10_000 {
		for _, m := range w.orderable(false) {
			if until(w) {
				return
			}
			if m.name != "12 s pass" {
				m.do()
			}
		}
		if moves := w.orderable(false); len(moves) == 1 || math.Mod(float64(w.syncs), 7) == 0 {
			w.now = w.now.Add(time.Second)
		}
	}
	panic("a fair world does not come to where a search begins")
}
