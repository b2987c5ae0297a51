package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const namespace = "bench"

// world is a Kubernetes and a Storm in which everything takes the time that it
// took on the real cluster, and nothing goes wrong. Metacontroller's stand-in
// calls the hooks in it over their own bytes. Time is virtual.
type world struct {
	now         time.Time
	memory      *standin.Memory
	controllers []*standin.Controller
	agenda      []appointment
	storm       map[string]*storm.Topology
	started     map[string]time.Time // when a topology's workers were up, by id
	submissions int
	count       counts
	inHooks     time.Duration // processor time
	failed      error
}

// counts are what was done in a world.
type counts struct{ syncs, customizes, looks, calls, writes int }

func (c counts) since(before counts) counts {
	return counts{c.syncs - before.syncs, c.customizes - before.customizes, c.looks - before.looks,
		c.calls - before.calls, c.writes - before.writes}
}

type appointment struct {
	at time.Time
	do func()
}

func newWorld() (*world, error) {
	w := &world{now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), storm: map[string]*storm.Topology{}, started: map[string]time.Time{}}
	clock := func() time.Time { return w.now }
	w.memory = standin.NewMemory(clock, standin.Topologies, standin.Clusters, standin.Jobs, standin.Pods, standin.Claims, standin.Namespaces)
	for _, name := range []string{"kube-system", namespace} {
		w.create(standin.Namespaces, "v1", "Namespace", name, nil)
	}
	w.create(standin.Clusters, "storm.apache.org/v1beta1", "StormCluster", "storm", map[string]any{
		"image": "storm:1", "nimbus": map[string]any{"seeds": []any{"nimbus.elsewhere.svc"}},
	})
	tap := &standin.Tap{Store: w.memory, After: w.wrote}
	for _, file := range []string{"manifests/install/stormtopology-controller.yaml", "manifests/install/stormcluster-controller.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		loaded, err := standin.Load(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		controller, err := standin.New(loaded[0], tap, standin.HookFunc(w.hook), standin.Options{Now: clock})
		if err != nil {
			return nil, err
		}
		controller.Start()
		w.controllers = append(w.controllers, controller)
	}
	return w, w.run(time.Minute) // the StormCluster comes to rest
}

func (w *world) create(kind standin.Kind, apiVersion, name, called string, spec map[string]any) {
	object := map[string]any{"apiVersion": apiVersion, "kind": name, "metadata": map[string]any{"name": called}}
	if kind.Namespaced {
		object["metadata"].(map[string]any)["namespace"] = namespace
	}
	if spec != nil {
		object["spec"] = spec
	}
	if _, err := w.memory.Create(context.Background(), kind.Resource, &unstructured.Unstructured{Object: object}); err != nil {
		w.failed = err
	}
}

func (w *world) apply(name string) {
	w.create(standin.Topologies, "storm.apache.org/v1beta1", "StormTopology", name, map[string]any{
		"clusterRef": "storm", "killWaitSeconds": int64(10),
		"topology": map[string]any{
			"mainClass": "main.A", "jar": map[string]any{"container": map[string]any{"image": "jar:1", "path": "/a.jar"}},
			"config": map[string]any{"topology.workers": int64(2)},
		},
	})
}

// edit changes a spec.
func (w *world) edit(name string, value any, path ...string) {
	w.failed = w.memory.Edit(standin.Topologies.Resource, namespace, name, func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, value, path...)
	})
}

// run runs the world for a time.
func (w *world) run(span time.Duration) error {
	return w.until(w.now.Add(span), func() bool { return false })
}

// until runs the world until something is so.
func (w *world) until(end time.Time, so func() bool) error {
	for w.failed == nil {
		if _, err := standin.Settle(context.Background(), w.memory, w.controllers, 100_000); err != nil {
			return err
		}
		next, any := w.next()
		if so() || !any || next.After(end) {
			break
		}
		w.now = next
		for len(w.agenda) > 0 && !w.agenda[0].at.After(w.now) {
			do := w.agenda[0].do
			w.agenda = w.agenda[1:]
			do()
		}
	}
	if w.failed == nil && !so() {
		w.now = end
	}
	return w.failed
}

// next is when something is due.
func (w *world) next() (time.Time, bool) {
	var next time.Time
	if len(w.agenda) > 0 {
		next = w.agenda[0].at
	}
	for _, c := range w.controllers {
		if due, any := c.Queue().Due(); any && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	return next, !next.IsZero()
}

func (w *world) after(wait time.Duration, do func()) {
	w.agenda = append(w.agenda, appointment{w.now.Add(wait), do})
	slices.SortStableFunc(w.agenda, func(a, b appointment) int { return a.at.Compare(b.at) })
}

// wrote counts Metacontroller's writes, and sets a new Job to work.
func (w *world) wrote(op standin.Op, err error) error {
	if op.Verb != "get" {
		w.count.writes++
	}
	if op.Verb == "create" && op.Resource.Kind == "Job" && err == nil {
		w.after(100*time.Millisecond, func() { w.runJob(op.Name) })
	}
	return err
}

func (w *world) hook(_ context.Context, call standin.HookRequest) (standin.HookResponse, error) {
	began := figures.CPU()
	defer func() { w.inHooks += figures.CPU() - began }()
	request, err := metacontroller.Decode(call.Body)
	if err != nil {
		return standin.HookResponse{}, err
	}
	var body []byte
	ofCluster := strings.Contains(call.URL, "/cluster/")
	switch {
	case call.Hook == standin.Customize && ofCluster:
		body, err = answered(cluster.Customize(request))
	case call.Hook == standin.Customize:
		w.count.customizes++
		body, err = answered(topology.Customize(request))
	case ofCluster:
		var result cluster.Result
		if result, err = cluster.Sync(request, edge{w}, w.now); err == nil {
			body, err = metacontroller.Encode(result.Response)
		}
	default:
		w.count.syncs++
		var result topology.Result
		if result, err = topology.Sync(request, topology.Config{HelperImage: "helper:1"}, edge{w}, w.now); err == nil {
			body, err = metacontroller.Encode(result.Response)
		}
	}
	if err != nil {
		w.failed = err
	}
	return standin.HookResponse{Code: 200, Body: body}, err
}

func answered(response metacontroller.CustomizeResponse, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return metacontroller.EncodeCustomize(response)
}

func (w *world) ready(name string) bool {
	object, err := w.memory.Get(context.Background(), standin.Topologies.Resource, namespace, name)
	if err != nil {
		return false
	}
	generation, _, _ := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return generation == object.GetGeneration() && slices.ContainsFunc(conditions, func(c any) bool {
		condition, _ := c.(map[string]any)
		return condition["type"] == "Ready" && condition["status"] == "True"
	})
}

// submissionOf reads what a submitting pod was made for, as the helper does.
func submissionOf(args []string) (submission storm.Submission, err error) {
	var text strings.Builder
	for _, arg := range args {
		if chunk, found := strings.CutPrefix(arg, "--submission="); found {
			text.WriteString(strings.ReplaceAll(chunk, "$$", "$"))
		}
	}
	err = json.Unmarshal([]byte(text.String()), &submission)
	return submission, err
}
