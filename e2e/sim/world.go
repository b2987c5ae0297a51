package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	namespace = "ns"
	name      = "topo"
	stormName = "topo-in-storm"
	badClass  = "main.Fails"
)

// World is one simulated Kubernetes with one Storm.
type World struct {
	now         time.Time
	choose      func(label string, n int) int // 0..n-1
	memory      *standin.Memory
	manifests   []*standin.CompositeController
	controllers []*standin.Controller
	storm       *Storm

	processes  map[types.UID]*process
	ended      map[types.UID]bool
	podMade    map[types.UID]bool
	podCounter int

	unfair   bool // answers may be lost, caches may lag
	policy   string
	held     bool // the StormTopology had its finalizer when it was last seen
	orphaned bool // our topology was left in Storm on purpose
	timeline []string
	violated string
	writes   int
	syncs    int
	rules    map[string]int
	steps    map[storm.Do]int
}

// NewWorld begins with a StormCluster and no StormTopology. manifests is the
// text of the shipped CompositeControllers.
func NewWorld(manifests []*standin.CompositeController, choose func(string, int) int) *World {
	w := &World{
		now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), choose: choose, manifests: manifests,
		processes: map[types.UID]*process{}, ended: map[types.UID]bool{}, podMade: map[types.UID]bool{},
		rules: map[string]int{}, steps: map[storm.Do]int{},
	}
	w.storm = newStorm(func() time.Time { return w.now })
	w.memory = standin.NewMemory(func() time.Time { return w.now }, watched...)
	for _, ns := range []string{"kube-system", namespace} {
		w.create(namespaces, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": ns}})
	}
	w.create(clusters, map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormCluster",
		"metadata": map[string]any{"name": "storm", "namespace": namespace},
		"spec":     map[string]any{"image": "storm:1", "nimbus": map[string]any{"seeds": []any{"nimbus.elsewhere.svc"}}},
	})
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
	tap := &standin.Tap{Store: w.memory, After: func(op standin.Op, err error) error {
		if op.Verb != "get" {
			w.writes++
			w.note("metacontroller: %s %s %s %s", op.Verb, op.Resource.Resource, op.Name, short(err))
		}
		if op.Verb == "create" && op.Resource.Kind == "Job" && err == nil && w.lost(20) {
			return errors.New("the answer to the POST was lost")
		}
		return err
	}}
	for _, manifest := range w.manifests {
		c, err := standin.New(manifest, tap, standin.HookFunc(w.hook), standin.Options{Now: func() time.Time { return w.now }})
		if err != nil {
			panic(err)
		}
		c.Start()
		w.controllers = append(w.controllers, c)
	}
}

// hook is the hook server: the product's own code, on the wire's own bytes.
func (w *World) hook(_ context.Context, request standin.HookRequest) (standin.HookResponse, error) {
	body, err := w.answer(request)
	if err != nil {
		w.violate("the hook failed on %s: %v", request.URL, err)
		return standin.HookResponse{}, err
	}
	if w.lost(30) {
		w.note("hook %s: its answer is lost", request.Hook)
		return standin.HookResponse{}, errors.New("connection reset")
	}
	return standin.HookResponse{Code: 200, Body: body}, nil
}

func (w *World) answer(call standin.HookRequest) ([]byte, error) {
	request, err := metacontroller.Decode(call.Body)
	if err != nil {
		return nil, err
	}
	ofCluster := strings.Contains(call.URL, "/cluster/")
	if call.Hook == standin.Customize {
		customize := topology.Customize
		if ofCluster {
			customize = cluster.Customize
		}
		response, err := customize(request)
		if err != nil {
			return nil, err
		}
		return metacontroller.EncodeCustomize(response)
	}
	w.syncs++
	if ofCluster {
		result, err := cluster.Sync(request, clusterEdge{w}, w.now)
		if err != nil {
			return nil, err
		}
		return metacontroller.Encode(result.Response)
	}
	result, err := topology.Sync(request, topology.Config{HelperImage: "helper:1"}, topologyEdge{w}, w.now)
	if err != nil {
		return nil, err
	}
	w.rules[result.Decision.Rule]++
	w.note("%s: rule %q, %s: %s (finalized %v, again in %s)", call.Hook, result.Decision.Rule, result.Status.Phase,
		result.Status.Message, result.Response.Finalized, result.Response.ResyncAfter)
	return metacontroller.Encode(result.Response)
}

type topologyEdge struct{ w *World }

func (e topologyEdge) Look(q topology.Question, fresh bool) storm.View {
	return e.w.storm.Look(q.Name, q.ID, fresh)
}

func (e topologyEdge) Act(_ topology.Question, call storm.Call) storm.Outcome {
	outcome := storm.Outcome{Call: call}
	var err error
	switch call.Verb {
	case storm.Kill:
		err = e.w.hookKills(call)
	case storm.Activate, storm.Deactivate, storm.Rebalance:
		err = e.w.hookChanges(call)
	default:
		e.w.violate("the hook makes a call that is not modelled: %s", call.Verb)
	}
	if err != nil {
		outcome.Problem = err.Error()
	}
	return outcome
}

type clusterEdge struct{ w *World }

func (e clusterEdge) Cluster([]string, int32) storm.ClusterView {
	if e.w.storm.Down {
		return storm.ClusterView{Problem: "Storm cannot be reached at nimbus:6627."}
	}
	return storm.ClusterView{Identity: stormIdentity, Version: "2.8.1", Leader: "nimbus-0:6627", Supervisors: 1, SlotsTotal: 4}
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

// lost chooses, one time in n, that something goes wrong; never in a fair world.
func (w *World) lost(n int) bool { return w.unfair && w.choose("lost", n) == 1 }

func (w *World) reached(answer storm.Answer) storm.Answer {
	if w.storm.Down {
		return storm.Unsent
	}
	return answer
}

func (w *World) maybeLost(answer storm.Answer) storm.Answer {
	if w.lost(6) {
		return storm.Lost
	}
	return answer
}

func (w *World) parent() *unstructured.Unstructured {
	object, err := w.memory.Get(context.Background(), topologies.Resource, namespace, name)
	if err != nil {
		return nil
	}
	return object
}

func (w *World) note(format string, args ...any) {
	w.timeline = append(w.timeline, fmt.Sprintf("%8s  ", w.now.Sub(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)))+fmt.Sprintf(format, args...))
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
