package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	namespace = "ns"
	name      = "topo"
	stormName = "topo-in-storm"
)

// begin is when each world begins.
var begin = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// World is one simulated Kubernetes with one Storm.
type World struct {
	now         time.Time
	dice        *rand.PCG
	config      topology.Config
	typed       *typed
	wire        bool // requests and answers go through their bytes
	memory      *standin.Memory
	manifests   []*standin.CompositeController
	controllers []*standin.Controller
	lag         map[standin.Resource]time.Duration
	storm       *Storm    // that the StormCluster's seeds lead to
	storms      [2]*Storm // the StormCluster's, and another one
	faults      faults
	servers     [2]*server
	serving     int // which of them Metacontroller reaches

	processes  map[types.UID]*process
	ended      map[types.UID]bool
	podMade    map[types.UID]string // by Job: each creates one
	podCounter int

	losesNext int  // the answer that is lost next, counted from 1; 0 leaves it to chance
	unfair    bool // answers may be lost, caches may lag
	policy    string
	judges    bool              // its object has a deadline
	green     bool              // its object has strategy BlueGreen
	undrained bool              // and spec.update.drainSeconds 0
	ranWell   types.UID         // the object whose revision was Ready and does not crash
	fell      bool              // a pod killed what ran, and Nimbus failed at its successor; or main failed for a while
	rolled    rolledBack        // what the status said last of a revision that was rolled back
	answered  rolledBack        // what an answer of the hook said last of one
	said      rolledBack        // what the answer says that is on its way
	held      bool              // the StormTopology had its finalizer when it was last seen
	leaves    bool              // the last answer removes the finalizer, and Storm has a topology of it
	uploads   uploads           // that pods have made
	keys      int               // of dependencies, so far
	killedAt  int               // the Storm's counter when a pod killed the topology
	tells     bool              // its status told that something had been submitted
	left      map[string]bool   // ids that were left in Storm on purpose
	last      storm.Do          // of a handover, by any pod
	route     map[string]*Storm // by seed, in a world of many clusters
	reads     int
	nimbus    int // calls, in a world of many clusters
	recording bool
	timeline  []string
	violated  string
	writes    int
	syncs     int
	seen      *coverage
}

// NewWorld begins with a StormCluster and no StormTopology. manifests are the
// shipped CompositeControllers.
func NewWorld(manifests []*standin.CompositeController) *World {
	w := &World{
		now: begin, dice: rand.NewPCG(0, 0), config: topology.Config{HelperImage: "helper:1"}, typed: newTyped(), manifests: manifests,
		processes: map[types.UID]*process{}, ended: map[types.UID]bool{}, podMade: map[types.UID]string{},
		left: map[string]bool{}, lag: map[standin.Resource]time.Duration{}, seen: newCoverage(), faults: faults{nodes: map[types.UID]*lostNode{}, ghosts: map[types.UID]*unstructured.Unstructured{}, lies: map[types.UID]string{}},
	}
	for i := range w.storms {
		w.storms[i] = newStorm(func() time.Time { return w.now })
	}
	w.storm = w.storms[0]
	w.servers = [2]*server{newServer(), newServer()}
	w.memory = standin.NewMemory(func() time.Time { return w.now }, watched...)
	for _, ns := range []string{"kube-system", namespace} {
		w.create(standin.Namespaces, map[string]any{"apiVersion": "v1", "kind": "Namespace",
			"metadata": map[string]any{"name": ns, "finalizers": []any{"kubernetes"}}})
	}
	w.applyCluster()
	w.startControllers()
	return w
}

func (w *World) create(kind standin.Kind, object map[string]any) {
	if _, err := w.memory.Create(context.Background(), kind.Resource, &unstructured.Unstructured{Object: object}); err != nil {
		panic(err)
	}
}

// startControllers is Metacontroller's start: empty queues, caches as they are.
func (w *World) startControllers() {
	w.controllers = nil
	for _, manifest := range w.manifests {
		c, err := standin.New(manifest, w.tap(), w.hooks(), w.options())
		if err != nil {
			panic(err)
		}
		c.Start()
		w.controllers = append(w.controllers, c)
	}
}

func (w *World) options() standin.Options {
	return standin.Options{Now: func() time.Time { return w.now }, Direct: w.direct}
}

func (w *World) hooks() standin.Hooks { return standin.HookFunc(w.hook) }

// tap stands between Metacontroller and the API server: it counts what is written,
// and loses answers.
func (w *World) tap() standin.Store {
	return &standin.Tap{Store: w.memory, Before: w.writeLost, After: func(op standin.Op, err error) error {
		if op.Verb == "get" {
			w.reads++
		} else {
			w.writes++
			if w.recording {
				w.note("metacontroller: %s %s %s %s", op.Verb, op.Resource.Resource, op.Name, short(err))
			}
		}
		if op.Verb == "create" && op.Resource.Kind == "Job" && err == nil && w.lost(20) {
			return errors.New("the answer to the POST was lost")
		}
		return err
	}}
}

// advance moves one cache by one event and tells the controllers.
func (w *World) advance(r standin.Resource) {
	event, moved := w.memory.Advance(r)
	if !moved {
		return
	}
	for _, c := range w.controllers {
		c.Handle(context.Background(), event)
	}
}

// choose picks one of 0..n-1.
func (w *World) choose(n int) int { return int(w.dice.Uint64() % uint64(n)) }

// lost chooses, one time in n, that something goes wrong; never in a fair world.
func (w *World) lost(n int) bool {
	if w.losesNext > 0 { // the search says which
		w.losesNext--
		return w.losesNext == 0
	}
	return w.unfair && w.choose(n) == 1
}

func (w *World) parent() *unstructured.Unstructured { return w.object(standin.Topologies, name) }

func (w *World) object(kind standin.Kind, name string) *unstructured.Unstructured {
	in := namespace
	if !kind.Namespaced {
		in = ""
	}
	object, err := w.memory.Get(context.Background(), kind.Resource, in, name)
	if err != nil {
		return nil
	}
	return object
}

// terminating says whether an object is being deleted.
func terminating(object *unstructured.Unstructured) bool {
	return object != nil && object.GetDeletionTimestamp() != nil
}

// note writes the timeline of a world that is recorded.
func (w *World) note(format string, args ...any) {
	if w.recording {
		w.timeline = append(w.timeline, fmt.Sprintf("%8s  ", w.now.Sub(begin))+fmt.Sprintf(format, args...))
	}
}

func short(err error) string {
	if err == nil {
		return ""
	}
	return "(" + err.Error() + ")"
}

// LoadManifests reads the CompositeControllers that the project ships.
func LoadManifests(files ...string) ([]*standin.CompositeController, error) {
	var all []*standin.CompositeController
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		loaded, err := standin.Load(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, loaded...)
	}
	return all, nil
}
